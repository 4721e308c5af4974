"""How several leases stand at once, from the replay of the whole book (`selectors.book`)."""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
import polars as pl

from origination.domain.servicing.columns import StateColumns
from origination.models import Lease
from origination.selectors.book import loaded_book


@dataclass(frozen=True, slots=True)
class Position:
    """One lease as of a day, in minor units; `owed` also holds late interest and fees."""

    balance_minor: int
    arrears_minor: int
    owed_minor: int
    credit_minor: int
    days_past_due: int


NOTHING = Position(0, 0, 0, 0, 0)
_FIGURES = ("balance", "arrears", "owed", "credit", "days")


def owed(state: StateColumns) -> np.ndarray:
    """What is owed of each lease: rent, late interest, fees, and what was refunded too much."""
    rent = state.arrears + state.overdrawn
    return rent + state.late_interest - state.late_paid + state.fees - state.fees_paid


@dataclass(frozen=True)
class Standings:
    """Every lease of the book as of a day: columns, from which some are taken."""

    frame: pl.DataFrame

    @classmethod
    def of(cls, *, as_of: date, known_at: datetime) -> "Standings":
        leases, book = loaded_book(known_at)
        if book is None:
            return cls(pl.DataFrame(schema=["rid", *_FIGURES]))
        state = book.state(as_of=as_of, known_at=known_at)
        columns = (
            state.balance, state.arrears, owed(state), state.advance + state.excess,
            state.days_past_due,
        )  # fmt: skip
        figures = {
            name: pl.Series(column, dtype=pl.Int64)
            for name, column in zip(_FIGURES, columns, strict=True)
        }
        return cls(leases.select("rid").with_columns(**figures))

    def positions(self, rids: Collection[UUID]) -> dict[UUID, Position]:
        """Of these leases, as far as they are in the book."""
        own = self.frame.filter(pl.col("rid").is_in([str(rid) for rid in rids]))
        return {UUID(row[0]): Position(*row[1:]) for row in own.iter_rows()}


def positions_of(
    rids: Collection[UUID], *, as_of: date, known_at: datetime
) -> dict[UUID, Position]:
    """Each of these leases; a constant number of queries, however many."""
    return Standings.of(as_of=as_of, known_at=known_at).positions(rids) if rids else {}


@dataclass(frozen=True, slots=True)
class Exposure:
    """What stands out in one currency; `late` counts leases past due."""

    currency: str
    leases: int
    financed_minor: int
    balance_minor: int
    arrears_minor: int
    owed_minor: int
    late: int
    days_past_due: int  # of the latest


def exposures(leases: Iterable[Lease], positions: dict[UUID, Position]) -> list[Exposure]:
    """Sums of these leases, one line a currency."""
    by_currency: dict[str, list[tuple[Lease, Position]]] = {}
    for lease in leases:
        found = positions.get(lease.rid, NOTHING)
        by_currency.setdefault(lease.currency, []).append((lease, found))
    return [
        Exposure(
            currency,
            len(own),
            sum(lease.financed_amount_minor for lease, _at in own),
            sum(at.balance_minor for _lease, at in own),
            sum(at.arrears_minor for _lease, at in own),
            sum(at.owed_minor for _lease, at in own),
            sum(at.days_past_due > 0 for _lease, at in own),
            max(at.days_past_due for _lease, at in own),
        )
        for currency, own in sorted(by_currency.items())
    ]
