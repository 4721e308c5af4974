"""`collecting.collect` for a pool of 25,000 leases in a second; equal to it to the unit.

Pure. Leases are named by position. Because money pays a lease's receivables in order, the principal
in one payment is what the lease's running total has repaid after it, less what it had before it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from functools import cached_property

import numpy as np
import polars as pl

from origination.domain.allocation import EventKind
from origination.domain.allocation_columns import LeaseBook, PaymentColumns, StateColumns
from origination.domain.schedule_columns import Bools, Ints, ReceivableColumns
from pools.distributions.collecting import DEFAULT_DAYS, CollectedPayment

_NEVER = -(2**31)
_ORDER = ("lease", "effective_on", "known_at", "reference")
#: Columns of `CollectedColumns.payments`, which are `CollectedPayment`'s, in its order.
COLUMNS = (
    "rid", "reference", "kind", "effective_on", "amount_minor", "income_minor", "principal_minor",
)  # fmt: skip


@dataclass(frozen=True)
class CollectedColumns:
    """`Collections` with its payments as a frame of `COLUMNS`, in the same order."""

    start: date
    end: date
    payments: pl.DataFrame
    pool_opening_minor: int
    pool_closing_minor: int

    @cached_property
    def income_minor(self) -> int:
        return int(self.payments["income_minor"].sum())

    @cached_property
    def principal_minor(self) -> int:
        return int(self.payments["principal_minor"].sum())

    def payment(self, rid: str, reference: str) -> CollectedPayment | None:
        """One bank line of a lease as it counts here, None where it does not."""
        wanted = (pl.col("rid") == rid) & (pl.col("reference") == reference)
        rows = self.payments.filter(wanted).rows()
        return CollectedPayment(*rows[0]) if rows else None

    def lines(self) -> list[bytes]:
        """One line of text a payment, fields joined by `|`: the leaves of the period's root."""
        text = self.payments.select(pl.concat_str(pl.all().cast(pl.String), separator="|"))
        return [line.encode() for line in text.to_series()]


class CollectionBook:
    """A pool's leases and the events of them that are known, ready to be asked for any period.

    `rids` and `receivables` by position; `events` has `allocation_columns.EVENT_SCHEMA`. Payments
    known to be reversed are dropped once, here, with their reversals.
    """

    def __init__(
        self,
        rids: pl.Series,
        receivables: ReceivableColumns,
        events: pl.DataFrame,
        *,
        known_at: datetime,
    ) -> None:
        self._rids, self._known_at = rids, known_at
        self._events = _standing(events, known_at).sort(_ORDER)
        self._book = LeaseBook(receivables, PaymentColumns.of_frame(self._events))
        self._capital = self._principal_in_each()

    def collect(self, *, start: date, end: date) -> CollectedColumns:
        """Collections of `[start, end)`."""
        day = timedelta(days=1)
        before, after = self.state(start - day), self.state(end - day)
        effective = pl.col("effective_on")
        found = (
            self._events.with_columns(principal_minor=pl.Series(self._capital, dtype=pl.Int64))
            .filter((effective >= start) & (effective < end))
            .with_columns(income_minor=pl.col("amount_minor") - pl.col("principal_minor"))
        )
        found = found.with_columns(rid=self._rids.gather(found["lease"]))
        payments = found.select(COLUMNS).sort("effective_on", "rid", "reference")
        return CollectedColumns(start, end, payments, _performing(before), _performing(after))

    def state(self, day: date) -> StateColumns:
        """Every lease at the end of a day."""
        return self._book.state(as_of=day, known_at=self._known_at)

    def _principal_in_each(self) -> Ints:
        """Principal in each event, in the order of `_events`."""
        lease = self._events["lease"].to_numpy()
        amount = self._events["amount_minor"].to_numpy()
        recovery = (self._events["kind"] == EventKind.RECOVERY.value).to_numpy()
        paid = np.where(recovery, 0, amount)
        after = _running(lease, paid)
        before = after - paid
        repaid_before = self._book.principal_of(lease, before)
        capital = self._book.principal_of(lease, after) - repaid_before
        closing, later = self._closing(lease, after, recovery)
        left = self._book.principal_in_all()[lease] - repaid_before
        capital = np.where(closing, np.minimum(amount, left), np.where(later, 0, capital))
        return np.where(recovery, amount, capital)

    def _closing(self, lease: Ints, after: Ints, recovery: Bools) -> tuple[Bools, Bools]:
        """Which payment settles its lease, and which come after it."""
        settles = (self._events["kind"] == EventKind.SETTLEMENT.value).to_numpy()
        days = self._events["effective_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        # Days rise within a lease, so its running maximum is its newest settlement so far.
        newest = pl.DataFrame({"lease": lease, "day": np.where(settles, days, _NEVER)})
        day = newest.select(pl.col("day").cum_max().over("lease")).to_series().to_numpy()
        covered = (day != _NEVER) & ~recovery
        covered[covered] = after[covered] >= self._book.payoff_of(lease[covered], day[covered])
        seen = _running(lease, covered.astype(np.int64))
        return covered & (seen == 1), ~recovery & (seen > 0) & ~(covered & (seen == 1))


def _standing(events: pl.DataFrame, known_at: datetime) -> pl.DataFrame:
    """What is known by then, without reversals and what they cancel."""
    known = events.filter(pl.col("known_at") <= known_at)
    reversal = pl.col("kind") == EventKind.REVERSAL.value
    undone = known.filter(reversal).select("lease", reference="reverses").unique()
    return known.filter(~reversal).join(undone, on=["lease", "reference"], how="anti")


def _running(lease: Ints, values: Ints) -> Ints:
    """Running totals within each lease."""
    frame = pl.DataFrame({"lease": lease, "value": values})
    totals: Ints = frame.select(pl.col("value").cum_sum().over("lease")).to_series().to_numpy()
    return totals


def _performing(state: StateColumns) -> int:
    return int(state.balance[state.days_past_due <= DEFAULT_DAYS].sum())
