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

from origination.domain.schedule_columns import Bools, Ints, ReceivableColumns
from origination.domain.servicing.columns import LeaseBook, StateColumns
from origination.domain.servicing.events import EventKind
from origination.domain.servicing.payment_columns import PaymentColumns
from pools.distributions.collecting import DEFAULT_DAYS, CollectedPayment
from pools.distributions.reconciling import Movements, movements_of_columns

_NEVER = -(2**31)
_ORDER = ("lease", "counts_on", "sign", "effective_on", "known_at", "reference")
#: Columns of `CollectedColumns.payments`, which are `CollectedPayment`'s, in its order.
COLUMNS = (
    "rid", "reference", "kind", "effective_on", "amount_minor", "income_minor", "principal_minor",
    "counts_on",
)  # fmt: skip


@dataclass(frozen=True)
class CollectedColumns:
    """`Collections` with its payments as a frame of `COLUMNS`, in the same order."""

    start: date
    end: date
    payments: pl.DataFrame
    movements: Movements

    @property
    def pool_opening_minor(self) -> int:
        return self.movements.opening_minor

    @property
    def pool_closing_minor(self) -> int:
        return self.movements.closing_minor

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

    `rids` and `receivables` by position; `events` has `servicing.payment_columns.EVENT_SCHEMA` and
    `late_on` (`strike.late_on`; null for what counts on the day on which it took effect). Payments
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
        self._rids, self._receivables, self._known_at = rids, receivables, known_at
        self._events = _counted(events, known_at).sort(_ORDER)
        self._always = not (self._events["counts_on"] > self._events["effective_on"]).any()
        self._book = self._book_of(self._events.filter(pl.col("sign") > 0))
        self._capital = self._principal_in_each()

    def collect(self, *, start: date, end: date) -> CollectedColumns:
        """Collections of `[start, end)`."""
        counts = pl.col("counts_on")
        found = (
            self._events.with_columns(principal_minor=pl.Series(self._capital, dtype=pl.Int64))
            .filter((counts >= start) & (counts < end))
            .with_columns(income_minor=pl.col("amount_minor") - pl.col("principal_minor"))
        )
        found = found.with_columns(rid=self._rids.gather(found["lease"]))
        day = timedelta(days=1)
        movements = self._movements(found, self.state(start - day), self.state(end - day))
        payments = found.filter(pl.col("sign") > 0).select(COLUMNS)
        return CollectedColumns(
            start, end, payments.sort("counts_on", "rid", "reference"), movements
        )

    def state(self, day: date) -> StateColumns:
        """Every lease at the end of a day, from the lines that count by then."""
        book = self._book
        if not self._always:
            counting = self._events.filter(pl.col("counts_on") <= day)
            undone = counting.filter(pl.col("sign") < 0).select("lease", "reference")
            standing = counting.join(undone, on=["lease", "reference"], how="anti")
            book = self._book_of(standing)
        return book.state(as_of=day, known_at=self._known_at)

    def _book_of(self, events: pl.DataFrame) -> LeaseBook:
        bank_lines = events.with_columns(pl.col("amount_minor").abs())  # refunds count below zero
        return LeaseBook(self._receivables, PaymentColumns.of_frame(bank_lines))

    def _movements(
        self, found: pl.DataFrame, before: StateColumns, after: StateColumns
    ) -> Movements:
        """The period's moves of every lease, added up."""

        def principal(of: pl.Expr) -> Ints:
            rows = found.filter(of)
            sums = np.bincount(rows["lease"], rows["principal_minor"], len(self._rids))
            return sums.astype(np.int64)

        paid, recovery, late = pl.col("sign") > 0, pl.col("recovery"), pl.col("late")
        return movements_of_columns(
            before.balance,
            after.balance,
            before.days_past_due <= DEFAULT_DAYS,
            after.days_past_due <= DEFAULT_DAYS,
            principal(paid & ~recovery & ~late),
            principal(paid & ~recovery & late),
            principal(paid & recovery),
            -principal(~paid),
        )

    def _principal_in_each(self) -> Ints:
        """Principal in each event, in the order of `_events`."""
        lease = self._events["lease"].to_numpy()
        sign = self._events["sign"].to_numpy()
        amount = self._events["amount_minor"].to_numpy()
        recovery = self._events["recovery"].to_numpy()
        paid = np.where(recovery, 0, sign * amount)
        after = _running(lease, paid)
        before = after - paid
        repaid_before = self._book.principal_of(lease, before)
        capital = self._book.principal_of(lease, after) - repaid_before
        closing, later = self._closing(lease, after, recovery)
        left = self._book.principal_in_all()[lease] - repaid_before
        capital = np.where(closing, np.minimum(amount, left), np.where(later, 0, capital))
        return np.where(recovery, np.where(sign > 0, amount, 0), capital)

    def _closing(self, lease: Ints, after: Ints, recovery: Bools) -> tuple[Bools, Bools]:
        """Which payment settles its lease, and which come after it."""
        undone = self._events.filter(pl.col("sign") < 0).select("lease", "reference")
        key = self._events.select("lease", "reference").with_row_index("row")
        stands = np.ones(len(key), bool)
        stands[key.join(undone, on=["lease", "reference"], how="semi")["row"].to_numpy()] = False
        settles = (self._events["kind"] == EventKind.SETTLEMENT.value).to_numpy() & stands
        days = self._events["effective_on"].cast(pl.Int32).to_numpy().astype(np.int64)
        newest = pl.DataFrame({"lease": lease, "day": np.where(settles, days, _NEVER)})
        day = newest.select(pl.col("day").cum_max().over("lease")).to_series().to_numpy()
        covered = (day != _NEVER) & ~recovery
        covered[covered] = after[covered] >= self._book.payoff_of(lease[covered], day[covered])
        seen = _running(lease, covered.astype(np.int64))
        return covered & (seen == 1), ~recovery & (seen > 0) & ~(covered & (seen == 1))


