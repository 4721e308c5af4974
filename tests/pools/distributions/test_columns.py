"""The columnar collection equals the reference to the unit, whatever happened to the leases."""

from __future__ import annotations

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import polars as pl
from hypothesis import given, settings
from hypothesis import strategies as st

from origination.domain.schedule import LeaseTerms, Receivable, schedule
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.domain.servicing.payment_columns import EVENT_SCHEMA
from pools.distributions.collecting import CollectedPayment, PooledLease, collect
from pools.distributions.columns import CollectionBook
from tests.origination.strategies import lease_terms


def frame_of(leases: list[PooledLease]) -> pl.DataFrame:
    rows = [
        (at, e.kind.value, e.amount_minor, e.effective_on, e.known_at, e.reference, e.reverses,
         lease.late.get(e.reference))
        for at, lease in enumerate(leases)
        for e in lease.events
    ]  # fmt: skip
    schema = dict(EVENT_SCHEMA) | {"late_on": pl.Date()}
    return pl.DataFrame(rows, schema=schema, orient="row")


def book_of(leases: list[PooledLease], known_at: datetime) -> CollectionBook:
    rids = pl.Series("rid", [lease.rid for lease in leases], dtype=pl.String)
    receivables = ReceivableColumns.of_schedules([lease.receivables for lease in leases])
    return CollectionBook(rids, receivables, frame_of(leases), known_at=known_at)


@st.composite
def pools(draw: st.DrawFn) -> list[PooledLease]:
    leases = []
    for number in range(draw(st.integers(1, 4))):
        terms = draw(lease_terms(max_term=12))
        rows = schedule(terms)
        events = [
            draw(an_event(rows, place)) for place in range(draw(st.integers(0, 8)))
        ]  # fmt: skip
        leases.append(PooledLease(f"lease-{number}", tuple(rows), tuple(events)))
    return leases


def an_event(rows: list[Receivable], place: int) -> st.SearchStrategy[PaymentEvent]:
    everything = sum(row.amount_minor for row in rows)
    principal = sum(row.principal_minor for row in rows)
    enough = principal + sum(row.interest_minor for row in rows[: len(rows) // 2])
    kinds = [EventKind.RENT] * 2 + [EventKind.SETTLEMENT] + list(EventKind)
    return st.builds(
        lambda kind, days, late, amount, reverses: PaymentEvent(
            f"p{place}",
            kind,
            amount,
            _at(rows[0].due_on + timedelta(days=days)),
            _at(rows[0].due_on + timedelta(days=days + late)),
            reverses if kind is EventKind.REVERSAL else "",
        ),
        st.sampled_from(kinds),
        st.integers(-20, 380),
        st.integers(0, 60),
        st.sampled_from([rows[0].amount_minor or 1, enough or 1, everything])
        | st.integers(1, everything),
        st.sampled_from([f"p{other}" for other in range(place + 1)]),
    )


def _at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


@settings(max_examples=150, deadline=None)
@given(
    pools(), st.integers(-30, 200), st.integers(1, 70) | st.integers(70, 400), st.integers(-60, 90)
)
def test_columns_equal_the_reference(leases, offset, length, known) -> None:
    start = leases[0].receivables[0].due_on + timedelta(days=offset)
    end = start + timedelta(days=length)
    known_at = _at(end) + timedelta(days=known)
    expected = collect(leases, start=start, end=end, known_at=known_at)
    found = book_of(leases, known_at).collect(start=start, end=end)
    assert [CollectedPayment(*row) for row in found.payments.rows()] == list(expected.payments)
    assert found.income_minor == expected.income_minor
    assert found.principal_minor == expected.principal_minor
    assert found.movements == expected.movements


@settings(max_examples=60, deadline=None)
@given(pools(), st.integers(-30, 100), st.lists(st.integers(1, 90), min_size=2, max_size=5))
def test_periods_together_hold_every_standing_payment_once(leases, offset, lengths) -> None:
    days = [leases[0].receivables[0].due_on + timedelta(days=offset)]
    for length in lengths:
        days.append(days[-1] + timedelta(days=length))
    book = book_of(leases, _at(date(2100, 1, 1)))
    parts = [book.collect(start=a, end=b).payments for a, b in zip(days, days[1:], strict=False)]
    whole = book.collect(start=days[0], end=days[-1]).payments
    assert pl.concat(parts).sort(pl.all()).equals(whole.sort(pl.all()))
    assert whole.select(a=pl.struct("rid", "reference")).is_unique().all()
    paid = whole.filter(pl.col("kind") != EventKind.REFUND.value)
    assert (paid["income_minor"] >= 0).all() and (paid["principal_minor"] >= 0).all()


def test_a_settlement_closes_its_lease_in_columns_too() -> None:
    terms = LeaseTerms(
        financed_minor=1_000_000, rent_minor=88_849, annual_nominal_rate=Decimal("0.12"),
        term_months=12, first_payment_on=date(2025, 1, 10), maturity_on=date(2025, 12, 10),
    )  # fmt: skip
    rows = tuple(schedule(terms))
    due = _at(date(2025, 3, 1))
    events = (
        PaymentEvent("paid", EventKind.RENT, 88_849, _at(date(2025, 1, 10)), due),
        PaymentEvent("closing", EventKind.SETTLEMENT, 931_000, _at(date(2025, 2, 15)), due),
        PaymentEvent("too-much", EventKind.RENT, 100, _at(date(2025, 2, 20)), due),
    )
    leases = [PooledLease("one", rows, events)]
    found = book_of(leases, due).collect(start=date(2025, 2, 1), end=date(2025, 3, 1))
    left = 1_000_000 - rows[0].principal_minor
    parts = found.payments.select("reference", "income_minor", "principal_minor").rows()
    assert parts == [("closing", 931_000 - left, left), ("too-much", 100, 0)]
    assert found.pool_closing_minor == 0
