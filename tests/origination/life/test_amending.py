"""Changes of a contract: what holds for every lease, every history of payments and every change."""

from datetime import date, timedelta
from decimal import Decimal

import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from origination.domain.life.machine import AMENDING, MACHINE, Move, State
from origination.domain.schedule import LeaseTerms, Pattern, ReceivableKind, schedule
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing.accounts import Account, trial_balance
from origination.domain.servicing.amending import (
    BadChange,
    Change,
    HolidayInterest,
    Version,
    first_version,
    revise,
)
from origination.domain.servicing.columns import LeaseBook
from origination.domain.servicing.income import earned_parts
from origination.domain.servicing.journal import journal
from origination.domain.servicing.payment_columns import PaymentColumns
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.replay import Replay
from tests.origination.test_servicing import histories, state_at
from tests.origination.test_servicing_terms import ALL_KNOWN, charging

PLAIN = LeaseTerms(
    financed_minor=12_000_000, rent_minor=1_066_186, annual_nominal_rate=Decimal("0.12"),
    term_months=12, first_payment_on=date(2025, 1, 31), maturity_on=date(2025, 12, 31),
)  # fmt: skip


def versions_of(terms: LeaseTerms, changes: list[Change]) -> list[Version]:
    versions = [first_version(terms, schedule(terms), earned_parts(terms))]
    for change in changes:
        try:
            versions.append(revise(versions[-1], terms, change))
        except BadChange:
            continue
    return versions


@st.composite
def changes(draw: st.DrawFn, first: date) -> list[Change]:
    """Up to three changes of any kind, in the order of their days."""
    offsets = sorted(draw(st.lists(st.integers(-20, 330), min_size=1, max_size=3)))
    return [
        Change(
            on=first + timedelta(days=offset),
            months=draw(st.integers(0, 8)),
            rate_scaled=draw(st.none() | st.integers(0, 240_000)),
            due_day=draw(st.sampled_from([0, 1, 15, 28])),
            holiday_months=draw(st.integers(0, 3)),
            holiday_interest=draw(st.sampled_from(HolidayInterest)),
        )
        for offset in offsets
    ]


@st.composite
def amended(draw: st.DrawFn):
    """A history, the contract with its changes, and the same contract without them."""
    terms, events = draw(histories())
    versions = versions_of(terms, draw(changes(terms.first_payment_on)))
    assume(len(versions) > 1)
    rows = schedule(terms)
    plain = Contract(
        rows, rows[0].due_on - timedelta(days=31), draw(charging()), earned_parts(terms)
    )
    contract = Contract(
        plain.receivables, plain.started_on, plain.terms, plain.earned, tuple(versions[1:])
    )
    return terms, events, contract, plain


@given(amended())
def test_a_change_keeps_what_fell_due_and_repays_what_was_financed(found):
    terms, _events, contract, _plain = found
    before = [*contract.receivables]
    for version in contract.revisions:
        rows = version.receivables
        done = [row for row in before if row.due_on <= version.on]
        assert rows[: len(done)] == tuple(done)
        assert sum(row.principal_minor for row in rows) == terms.financed_minor
        assert [row.number for row in rows] == list(range(1, len(rows) + 1))
        days = [row.due_on for row in rows]
        assert days == sorted(days)
        assert all(day > version.on for day in days[len(done) :])
        assert min(min(row.interest_minor, row.principal_minor) for row in rows) >= 0
        assert len(version.income) == len(rows)
        assert sum(version.income) == sum(row.interest_minor for row in rows)
        before = [*rows]


@given(amended(), st.integers(-40, 400), st.integers(0, 400))
def test_figures_of_before_a_change_stay_and_those_after_it_balance(found, early, late):
    terms, events, contract, plain = found
    begins = contract.revisions[0].on
    day = min(terms.first_payment_on + timedelta(days=early), begins - timedelta(days=1))
    now, then = (Replay(one, events, as_of=day, known_at=ALL_KNOWN) for one in (contract, plain))
    assert now.allocation() == then.allocation()
    assert now.payoff() == then.payoff()
    assert journal(now) == journal(then)
    day = begins + timedelta(days=late)
    replay = Replay(contract, events, as_of=day, known_at=ALL_KNOWN)
    state, balance = replay.allocation().state, trial_balance(journal(replay))
    assert sum(balance.values()) == 0
    due, later = ([], []) if state.settled_on else (replay.due, replay.later)
    assert balance[Account.DUE] == sum(rental.rent_open for rental in due)
    assert balance[Account.NOT_DUE] == sum(r.receivable.amount_minor for r in later)
    assert balance[Account.CREDIT] == state.overdrawn_minor - state.credit_minor
    if state.settled_on or day >= max(r.due_on for r in contract.at(day).receivables):
        assert balance[Account.UNEARNED] == 0
    assert [rental.receivable for rental in replay.rentals] == [
        row
        for row in contract.at(replay.settled_on or day).receivables
        if row.kind is not ReceivableKind.OPTION
    ]


