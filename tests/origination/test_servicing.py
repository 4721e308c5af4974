"""Servicing where nothing is charged: cases by hand, and whole books against the reference."""

from dataclasses import fields
from datetime import UTC, date, datetime, timedelta

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origination.domain.months import date_of
from origination.domain.schedule import LeaseTerms, Receivable, ReceivableKind, schedule
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing.columns import NEVER, LeaseBook, StateColumns
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.domain.servicing.payment_columns import PaymentColumns
from origination.domain.servicing.position import LeaseState
from origination.domain.servicing.replay import allocate_payments
from origination.domain.servicing.totals import payoff
from tests.origination.strategies import lease_terms

LATE = datetime(2100, 1, 1, tzinfo=UTC)


def at(day: date) -> datetime:
    return datetime(day.year, day.month, day.day, tzinfo=UTC)


def event(reference: str, amount: int, day: date, **other: object) -> PaymentEvent:
    values = {"kind": EventKind.RENT, "known_at": at(day), **other}
    return PaymentEvent(
        reference=reference,
        amount_minor=amount,
        effective_at=at(day),
        **values,  # type: ignore[arg-type]
    )


ROWS = [Receivable(n, date(2024, n, 10), 100 - 10 * n, 900 + 10 * n) for n in range(1, 7)]


def state(events: list[PaymentEvent], day: date, known: datetime = LATE) -> LeaseState:
    return allocate_payments(ROWS, events, as_of=day, known_at=known).state


def test_a_rent_is_late_from_the_day_after_it_was_due() -> None:
    assert state([], date(2024, 1, 10)).days_past_due == 0
    assert state([], date(2024, 1, 10)).arrears_minor == 1000
    late = state([], date(2024, 2, 12))
    assert (late.days_past_due, late.arrears_minor, late.unpaid_rents) == (33, 2000, 2)


def test_partial_money_pays_the_oldest_rent_interest_first() -> None:
    events = [event("a", 1000, date(2024, 1, 10)), event("b", 50, date(2024, 2, 10))]
    found = allocate_payments(ROWS, events, as_of=date(2024, 2, 20), known_at=LATE)
    assert (found.lines[1].interest_minor, found.lines[1].principal_minor) == (50, 0)
    assert found.state.arrears_minor == 950
    assert found.state.days_past_due == 10
    assert found.state.balance_minor == sum(r.principal_minor for r in ROWS) - 910


def test_a_back_dated_payment_changes_the_past_only_for_those_who_know_it() -> None:
    paid = event("a", 1000, date(2024, 1, 10), known_at=at(date(2024, 3, 1)))
    as_of = date(2024, 2, 1)
    assert state([paid], as_of, known=at(date(2024, 2, 1))).days_past_due == 22
    assert state([paid], as_of, known=at(date(2024, 3, 1))).days_past_due == 0


def test_a_reversal_brings_the_arrears_back_to_the_first_due_day() -> None:
    paid = event("a", 1000, date(2024, 1, 10))
    back = event("r", 1000, date(2024, 1, 25), kind=EventKind.REVERSAL, reverses="a")
    assert state([paid, back], date(2024, 1, 24)).days_past_due == 0
    assert state([paid, back], date(2024, 1, 25)).days_past_due == 15


def test_a_settlement_closes_only_when_it_covers_the_payoff() -> None:
    day = date(2024, 2, 15)
    needed = payoff(ROWS, day)
    assert needed == 2000 + sum(r.principal_minor for r in ROWS[2:])
    closed = state([event("s", needed, day, kind=EventKind.SETTLEMENT)], date(2024, 6, 30))
    assert (closed.settled_on, closed.balance_minor, closed.days_past_due) == (day, 0, 0)
    short = state([event("s", needed - 1, day, kind=EventKind.SETTLEMENT)], day)
    assert short.settled_on is None
    assert short.balance_minor > 0


def test_recoveries_are_counted_apart_and_cure_nothing() -> None:
    found = state([event("x", 5000, date(2024, 5, 1), kind=EventKind.RECOVERY)], date(2024, 5, 2))
    assert (found.recovered_minor, found.paid_minor, found.days_past_due) == (5000, 0, 113)


def test_money_beyond_the_last_rent_is_named_excess() -> None:
    found = state([event("a", 6_123, date(2024, 1, 1))], date(2024, 1, 2))
    assert (found.excess_minor, found.balance_minor, found.oldest_unpaid) == (123, 0, 0)
    assert found.advance_minor == 6000


