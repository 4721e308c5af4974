"""Servicing under terms that charge: what holds for every history, and the kernel beside it."""

from dataclasses import replace
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origination.domain.months import days_of
from origination.domain.rates import implicit_rate
from origination.domain.schedule import LeaseTerms, Pattern, Receivable, schedule
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing import income
from origination.domain.servicing.accounts import Account, trial_balance
from origination.domain.servicing.batch import Standing, TermsColumns, replay_many
from origination.domain.servicing.columns import LeaseBook
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.domain.servicing.journal import journal
from origination.domain.servicing.payment_columns import PaymentColumns
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.replay import Replay
from origination.domain.servicing.terms import (
    BadTerms,
    LateBase,
    LateInterest,
    Part,
    ReminderFee,
    ServicingTerms,
    SettlementInterest,
    SettlementRule,
    TermsBook,
    read_terms,
)
from tests.origination.test_servicing import at, event, histories, state_at

ALL_KNOWN = datetime(2100, 1, 1, tzinfo=UTC)
PENALTY_FIRST = ServicingTerms(
    late_interest=LateInterest(500_000, grace_days=3),
    reminder_fee=ReminderFee(10, 50),
    settlement=SettlementRule(SettlementInterest.DAILY, ((12, 50_000), (None, 30_000)), 10),
)
ROWS = [Receivable(n, date(2024, n, 10), 1000 - 100 * n, 99_000 + 100 * n) for n in range(1, 7)]


def replayed(events, day, terms=PENALTY_FIRST, rows=ROWS, known=ALL_KNOWN) -> Replay:
    contract = Contract(rows, date(2023, 12, 10), terms)
    return Replay(contract, events, as_of=day, known_at=known)


@st.composite
def charging(draw: st.DrawFn) -> ServicingTerms:
    """Terms of any kind, from none at all to all at once."""
    late = st.builds(
        LateInterest,
        st.integers(1, 10_000_000),
        st.integers(0, 10),
        st.sampled_from(LateBase),
        st.sampled_from([0, 50_000, 1_000_000]),
    )
    charges = st.sampled_from([(), ((None, 20_000),), ((3, 50_000), (None, 10_000))])
    rule = st.builds(
        SettlementRule, st.sampled_from(SettlementInterest), charges, st.integers(0, 500)
    )
    return ServicingTerms(
        order=tuple(draw(st.permutations(list(Part)))),
        by_rental=draw(st.booleans()),
        late_interest=draw(st.none() | late),
        reminder_fee=draw(
            st.none() | st.builds(ReminderFee, st.integers(1, 40), st.integers(0, 9_999))
        ),
        settlement=draw(rule),
    )


def contracts(history, terms) -> Contract:
    rows = schedule(history)
    return Contract(rows, rows[0].due_on - timedelta(days=31), terms)


@settings(max_examples=60, deadline=None)
@given(histories(), charging(), st.integers(-40, 500), st.randoms(use_true_random=False))
def test_every_unit_is_paid_credited_or_refunded_in_whatever_order_events_came(
    found, terms, days, random
) -> None:
    history, events = found
    contract = contracts(history, terms)
    day = history.first_payment_on + timedelta(days=days)
    replay = Replay(contract, events, as_of=day, known_at=ALL_KNOWN)
    answer = replay.allocation()
    shuffled = random.sample(events, len(events))
    assert Replay(contract, shuffled, as_of=day, known_at=ALL_KNOWN).allocation() == answer
    now = answer.state
    spent = (
        now.late_paid_minor + now.fees_paid_minor + now.interest_paid_minor
        + now.principal_paid_minor + now.settlement_minor + now.excess_minor
    )  # fmt: skip
    assert now.paid_minor - now.refunded_minor == spent - now.overdrawn_minor
    for one in replay.standing:
        own = sum(line.amount_minor for line in answer.lines if line.reference == one.reference)
        if one.kind in (EventKind.RENT, EventKind.SETTLEMENT):
            assert own == one.amount_minor
    for rental in answer.rentals:
        assert rental.open_minor >= 0
        assert rental.late_open_minor >= 0
        assert rental.fee_open_minor >= 0