def _counted(events: pl.DataFrame, known_at: datetime) -> pl.DataFrame:
    """What is known by then, without what counts nowhere, each line with the day it counts on.

    A payment that the price had counted and that bounced later stands, and is taken back (`sign`
    −1) on the day on which that became known.
    """
    known = events.filter(pl.col("known_at") <= known_at)
    reversal = pl.col("kind") == EventKind.REVERSAL.value
    payments, undoing = known.filter(~reversal), known.filter(reversal)
    void = undoing.filter(pl.col("late_on").is_null()).select("lease", reference="reverses")
    standing = payments.join(void.unique(), on=["lease", "reference"], how="anti")
    bounced = (
        undoing.filter(pl.col("late_on").is_not_null())
        .group_by("lease", reference="reverses")
        .agg(bounced_on=pl.col("late_on").min())
    )
    lines = standing.with_columns(
        counts_on=pl.coalesce("late_on", "effective_on"), sign=pl.lit(1, pl.Int64)
    )
    taken_back = standing.join(bounced, on=["lease", "reference"]).with_columns(
        counts_on="bounced_on", sign=pl.lit(-1, pl.Int64)
    )
    refund = pl.col("kind") == EventKind.REFUND.value
    return pl.concat([lines, taken_back.select(lines.columns)]).with_columns(
        amount_minor=pl.when(refund).then(-pl.col("amount_minor")).otherwise("amount_minor"),
        recovery=pl.col("kind") == EventKind.RECOVERY.value,
        late=pl.col("effective_on") < pl.col("counts_on"),
    )


def _running(lease: Ints, values: Ints) -> Ints:
    """Running totals within each lease."""
    frame = pl.DataFrame({"lease": lease, "value": values})
    totals: Ints = frame.select(pl.col("value").cum_sum().over("lease")).to_series().to_numpy()
    return totals
