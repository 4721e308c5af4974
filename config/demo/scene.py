"""What the demo works on: its institutions, its people, its dates and its generated portfolio."""

import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime, time, timedelta
from functools import cached_property
from pathlib import Path
from uuid import UUID

import polars as pl
from django_tenants.utils import schema_context, tenant_context

from config.demo import cast
from origination.generator.later import Later, draw_later
from origination.generator.portfolio import Portfolio, generate
from origination.generator.spec import PortfolioSpec, month_start, portfolio_of
from tenants.models import Tenant, User

DEFAULT_LEASES = 50_000
#: Months of future drawn beyond the end of history: what the pulse lets arrive, a day at a time.
#: What follows them is drawn when the calendar comes near (`Scene.later`).
FUTURE_MONTHS = 6
#: Days before the end of what is drawn, from which on the rest is drawn.
_AHEAD = timedelta(days=10)
_FRAMES = tuple(field.name for field in fields(Portfolio))
_LATER = tuple(field.name for field in fields(Later))


@dataclass(frozen=True)
class Scene:
    """Everything a step needs. `folder` holds files that the demo wrote (under `var/demo`);
    `parallel` says that a second process plays beside this one."""

    leases: int
    folder: Path
    parallel: bool = False

    @cached_property
    def spec(self) -> PortfolioSpec:
        return portfolio_of(self.leases, future_months=FUTURE_MONTHS)

    @property
    def as_of(self) -> date:
        """The day the story is at when it is first shown: the last day of history."""
        return self.spec.as_of

    def moment(self, *, days: int = 0, hour: int = 1, minute: int = 0) -> datetime:
        """A morning of the simulated calendar: `days` after the end of history, UTC."""
        morning = datetime.combine(self.as_of + timedelta(days=1 + days), time(hour, minute), UTC)
        return morning

    @cached_property
    def portfolio(self) -> Portfolio:
        """The generated portfolio, from its files where it was drawn before."""
        home = self.folder / f"portfolio-{self.spec.seed}-{self.leases}"
        if not home.exists():
            _store(generate(self.spec), home)
        frames = {name: pl.read_parquet(home / f"{name}.parquet") for name in _FRAMES}
        return Portfolio(**frames)

    @cached_property
    def later(self) -> Later:
        """What follows the drawn months, to the end of every lease; kept in files, too."""
        home = self.folder / f"portfolio-{self.spec.seed}-{self.leases}-later"
        if not home.exists():
            _store(draw_later(self.spec), home)
        return Later(**{name: pl.read_parquet(home / f"{name}.parquet") for name in _LATER})

    def arriving(self, until: datetime) -> pl.DataFrame:
        """The bank lines after the end of history, at least those that are known by an instant."""
        if until.date() < self._drawn_until - _AHEAD:
            return self.portfolio.upcoming
        return pl.concat([self.portfolio.upcoming, self.later.upcoming])

    def truth(self, day: date) -> pl.DataFrame:
        """What the simulation knows of every lease, at least up to a day."""
        known = self.portfolio.truth
        if day < self._drawn_until - _AHEAD:
            return known
        ends = self.later.ends
        return known.drop(ends.columns[1:]).join(ends, on="lease_row")

    @property
    def _drawn_until(self) -> date:
        """The first day after the drawn months."""
        return month_start(self.spec.first_month, self.spec.simulated_months)

    def tenant(self, schema: str) -> Tenant:
        with schema_context("public"):
            return Tenant.objects.get(schema_name=schema)

    @contextmanager
    def inside(self, schema: str) -> Iterator[Tenant]:
        """Work as one institution."""
        tenant = self.tenant(schema)
        with tenant_context(tenant):
            yield tenant

    def person(self, name: str, institution: str) -> UUID:
        """The id of one of the cast."""
        with schema_context("public"):
            email = cast.address(name, institution)
            return User.objects.values_list("pk", flat=True).get(email=email)

    def of_lessor(self, schema: str, frame: pl.DataFrame) -> pl.DataFrame:
        """The rows of a frame that belong to one lessor's leases."""
        mine = self.portfolio.leases.filter(pl.col("lessor") == schema.upper())
        return frame.join(mine.select("lease_row"), on="lease_row", how="semi")


def _store(drawn: Portfolio | Later, home: Path) -> None:
    """Write every frame, and let the folder appear only when it is whole."""
    draft = home.with_name(home.name + ".partial")
    shutil.rmtree(draft, ignore_errors=True)
    draft.mkdir(parents=True)
    for name in (field.name for field in fields(drawn)):
        getattr(drawn, name).write_parquet(draft / f"{name}.parquet")
    draft.rename(home)