@settings(max_examples=40, deadline=None)
@given(histories(), charging(), st.integers(0, 400), st.integers(0, 90))
def test_a_reversed_payment_is_as_if_it_never_was(found, terms, days, later) -> None:
    history, events = found
    contract = contracts(history, terms)
    day = history.first_payment_on + timedelta(days=days)
    extra = event("x", 7_777, day)
    back = event(
        "r", 7_777, day + timedelta(days=later), kind=EventKind.REVERSAL, reverses="x"
    )  # fmt: skip
    as_of = day + timedelta(days=later)
    without = Replay(contract, events, as_of=as_of, known_at=ALL_KNOWN).allocation()
    assert (
        Replay(contract, [*events, extra, back], as_of=as_of, known_at=ALL_KNOWN).allocation()
        == without
    )


@settings(max_examples=40, deadline=None)
@given(histories(), charging(), st.integers(0, 300), st.integers(1, 200))
def test_a_back_dated_payment_gives_what_it_would_have_given_on_time(
    found, terms, days, late
) -> None:
    history, events = found
    contract = contracts(history, terms)
    day = history.first_payment_on + timedelta(days=days)
    as_of = day + timedelta(days=late)
    on_time = event("zz", 5_000, day)
    learnt = replace(on_time, known_at=at(as_of))
    before = datetime.combine(as_of, at(as_of).timetz()) - timedelta(seconds=1)
    first = Replay(contract, [*events, on_time], as_of=as_of, known_at=ALL_KNOWN).allocation()
    assert (
        Replay(contract, [*events, learnt], as_of=as_of, known_at=ALL_KNOWN).allocation().state
        == first.state
    )
    assert (
        Replay(contract, [*events, learnt], as_of=as_of, known_at=before).allocation()
        == Replay(contract, events, as_of=as_of, known_at=before).allocation()
    )


@settings(max_examples=60, deadline=None)
@given(histories(), charging(), st.integers(-40, 450))
def test_the_quote_paid_on_its_day_leaves_nothing(found, terms, days) -> None:
    history, events = found
    contract = contracts(history, terms)
    day = history.first_payment_on + timedelta(days=days)
    events = [one for one in events if one.effective_on < day]
    before = Replay(contract, events, as_of=day, known_at=ALL_KNOWN)
    total = before.payoff().total_minor
    if total <= 0 or before.settled_on:
        return
    paying = event("q", total, day, kind=EventKind.SETTLEMENT)
    after = Replay(contract, [*events, paying], as_of=day + timedelta(days=99), known_at=ALL_KNOWN)
    state = after.allocation().state
    assert state.settled_on == day
    nothing = (state.balance_minor, state.owed_minor, state.credit_minor, state.days_past_due)
    assert nothing == (0, 0, 0, 0)
    short = replace(paying, amount_minor=total - 1) if total > 1 else None
    if short:
        again = Replay(contract, [*events, short], as_of=day, known_at=ALL_KNOWN)
        assert again.allocation().state.settled_on is None
        assert again.payoff().total_minor == 1


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.tuples(histories(), charging()), min_size=1, max_size=5),
    st.integers(-40, 500),
    st.integers(-60, 90),
)
def test_the_kernel_equals_the_reference_to_the_unit(found, days, known_days) -> None:
    own = [contracts(history, terms) for (history, _), terms in found]
    starts = [date(1900 + i, 1, 1) for i in range(len(own))]
    book = TermsBook(tuple(replace(c.terms, starts_on=s) for c, s in zip(own, starts, strict=True)))
    columns = TermsColumns.of(book, np.array([days_of(c.started_on) for c in own], np.int64))
    columns = replace(columns, version=np.arange(1, len(own) + 1, dtype=np.int64))
    receivables = ReceivableColumns.of_schedules([c.receivables for c in own])
    payments = PaymentColumns.of_events(
        [sorted(events, key=lambda e: e.reference) for (_, events), _ in found]
    )
    as_of = found[0][0][0].first_payment_on + timedelta(days=days)
    known = at(as_of) + timedelta(days=known_days)
    state = LeaseBook(receivables, payments, columns).state(as_of=as_of, known_at=known)
    moment = int(known.timestamp() * 1_000_000)
    events = Standing.of(payments, len(own), day=days_of(as_of), known=moment)
    lines = replay_many(receivables, events, terms=columns, as_of=days_of(as_of), lines=True).lines
    for i, (contract, ((_, history), _)) in enumerate(zip(own, found, strict=True)):
        replay = Replay(contract, history, as_of=as_of, known_at=known)
        assert state_at(state, i) == replay.allocation().state
        first = int(events.starts[i])
        places = {e.reference: first + n for n, e in enumerate(replay.standing)}
        base = int(receivables.offsets[i]) - 1
        expected: dict[tuple[int, int, int], np.ndarray] = {}
        for line in replay.lines:
            row = base + line.receivable if line.receivable else -1
            parts = (
                line.penalty_minor, line.fee_minor, line.interest_minor, line.principal_minor,
                line.refunded_minor, line.settlement_minor,
            )  # fmt: skip
            key = places[line.reference], row, days_of(line.on)
            expected[key] = expected.get(key, np.zeros(6, np.int64)) + parts
        got: dict[tuple[int, int, int], np.ndarray] = {}
        mine = lines[(lines[:, 0] >= first) & (lines[:, 0] < events.starts[i + 1])]
        for one in mine:
            key = int(one[0]), int(one[1]), int(one[2])
            got[key] = got.get(key, np.zeros(6, np.int64)) + one[3:9]
        assert {k: tuple(v) for k, v in got.items()} == {k: tuple(v) for k, v in expected.items()}