def test_one_reference_for_two_payments_is_refused() -> None:
    doubled = [event("a", 1, date(2024, 1, 1)), event("a", 2, date(2024, 1, 2))]
    with pytest.raises(ValueError, match="one bank reference"):
        state(doubled, date(2024, 1, 3))


@st.composite
def histories(draw: st.DrawFn) -> tuple[LeaseTerms, list[PaymentEvent]]:
    """A lease and any mixture of rents, settlements, recoveries and reversals."""
    terms = draw(lease_terms(max_term=12))
    events: list[PaymentEvent] = []
    for i in range(draw(st.integers(0, 8))):
        day = terms.first_payment_on + timedelta(days=draw(st.integers(-40, 400)))
        kind = draw(st.sampled_from([EventKind.RENT, EventKind.RENT, *EventKind]))
        known = at(day) + timedelta(days=draw(st.integers(0, 60)))
        reverses = draw(st.sampled_from([f"p{j}" for j in range(i + 1)]))
        amount = draw(st.integers(1, 2 * terms.financed_minor))
        if kind is EventKind.RENT:
            amount = draw(st.sampled_from([terms.rent_minor or 1, amount]))
        events.append(
            event(
                f"p{i}",
                amount,
                day,
                kind=kind,
                known_at=known,
                reverses=reverses if kind is EventKind.REVERSAL else "",
            )
        )
    return terms, events


def state_at(columns: StateColumns, i: int) -> LeaseState:
    """One lease of the columns as the reference gives it."""
    values = {}
    for column in fields(StateColumns):
        value = getattr(columns, column.name)
        if column.name == "as_of":
            values["as_of"] = value
        elif column.name == "settled":
            values["settled_on"] = None if value[i] == NEVER else date_of(int(value[i]))
        else:
            whole = {"days_past_due", "oldest_unpaid", "unpaid_rents"}
            name = column.name if column.name in whole else f"{column.name}_minor"
            values[name] = int(value[i])
    return LeaseState(**values)


@settings(max_examples=60, deadline=None)
@given(histories(), st.integers(-40, 500), st.randoms(use_true_random=False))
def test_every_unit_is_accounted_for_in_whatever_order_events_arrive(history, days, random) -> None:
    terms, events = history
    as_of = terms.first_payment_on + timedelta(days=days)
    found = allocate_payments(schedule(terms), events, as_of=as_of, known_at=LATE)
    shuffled = random.sample(events, len(events))
    assert allocate_payments(schedule(terms), shuffled, as_of=as_of, known_at=LATE) == found
    now = found.state
    kept = now.interest_paid_minor + now.principal_paid_minor + now.excess_minor
    assert now.paid_minor - now.refunded_minor == kept - now.overdrawn_minor
    if now.settled_on is None:
        assert now.balance_minor == terms.financed_minor - now.principal_paid_minor
        assert (now.days_past_due > 0) <= (now.arrears_minor > 0)
        assert (now.arrears_minor == 0) or (now.advance_minor == 0)


@settings(max_examples=50, deadline=None)
@given(st.lists(histories(), min_size=1, max_size=6), st.integers(-40, 500), st.integers(-60, 90))
def test_columns_equal_the_reference(found, days, known_days) -> None:
    schedules = [schedule(terms) for terms, _ in found]
    book = LeaseBook(
        ReceivableColumns.of_schedules(schedules),
        PaymentColumns.of_events([events for _, events in found]),
    )
    as_of = found[0][0].first_payment_on + timedelta(days=days)
    known = at(as_of) + timedelta(days=known_days)
    columns = book.state(as_of=as_of, known_at=known)
    for i, (_, events) in enumerate(found):
        expected = allocate_payments(schedules[i], events, as_of=as_of, known_at=known).state
        assert state_at(columns, i) == expected


def test_an_unguaranteed_residual_is_no_debt_but_stays_in_the_balance() -> None:
    option = Receivable(7, date(2024, 6, 10), 0, 500, ReceivableKind.OPTION)
    paid = [event("a", 6000, date(2024, 6, 10))]
    found = allocate_payments([*ROWS, option], paid, as_of=date(2024, 8, 1), known_at=LATE).state
    assert (found.days_past_due, found.arrears_minor, found.balance_minor) == (0, 0, 500)
    assert found.excess_minor == 0
