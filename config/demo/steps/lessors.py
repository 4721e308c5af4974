"""The lessors' side: keys, the tape, bank lines, what registers and trackers said, the grant."""

import io
from collections.abc import Callable
from functools import partial

import polars as pl
from django.db import transaction

from config.demo.cast import INSTITUTIONS, LESSORS
from config.demo.scene import Scene
from config.demo.stage import MAIN, PART, SIDE, Facts, Step, is_done, mark
from config.demo.steps.desk import fill_the_desk
from config.demo.steps.lives import live_on
from config.demo.steps.rids import with_rids
from config.demo.steps.vehicle_papers import note_papers
from ledger.services import ensure_back_office_key, open_log
from origination.generator.frames import LEASE_FIELDS
from origination.services.payments import record_payments
from origination.services.registers import (
    record_price_observations,
    record_registry_search,
    record_telematics,
)
from origination.services.sharing import grant_access
from origination.services.tapes import import_tape
from tenants.problems import Refused


def draw_portfolio(scene: Scene) -> Facts:
    """Generate the portfolio, or find it where it was generated before."""
    portfolio = scene.portfolio
    return {"leases": len(portfolio.leases), "bank_lines": len(portfolio.payments)}


def open_books(scene: Scene) -> Facts:
    """A ledger for every institution, and a back-office key for those who sign tapes."""
    for schema in INSTITUTIONS:
        with scene.inside(schema):
            open_log(at=scene.moment())
            if schema in LESSORS:
                holder = scene.person("backoffice", schema)
                ensure_back_office_key(at=scene.moment(), holder_id=holder)
    return {"ledgers": len(INSTITUTIONS)}


def bring_tape(scene: Scene, schema: str) -> Facts:
    """The lessor's portfolio as the file that it would hand over, imported as such."""
    leases = scene.portfolio.leases.filter(pl.col("lessor") == schema.upper())
    buffer = io.BytesIO()
    leases.select(LEASE_FIELDS).write_csv(buffer)
    file_name = f"{schema}-{scene.as_of}.csv"
    (scene.folder / f"tape-{schema}.csv").write_bytes(buffer.getvalue())
    with scene.inside(schema):
        report = import_tape(
            content=buffer.getvalue(),
            file_name=file_name,
            by=scene.person("backoffice", schema),
            at=scene.moment(minute=1),
        )
    if report.refused_rows:
        raise Refused(
            code="demo.tape",
            detail="%(count)s rows of the generated tape were refused, first %(first)s.",
            params={"count": len(report.refused_rows), "first": str(report.counts()[0])},
        )
    return {"leases": report.taken}


def book_payments(scene: Scene, schema: str) -> Facts:
    """Every bank line of the past, a batch a month, in the order in which they became known.

    Each month is a transaction with its mark, so that the ferry beside can carry it over at once.
    """
    lines = with_rids(scene, schema, scene.of_lessor(schema, scene.portfolio.payments))
    months = _months(lines)
    with scene.inside(schema):
        for month in months:
            key = f"payments-{schema}{PART}{month['known_at'][0]:%Y-%m}"
            if not is_done(key):
                with transaction.atomic():
                    record_payments(events=month, at=scene.moment(minute=2))
                    mark(key, {"bank_lines": len(month)})
    return {"bank_lines": len(lines), "batches": len(months)}


def look_outside(scene: Scene, schema: str) -> Facts:
    """Registers outside the platform, prices of vehicles, and the trackers' last weeks."""
    portfolio = scene.portfolio
    parts: list[tuple[str, Callable[..., object], str, pl.DataFrame]] = [
        ("searches", record_registry_search, "findings", portfolio.searches),
        ("prices", record_price_observations, "observations", portfolio.prices),
        ("tracker_days", record_telematics, "items", daily_items(portfolio.telematics)),
    ]
    facts: Facts = {}
    with scene.inside(schema):
        for name, record, argument, frame in parts:
            mine = with_rids(scene, schema, scene.of_lessor(schema, frame))
            if len(mine):
                record(**{argument: mine}, at=scene.moment(minute=3))
            facts[name] = len(mine)
    return facts


def let_the_trust_read(scene: Scene) -> Facts:
    """Each lessor grants the trust access to its leases."""
    for schema in LESSORS:
        trust = scene.tenant("trust")
        with scene.inside(schema):
            by = scene.person("manager", schema)
            grant_access(to_tenant=trust, by=by, at=scene.moment(minute=4))
    return {"grants": len(LESSORS)}


def daily_items(telematics: pl.DataFrame) -> pl.DataFrame:
    """Trackers' daily aggregates as items of a batch (docs/entries.md)."""
    return telematics.with_columns(
        pl.lit("daily").alias("kind"),
        pl.col("last_seen_at").dt.strftime("%Y-%m-%dT%H:%M:%S%.6fZ"),
    )


def _months(lines: pl.DataFrame) -> list[pl.DataFrame]:
    """The lines of each month of becoming known, in order."""
    marked = lines.with_columns(pl.col("known_at").dt.truncate("1mo").alias("month"))
    return marked.partition_by("month", maintain_order=True, include_key=False)


def _lessor(schema: str, track: str) -> tuple[Step, ...]:
    """What one lessor brings, on a track of its own."""
    name = INSTITUTIONS[schema][1]
    return (
        Step(
            f"tape-{schema}",
            f"{name}: importing the tape, signed by the back office",
            partial(bring_tape, schema=schema),
            track=track,
        ),
        Step(
            f"payments-{schema}",
            f"{name}: booking the bank lines of the past",
            partial(book_payments, schema=schema),
            in_parts=True,
            track=track,
        ),
        Step(
            f"lives-{schema}",
            f"{name}: leases are settled, repossessed, written off and closed",
            partial(live_on, schema=schema),
            track=track,
        ),
        Step(
            f"desk-{schema}",
            f"{name}: applications before the approval desk",
            partial(fill_the_desk, schema=schema),
            track=track,
        ),
        Step(
            f"papers-{schema}",
            f"{name}: papers of vehicles are noted",
            partial(note_papers, schema=schema),
            track=track,
        ),
        Step(
            f"outside-{schema}",
            f"{name}: registers, prices and trackers",
            partial(look_outside, schema=schema),
            track=track,
        ),
    )


BEFORE = (
    Step("portfolio", "drawing a portfolio of made-up leases", draw_portfolio, in_parts=True),
    Step("books", "opening ledgers and keys", open_books),
    Step("grants", "the lessors let the trust read", let_the_trust_read),
)
ANDA, XINGYU = _lessor("anda", MAIN), _lessor("xingyu", SIDE)
