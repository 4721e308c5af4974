"""Every yuan counts in exactly one place: in the price, or in one period; never twice, never not.

Lines take effect, become known and are verified in any order around a cut-off; payments are dated
back, bounce, and bounce after the price counted them.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from itertools import pairwise

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from origination.domain.months import add_months
from origination.domain.schedule import LeaseTerms, Receivable, level_rent, schedule
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.domain.servicing.payment_columns import EVENT_SCHEMA
from origination.domain.servicing.replay import allocate_payments
from pools.distributions.collecting import DEFAULT_DAYS, CollectedPayment, PooledLease, collect
from pools.distributions.columns import CollectionBook
from pools.distributions.strike import Strike, late_on
from tests.origination.strategies import lease_terms
from tests.pools.distributions.test_columns import an_event, frame_of

_RENTS = (EventKind.RENT, EventKind.RECOVERY, EventKind.REVERSAL)


@dataclass(frozen=True)
class Books:
    """Leases with their events, when each line was verified, and the strike of the price."""

    leases: tuple[PooledLease, ...]
    anchored: dict[tuple[str, str], datetime]
    strike: Strike

    def known_by(self, instant: datetime) -> list[PooledLease]:
        """What the trust has at an instant, each line with the day from which it counts."""
        return [
            replace(
                lease,
                events=tuple(e for e in lease.events if self.has(lease, e, instant)),
                late=self.late(lease),
            )
            for lease in self.leases
        ]

    def has(self, lease: PooledLease, event: PaymentEvent, instant: datetime) -> bool:
        return self.anchored[lease.rid, event.reference] <= instant

    def priced(self, lease: PooledLease, event: PaymentEvent) -> bool:
        """Whether the price was struck with a line."""
        return (
            event.effective_on <= self.strike.cut_off
            and event.known_at <= self.strike.known_at
            and self.has(lease, event, self.strike.screened_at)
        )

    def late(self, lease: PooledLease) -> dict[str, date]:
        """`strike.late_on`, said once more in plain words."""
        counted = {
            e.reference
            for e in lease.events
            if e.kind is not EventKind.REVERSAL and self.priced(lease, e)
        }
        found = {}
        for event in lease.events:
            if event.kind is EventKind.REVERSAL:
                is_late = event.reverses in counted and not self.priced(lease, event)
            else:
                before = event.effective_on <= self.strike.cut_off
                is_late = before and event.reference not in counted
            if is_late:
                known = self.anchored[lease.rid, event.reference].date()
                found[event.reference] = max(known, self.strike.first_day)
        return found

    def struck_minor(self) -> int:
        """The balance in the price: what the lines that it knew left open, performing leases."""
        total = 0
        for lease in self.leases:
            known = [e for e in lease.events if self.priced(lease, e)]
            state = allocate_payments(
                lease.receivables, known, as_of=self.strike.cut_off, known_at=self.strike.known_at
            ).state
            total += state.balance_minor if state.days_past_due <= DEFAULT_DAYS else 0
        return total


def book_of(leases: list[PooledLease], known_at: datetime) -> CollectionBook:
    rids = pl.Series("rid", [lease.rid for lease in leases], dtype=pl.String)
    receivables = ReceivableColumns.of_schedules([lease.receivables for lease in leases])
    return CollectionBook(rids, receivables, frame_of(leases), known_at=known_at)


@st.composite
def books(draw: st.DrawFn, kinds: tuple[EventKind, ...] = tuple(EventKind)) -> Books:
    leases, anchored = [], {}
    for number in range(draw(st.integers(1, 3))):
        rows = schedule(draw(lease_terms(max_term=12)))
        events = [draw(an_event(rows, place)) for place in range(draw(st.integers(0, 8)))]
        own = tuple(event for event in events if event.kind in kinds)
        lease = PooledLease(f"lease-{number}", tuple(rows), own)
        leases.append(lease)
        for event in lease.events:
            anchored[lease.rid, event.reference] = event.known_at + timedelta(
                days=draw(st.integers(0, 70)), hours=5
            )
    cut_off = leases[0].receivables[0].due_on + timedelta(days=draw(st.integers(-10, 250)))
    at = datetime(cut_off.year, cut_off.month, cut_off.day, tzinfo=UTC)
    screened_at = at + timedelta(days=1, hours=draw(st.integers(0, 24 * 20)))
    return Books(tuple(leases), anchored, Strike(cut_off, screened_at))


def periods_of(strike: Strike, lengths: list[int]) -> list[tuple[date, date]]:
    days = [strike.first_day]
    for length in lengths:
        days.append(days[-1] + timedelta(days=length))
    return list(pairwise(days))


LENGTHS = st.lists(st.integers(5, 60), min_size=1, max_size=6)
NEVER = datetime(2100, 1, 1, tzinfo=UTC)


@settings(max_examples=60, deadline=None)
@given(books(), LENGTHS)
def test_the_columns_reconcile_as_the_reference_does(made: Books, lengths: list[int]) -> None:
    for start, end in periods_of(made.strike, lengths):
        known_at = datetime(end.year, end.month, end.day, 9, tzinfo=UTC)
        known = made.known_by(known_at)
        expected = collect(known, start=start, end=end, known_at=known_at)
        found = book_of(known, known_at).collect(start=start, end=end)
        assert [CollectedPayment(*row) for row in found.payments.rows()] == list(expected.payments)
        assert found.movements == expected.movements


@settings(max_examples=80, deadline=None)
@given(books(), LENGTHS)
def test_opening_and_every_reason_give_closing(made: Books, lengths: list[int]) -> None:
    """At every distribution, and again with all that is ever known (every correction made)."""
    periods = periods_of(made.strike, lengths)
    for last in (*(end for _start, end in periods), NEVER.date()):
        known_at = datetime(last.year, last.month, last.day, 9, tzinfo=UTC)
        book = book_of(made.known_by(known_at), known_at)
        balance = made.struck_minor()
        for start, end in periods:
            found = book.collect(start=start, end=end)
            assert found.movements.opening_minor == balance
            assert found.movements.holds
            assert found.movements.principal_minor == found.principal_minor
            balance = found.movements.closing_minor
            if end >= last:
                break


@settings(max_examples=60, deadline=None)
@given(books(_RENTS), LENGTHS)
def test_without_settlements_nothing_is_left_to_explain(made: Books, lengths: list[int]) -> None:
    book = book_of(made.known_by(NEVER), NEVER)
    for start, end in periods_of(made.strike, lengths):
        moved = book.collect(start=start, end=end).movements
        signed = -moved.collected_minor - moved.late_minor + moved.restored_minor
        assert moved.ended_minor == 0
        assert moved.closing_minor == moved.opening_minor + signed - (
            moved.defaulted_minor - moved.returned_minor
        )


@settings(max_examples=80, deadline=None)
@given(books())
def test_each_line_counts_in_the_price_or_in_one_period(made: Books) -> None:
    """Months and then all the time that comes: what stands is in the price or in one of them."""
    book = book_of(made.known_by(NEVER), NEVER)
    counted: list[tuple[str, str]] = []
    for start, end in periods_of(made.strike, [30] * 8 + [7_000]):
        rows = book.collect(start=start, end=end).payments
        assert (rows["income_minor"] + rows["principal_minor"]).equals(rows["amount_minor"])
        counted += rows.select("rid", "reference").rows()
    assert len(counted) == len(set(counted))
    standing, priced = set(), set()
    for lease in made.leases:
        undone = {e.reverses for e in lease.events if e.kind is EventKind.REVERSAL}
        for event in lease.events:
            if event.kind is EventKind.REVERSAL:
                continue
            if made.priced(lease, event):
                priced.add((lease.rid, event.reference))
            elif event.reference not in undone:
                standing.add((lease.rid, event.reference))
    assert set(counted) == standing and not priced & set(counted)


@settings(max_examples=60, deadline=None)
@given(books())
def test_what_is_late_is_said_alike_for_a_table(made: Books) -> None:
    rows = [
        (place, e.kind.value, e.amount_minor, e.effective_on, e.known_at, e.reference, e.reverses,
         made.anchored[lease.rid, e.reference])
        for place, lease in enumerate(made.leases)
        for e in lease.events
    ]  # fmt: skip
    schema = dict(EVENT_SCHEMA) | {"anchored_at": pl.Datetime("us", "UTC")}
    table = pl.DataFrame(rows, schema=schema, orient="row")
    expected = [made.late(one).get(e.reference) for one in made.leases for e in one.events]
    assert late_on(table, made.strike).to_list() == expected


def test_the_three_lines_of_the_cut_off() -> None:
    """A line known late, one that bounces after it was priced, one that nobody ever missed."""
    rows = tuple(schedule_of(100_000, rents=4, first=date(2025, 1, 10)))
    paid = [
        PaymentEvent(f"p{n}", EventKind.RENT, rows[n].amount_minor, at(row_day), at(known))
        for n, (row_day, known) in enumerate(
            [(date(2025, 1, 10), date(2025, 1, 11)), (date(2025, 2, 10), date(2025, 3, 5))]
        )
    ]
    bounce = PaymentEvent(
        "bounce", EventKind.REVERSAL, rows[0].amount_minor, at(date(2025, 3, 3)),
        at(date(2025, 3, 4)), reverses="p0",
    )  # fmt: skip
    strike = Strike(date(2025, 2, 28), at(date(2025, 3, 1)))
    lease = PooledLease("one", rows, (*paid, bounce))
    anchored = {("one", e.reference): e.known_at + timedelta(hours=2) for e in lease.events}
    made = Books((lease,), anchored, strike)
    [known] = made.known_by(NEVER)
    assert known.late == {"p1": date(2025, 3, 5), "bounce": date(2025, 3, 4)}
    found = collect([known], start=date(2025, 3, 1), end=date(2025, 4, 1), known_at=NEVER)
    moved = found.movements
    assert [payment.reference for payment in found.payments] == ["p1"]
    assert moved.opening_minor == 100_000 - rows[0].principal_minor == made.struck_minor()
    assert moved.restored_minor == rows[0].principal_minor
    assert moved.late_minor == found.principal_minor > 0
    assert moved.closing_minor == 100_000 - found.principal_minor


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def schedule_of(financed: int, *, rents: int, first: date) -> list[Receivable]:
    rate = Decimal("0.12")
    rent = level_rent(financed_minor=financed, annual_nominal_rate=rate, term_months=rents)
    return schedule(
        LeaseTerms(
            financed_minor=financed, rent_minor=rent, annual_nominal_rate=rate, term_months=rents,
            first_payment_on=first, maturity_on=add_months(first, rents - 1),
        )
    )  # fmt: skip