def test_late_interest_is_paid_first_and_runs_on_what_is_left() -> None:
    day = date(2024, 1, 30)  # twenty days late: 100,000 x 0.0005 x 20 = 1,000; reminded for 50
    found = replayed([event("a", 50_000, day)], day).allocation()
    rental = found.rentals[0]
    assert (rental.late_interest_minor, rental.late_open_minor, rental.fee_minor) == (1000, 0, 50)
    assert rental.open_minor == 100_000 - (50_000 - 1050)
    later = replayed([event("a", 50_000, day)], date(2024, 2, 9)).allocation().rentals[0]
    assert later.late_interest_minor == 1000 + 255  # 51,050 x 0.0005 x 10, half up
    assert later.days_past_due == 30


def test_a_rental_paid_within_its_grace_bears_no_late_interest() -> None:
    on_time = [event("a", 100_000, date(2024, 1, 13))]
    assert replayed(on_time, date(2024, 1, 20)).allocation().state.late_interest_minor == 0
    late = [event("a", 100_000, date(2024, 1, 14))]
    state = replayed(late, date(2024, 1, 14)).allocation().state
    assert state.late_interest_minor == 200  # four days from the due day on
    assert state.arrears_minor == 200  # late interest was paid first: so much rent is still due


def test_credit_waits_for_the_due_day_and_can_be_refunded() -> None:
    paid = [event("a", 150_000, date(2024, 1, 10))]
    state = replayed(paid, date(2024, 1, 11)).allocation().state
    assert (state.credit_minor, state.arrears_minor) == (50_000, 0)
    assert replayed(paid, date(2024, 2, 10)).allocation().state.arrears_minor == 50_000
    back = event("b", 50_000, date(2024, 1, 20), kind=EventKind.REFUND)
    state = replayed([*paid, back], date(2024, 2, 10)).allocation().state
    assert (state.credit_minor, state.refunded_minor, state.arrears_minor) == (0, 50_000, 100_000)


def test_a_refund_beyond_the_credit_opens_again_what_was_paid_last() -> None:
    events = [
        event("a", 100_000, date(2024, 1, 10)),
        event("b", 30_000, date(2024, 1, 20), kind=EventKind.REFUND),
    ]
    found = replayed(events, date(2024, 1, 30)).allocation()
    assert found.rentals[0].open_minor == 30_000
    assert found.state.late_interest_minor == 150  # ten days, from the refund on
    assert found.state.overdrawn_minor == 0


def test_the_settlement_quote_names_every_part() -> None:
    quote = replayed([event("a", 100_000, date(2024, 1, 10))], date(2024, 2, 25)).payoff()
    later = sum(r.principal_minor for r in ROWS[2:])
    assert quote.rent_due_minor == 100_000
    assert quote.late_interest_minor == 750
    assert quote.fees_minor == 50
    assert quote.later_principal_minor == later
    assert quote.period_interest_minor == 362  # 700 x 15 of 29 days
    assert quote.charge_minor == 10 + later * 5 // 100
    after_a_year = replace(PENALTY_FIRST, starts_on=date.min)
    rows = [replace(r, due_on=r.due_on.replace(year=2025)) for r in ROWS]
    late = replayed([], date(2025, 1, 1), after_a_year, rows).payoff()
    assert late.charge_minor == 10 + sum(r.principal_minor for r in ROWS) * 3 // 100


