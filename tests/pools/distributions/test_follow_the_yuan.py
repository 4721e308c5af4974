"""One lessee's payment from bank line to investor's unit, then back-dated, then reversed."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from origination.domain.schedule import LeaseTerms, level_rent, schedule
from origination.domain.servicing.events import EventKind, PaymentEvent
from pools.distributions.collecting import Collections, PooledLease, collect
from pools.distributions.tracing import difference, inflow_of, trace_payment, unit_payments
from pools.structure.forms import Form
from pools.structure.templates import StandardTerms, standard_deal
from pools.structure.waterfall import Distribution, Standing, distribute
from tests.pools.refusals import refused

RENT = level_rent(financed_minor=10_000_000, annual_nominal_rate=Decimal("0.12"), term_months=24)
TERMS = LeaseTerms(
    financed_minor=10_000_000, rent_minor=RENT, annual_nominal_rate=Decimal("0.12"),
    term_months=24, first_payment_on=date(2025, 1, 10), maturity_on=date(2026, 12, 10),
)  # fmt: skip
DUES = tuple(schedule(TERMS))
START, END = date(2025, 2, 1), date(2025, 3, 1)
CLOSED = datetime(2025, 3, 2, tzinfo=UTC)
LATER = datetime(2025, 3, 20, tzinfo=UTC)
HOLDINGS = {
    "senior": {"Gao Yuan": 3_000_001, "Lin Fund": 2_000_000},
    "subordinated": {"Anda Leasing": 1},
}


def rent(number: int, month: int, *, day: int = 10, known: datetime | None = None) -> PaymentEvent:
    at = datetime(2025, month, day, tzinfo=UTC)
    return PaymentEvent(f"BANK-{number}-{month}", EventKind.RENT, RENT, at, known or at)


def lease(number: int, *months: int) -> PooledLease:
    return PooledLease(f"lease-{number}", DUES, tuple(rent(number, month) for month in months))


POOL = [lease(number, 1, 2) for number in range(9)] + [lease(9, 1)]


def distributed(leases: list[PooledLease], known_at: datetime) -> tuple[Collections, Distribution]:
    collections = collect(leases, start=START, end=END, known_at=known_at)
    pool = collect(POOL, start=START, end=END, known_at=CLOSED).pool_opening_minor
    terms = StandardTerms(Form.LOAN, Decimal("0.8"), Decimal("0.05"), custody_minor=10_000)
    deal = standard_deal(terms, pool)
    return collections, distribute(deal, Standing.at_start(deal), inflow_of(collections))


def test_a_payment_is_followed_to_the_cent() -> None:
    collections, result = distributed(POOL, CLOSED)
    assert len(collections.payments) == 9
    assert collections.income_minor + collections.principal_minor == 9 * RENT
    payment, hops = trace_payment("BANK-3-2", collections, result, HOLDINGS)
    assert (payment.income_minor, payment.principal_minor) == (
        DUES[1].interest_minor, DUES[1].principal_minor,
    )  # fmt: skip
    assert sum(hop.minor for hop in hops) == RENT
    assert "Gao Yuan" in {hop.holder for hop in hops}


def test_all_traces_together_are_the_whole_distribution() -> None:
    collections, result = distributed(POOL, CLOSED)
    total = sum(
        hop.minor
        for payment in collections.payments
        for hop in trace_payment(payment.reference, collections, result, HOLDINGS)[1]
    )
    assert total == collections.income_minor + collections.principal_minor


def test_units_receive_what_their_class_was_paid() -> None:
    _, result = distributed(POOL, CLOSED)
    paid = unit_payments(result, HOLDINGS)
    senior = sum(minor for (payee, _holder), minor in paid.items() if payee == "senior")
    assert senior == result.paid("senior") > 0


@pytest.mark.parametrize("day", [10, 27])
def test_a_back_dated_payment_corrects_its_own_period(day: int) -> None:
    late = replace(POOL[9], events=(*POOL[9].events, rent(9, 2, day=day, known=LATER)))
    before, first = distributed([*POOL[:9], late], CLOSED)
    assert before == distributed(POOL, CLOSED)[0]  # nobody knew yet
    after, second = distributed([*POOL[:9], late], LATER)
    assert len(after.payments) - len(before.payments) == 1
    assert sum(difference(first, second).values()) == RENT
    _, hops = trace_payment("BANK-9-2", after, second, HOLDINGS)
    assert sum(hop.minor for hop in hops) == RENT


def test_a_reversed_payment_counts_in_no_period() -> None:
    undo = PaymentEvent(
        "UNDO", EventKind.REVERSAL, RENT, datetime(2025, 2, 20, tzinfo=UTC), LATER,
        reverses="BANK-3-2",
    )  # fmt: skip
    undone = replace(POOL[3], events=(*POOL[3].events, undo))
    leases = [*POOL[:3], undone, *POOL[4:]]
    _, first = distributed(leases, CLOSED)
    after, second = distributed(leases, LATER)
    assert sum(difference(first, second).values()) == -RENT
    with refused("payment_not_counted"):
        trace_payment("BANK-3-2", after, second, HOLDINGS)


def test_a_lease_ninety_days_late_leaves_the_pool() -> None:
    silent = PooledLease("silent", DUES, ())
    in_time = collect([silent], start=date(2025, 2, 1), end=date(2025, 4, 1), known_at=LATER)
    late = collect([silent], start=date(2025, 4, 1), end=date(2025, 5, 1), known_at=LATER)
    assert in_time.pool_closing_minor == late.pool_opening_minor == 10_000_000
    assert late.pool_closing_minor == 0


def test_a_settlement_repays_the_principal_that_is_left() -> None:
    left = 10_000_000 - DUES[0].principal_minor
    due = DUES[1].interest_minor + 5_000  # interest due on the day, and a fee beyond the payoff
    at = datetime(2025, 2, 15, tzinfo=UTC)
    settled = PaymentEvent("SETTLED", EventKind.SETTLEMENT, left + due, at, at)
    closed = PooledLease("closed", DUES, (rent(1, 1), settled))
    found = collect([closed], start=START, end=END, known_at=CLOSED)
    [payment] = found.payments
    assert (payment.principal_minor, payment.income_minor) == (left, due)
    assert (found.pool_opening_minor, found.pool_closing_minor) == (left, 0)


def test_a_reversal_lowers_the_period_that_had_counted_the_payment() -> None:
    undo = PaymentEvent(
        "UNDO", EventKind.REVERSAL, RENT, datetime(2025, 4, 20, tzinfo=UTC),
        datetime(2025, 4, 21, tzinfo=UTC), reverses="BANK-3-2",
    )  # fmt: skip
    undone = replace(POOL[3], events=(*POOL[3].events, undo))
    known = datetime(2025, 5, 1, tzinfo=UTC)
    found = collect([undone], start=START, end=END, known_at=known)
    assert found.payments == ()
    assert found.pool_opening_minor == found.pool_closing_minor
