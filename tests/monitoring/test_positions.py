"""Positions of leases, against one lease at a time in plain Python."""

from dataclasses import dataclass

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.performance.positions import (
    NOTHING_DUE,
    DebtColumns,
    paid_by_lease,
    positions,
)


@dataclass(frozen=True)
class Rental:
    due: int
    interest: int
    principal: int


def _columns(leases: list[list[Rental]]) -> DebtColumns:
    rows = [row for lease in leases for row in lease]
    return DebtColumns(
        offsets=np.cumsum([0, *(len(lease) for lease in leases)], dtype=np.int64),
        due=np.array([row.due for row in rows], np.int32),
        interest=np.array([row.interest for row in rows], np.int64),
        principal=np.array([row.principal for row in rows], np.int64),
    )


def _naive(lease: list[Rental], cash: int, as_of: int, tolerance: int) -> tuple[int, int, int, int]:
    """(oldest unpaid, days past due, arrears, balance), receivable by receivable."""
    oldest, balance, left, owed = None, 0, cash, 0
    for row in lease:
        amount = row.interest + row.principal
        owed += amount
        if oldest is None and owed <= cash + tolerance:
            left -= amount
            continue
        if oldest is None:
            oldest = row.due
            balance += row.principal - max(0, max(0, left) - row.interest)
        else:
            balance += row.principal
    if oldest is None:
        return int(NOTHING_DUE), 0, 0, 0
    late = max(0, as_of - oldest)
    overdue = sum(row.interest + row.principal for row in lease if row.due < as_of)
    return oldest, late, max(0, overdue - cash) if late else 0, balance


rentals = st.lists(
    st.builds(Rental, st.just(0), st.integers(0, 50), st.integers(1, 500)), min_size=1, max_size=8
).map(lambda rows: [Rental(30 * (k + 1), r.interest, r.principal) for k, r in enumerate(rows)])


@settings(max_examples=150)
@given(
    st.lists(st.tuples(rentals, st.integers(-100, 4000)), min_size=1, max_size=6),
    st.integers(0, 300),
    st.integers(0, 20),
)
def test_columns_equal_one_lease_at_a_time(
    leases: list[tuple[list[Rental], int]], as_of: int, tolerance: int
) -> None:
    cash = np.array([paid for _, paid in leases], np.int64)
    found = positions(
        _columns([lease for lease, _ in leases]), cash, as_of=as_of, tolerance_minor=tolerance
    )
    for i, (lease, paid) in enumerate(leases):
        row = (found.oldest_unpaid[i], found.days_past_due[i], found.arrears[i], found.balance[i])
        assert row == _naive(lease, max(0, paid), as_of, tolerance)


THREE = [Rental(30, 10, 90), Rental(60, 5, 95), Rental(90, 2, 98)]


def test_a_missed_rental_ages_by_the_day() -> None:
    debt, paid = _columns([THREE]), np.array([100], np.int64)
    late = [positions(debt, paid, as_of=day).days_past_due[0] for day in (59, 60, 61, 91, 151)]
    assert late == [0, 0, 1, 31, 91]


def test_part_payments_go_to_interest_first() -> None:
    found = positions(_columns([THREE]), np.array([103], np.int64), as_of=70)
    assert (found.arrears[0], found.balance[0], found.days_past_due[0]) == (97, 193, 10)
    found = positions(_columns([THREE]), np.array([150], np.int64), as_of=70)
    assert (found.arrears[0], found.balance[0]) == (50, 193 - 45)


def test_reversed_and_back_dated_payments_rederive_the_position() -> None:
    debt = _columns([THREE])
    events = {
        "lease": np.array([0, 0, 0], np.int64),
        "amount": np.array([100, 100, -100], np.int64),
        "effective": np.array([30, 60, 60], np.int32),
        "known": np.array([30, 60, 75], np.int32),
    }

    def late(as_of: int) -> int:
        paid = paid_by_lease(**events, leases=1, as_of=as_of)
        return int(positions(debt, paid, as_of=as_of).days_past_due[0])

    assert [late(day) for day in (60, 74, 75, 80)] == [0, 0, 15, 20]


def test_closed_and_empty_leases_owe_nothing() -> None:
    debt = _columns([THREE, [], THREE])
    found = positions(debt, np.zeros(3, np.int64), as_of=200, closed=np.array([True, False, False]))
    assert found.days_past_due.tolist() == [0, 0, 170]
    assert found.balance.tolist() == [0, 0, 283]
    assert found.oldest_unpaid.tolist() == [NOTHING_DUE, NOTHING_DUE, 30]


def test_order_of_payments_does_not_matter() -> None:
    rng = np.random.default_rng(7)
    lease, amount = rng.integers(0, 4, 40), rng.integers(-50, 200, 40)
    day = rng.integers(0, 100, 40).astype(np.int32)
    shuffled = rng.permutation(40)
    one = paid_by_lease(lease=lease, amount=amount, effective=day, known=day, leases=4, as_of=60)
    two = paid_by_lease(
        lease=lease[shuffled], amount=amount[shuffled], effective=day[shuffled],
        known=day[shuffled], leases=4, as_of=60,
    )  # fmt: skip
    assert one.tolist() == two.tolist()
    assert one.sum() == amount[day <= 60].sum()


@pytest.mark.parametrize(("cash", "oldest"), [(99, 30), (98, 30), (97, 30)])
def test_tolerance_forgives_a_short_receivable(cash: int, oldest: int) -> None:
    debt = _columns([THREE])
    strict = positions(debt, np.array([cash], np.int64), as_of=40)
    loose = positions(debt, np.array([cash], np.int64), as_of=40, tolerance_minor=3)
    assert strict.oldest_unpaid[0] == oldest
    assert loose.oldest_unpaid[0] == 60
    assert loose.days_past_due[0] == 0