def test_terms_go_by_the_day_of_the_contract() -> None:
    book = read_terms(
        [
            {"from": "2025-01-01", "order": "interest,principal,fee,penalty", "across": "part"},
            {"from": "2024-01-01", "late_interest": {"daily_rate": "0.0005", "grace_days": 3}},
        ]
    )
    assert book.of(date(2023, 12, 31)).is_plain
    assert book.of(date(2024, 6, 1)).late_interest == LateInterest(500_000, 3)
    assert book.of(date(2025, 1, 1)).order[-1] is Part.PENALTY


def test_wrong_terms_are_named_all_at_once() -> None:
    with pytest.raises(BadTerms) as caught:
        read_terms(
            [
                {
                    "from": "2024-13-01",
                    "order": "penalty,fee,interest",
                    "late_interest": {"daily_rate": "0.5", "grace": 3},
                    "settlement": {"charges": [{"months": None, "rate": "0.03"}, {"months": 6}]},
                }
            ]
        )
    text = "\n".join(caught.value.problems)
    for place in ("from", "order", "daily_rate", "late_interest.grace", "charges[2].rate"):
        assert f"version 1.{place}" in text or place in text
    assert "months rise" in text


def test_the_newest_rental_is_no_events_business() -> None:
    """Two events of one instant are applied by reference, whatever stands first in the list."""
    one = PaymentEvent("b", EventKind.RENT, 10, at(date(2024, 1, 1)), at(date(2024, 1, 1)))
    two = replace(one, reference="a")
    found = replayed([one, two], date(2024, 1, 10)).lines
    assert [line.reference for line in found] == ["a", "b"]


@settings(max_examples=60, deadline=None)
@given(histories(), charging(), st.integers(-40, 500), st.integers(1, 200))
def test_every_entry_balances_and_the_accounts_are_the_balances(found, terms, days, before) -> None:
    history, events = found
    rows = schedule(history)
    contract = Contract(
        rows, rows[0].due_on - timedelta(days=31), terms, income.earned_parts(history)
    )
    day = history.first_payment_on + timedelta(days=days)
    replay = Replay(contract, events, as_of=day, known_at=ALL_KNOWN)
    entries = journal(replay, cuts=[day - timedelta(days=before)])
    assert all(sum(amount for _, amount in entry.postings) == 0 for entry in entries)
    if not entries:
        return
    balance = trial_balance(entries)
    assert sum(balance.values()) == 0
    state = replay.allocation().state
    due = [] if state.settled_on else replay.due
    assert balance[Account.DUE] == sum(rental.rent_open for rental in due)
    later = [] if state.settled_on else replay.later
    assert balance[Account.NOT_DUE] == sum(r.receivable.amount_minor for r in later)
    assert balance[Account.LATE] == state.late_open_minor
    assert balance[Account.FEES] == state.fees_open_minor
    assert balance[Account.CREDIT] == state.overdrawn_minor - state.credit_minor
    assert balance[Account.BANK] == (
        state.paid_minor - state.refunded_minor + state.recovered_minor
    )
    assert balance[Account.RETURNED] == 0
    if state.settled_on or day >= rows[-1].due_on:
        assert balance[Account.UNEARNED] == 0
    if terms.is_plain and not state.settled_on and day >= rows[-1].due_on:
        assert -balance[Account.INCOME] == sum(r.interest_minor for r in rows)


def test_a_flat_fee_earns_by_the_rate_that_its_flows_imply() -> None:
    terms = LeaseTerms(
        financed_minor=1_200_000, rent_minor=112_000, annual_nominal_rate=Decimal("0.12"),
        term_months=12, first_payment_on=date(2024, 2, 10), maturity_on=date(2025, 1, 10),
        pattern=Pattern.FLAT_FEE,
    )  # fmt: skip
    parts = income.earned_parts(terms)
    rate = implicit_rate(fair_value=1_200_000, payments=[112_000] * 12)
    assert parts[0] == round(1_200_000 * rate)
    assert sum(parts) == 144_000
    assert list(parts) == sorted(parts, reverse=True)