@settings(max_examples=40)
@given(amended(), st.integers(0, 400))
def test_the_book_says_of_a_changed_lease_what_its_replay_says(found, days):
    _terms, events, contract, plain = found
    day = contract.revisions[0].on + timedelta(days=days)
    book = LeaseBook(
        ReceivableColumns.of_schedules([plain.receivables] * 2),
        PaymentColumns.of_events([events, events]),
    )
    plain_terms = Contract(
        contract.receivables, contract.started_on, earned=contract.earned,
        revisions=contract.revisions,
    )  # fmt: skip
    whole = book.amended({1: plain_terms}).state(as_of=day, known_at=ALL_KNOWN)
    replay = Replay(plain_terms, events, as_of=day, known_at=ALL_KNOWN)
    assert state_at(whole, 1) == replay.allocation().state
    assert state_at(whole, 0) == state_at(book.state(as_of=day, known_at=ALL_KNOWN), 0)


def revised(**change) -> Version:
    version = first_version(PLAIN, schedule(PLAIN), earned_parts(PLAIN))
    return revise(version, PLAIN, Change(on=date(2025, 6, 30), **change))


def test_figures_worked_out_by_hand():
    """Half a year of 12 % is over: 6,179,014 fen of principal are left, six rentals to come."""
    left = sum(row.principal_minor for row in schedule(PLAIN)[6:])
    longer = revised(months=6)
    # numpy_financial.pmt(0.01, 12, -left) of the balance that is left
    assert longer.rent_minor == round(left * 0.01 / (1 - 1.01**-12))
    assert (len(longer.receivables), longer.maturity_on) == (18, date(2026, 6, 30))
    cheaper = revised(rate_scaled=60_000)
    assert cheaper.rent_minor == round(left * 0.005 / (1 - 1.005**-6))
    assert cheaper.maturity_on == date(2025, 12, 31)
    moved = revised(due_day=15)
    assert [row.due_on for row in moved.receivables[5:8]] == [
        date(2025, 6, 30), date(2025, 7, 15), date(2025, 8, 15),
    ]  # fmt: skip
    assert moved.rent_minor == PLAIN.rent_minor
    month = (left + 50) // 100
    paid, deferred, waived = (
        revised(holiday_months=2, holiday_interest=kind).receivables[6:9]
        for kind in (HolidayInterest.PAID, HolidayInterest.DEFERRED, HolidayInterest.WAIVED)
    )
    assert [row.amount_minor for row in paid] == [month, month, PLAIN.rent_minor]
    assert [row.due_on for row in paid][0] == date(2025, 7, 31)
    assert deferred[0].amount_minor == PLAIN.rent_minor + 2 * month
    assert deferred[0].due_on == waived[0].due_on == date(2025, 9, 30)
    assert waived[0].amount_minor == PLAIN.rent_minor


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"on": date(2025, 12, 31), "months": 1}, "nothing_left"),
        ({"on": date(2025, 6, 30), "months": 109}, "too_long"),
    ],
)
def test_a_change_that_cannot_be_made_says_why(change, code):
    version = first_version(PLAIN, schedule(PLAIN), earned_parts(PLAIN))
    with pytest.raises(BadChange, match=code):
        revise(version, PLAIN, Change(**change))


def test_a_flat_fee_has_no_rate():
    flat = LeaseTerms(
        financed_minor=12_000_000, rent_minor=1_100_000, annual_nominal_rate=Decimal("0.2"),
        term_months=12, first_payment_on=date(2025, 1, 31), maturity_on=date(2025, 12, 31),
        pattern=Pattern.FLAT_FEE,
    )  # fmt: skip
    version = first_version(flat, schedule(flat), earned_parts(flat))
    with pytest.raises(BadChange, match="flat_fee"):
        revise(version, flat, Change(on=date(2025, 6, 30), rate_scaled=60_000))


def test_amending_moves_leave_the_lease_active():

    assert {MACHINE[move].ends for move in AMENDING} == {State.ACTIVE}
    assert {Move.EXTEND, Move.PAUSE} <= AMENDING
