"""Buckets, roll rates, transition matrices, static pools and pool figures."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from monitoring.performance.buckets import (
    CN,
    US_30,
    US_31,
    BucketScheme,
    balance_by_bucket,
    count_by_bucket,
)
from monitoring.performance.figures import (
    DefaultColumns,
    cumulative_default_rate,
    cumulative_net_loss_rate,
    delinquency_rate,
    excess_spread,
    mark_defaults,
    trailing_average,
    weighted_average,
)
from monitoring.performance.migration import (
    InvalidTransitionMatrix,
    TransitionMatrix,
    estimate_transitions,
    roll_rates,
)
from monitoring.performance.vintages import project_lifetime, static_pool, timing_curve


def test_bucket_edges_of_each_convention() -> None:
    days = np.array([0, 1, 29, 30, 31, 59, 60, 61, 89, 90, 91, 400])
    assert CN.of(days).tolist() == [0, 1, 1, 1, 2, 2, 2, 3, 3, 3, 4, 4]
    assert US_30.of(days).tolist() == [0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3, 3]
    assert US_31.of(days).tolist() == [0, 0, 0, 0, 1, 1, 1, 2, 2, 2, 3, 3]


@pytest.mark.parametrize("bounds", [(), (0, 30), (30, 30), (60, 30)])
def test_bucket_bounds_must_rise(bounds: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="bounds must start"):
        BucketScheme("X", bounds, tuple("abcdef"[: len(bounds) + 1]))


@given(st.lists(st.tuples(st.integers(0, 200), st.integers(0, 10**12)), max_size=30))
def test_buckets_add_up_to_the_whole(assets: list[tuple[int, int]]) -> None:
    bucket = CN.of(np.array([days for days, _ in assets], np.int64))
    balance = np.array([amount for _, amount in assets], np.int64)
    assert balance_by_bucket(bucket, balance).sum() == balance.sum()
    assert count_by_bucket(bucket).sum() == len(assets)


def test_roll_rates_divide_by_the_bucket_before() -> None:
    rates = roll_rates(np.array([[100, 10, 0], [90, 20, 5], [80, 9, 10]]))
    assert rates[0].tolist() == [0.2, 0.5]
    assert rates[1].tolist() == [0.1, 0.5]
    assert np.isnan(roll_rates(np.array([[1, 0], [1, 0]]))[:, 1:]).all()


def test_published_matrix_and_its_powers() -> None:
    # A = 0.4 I + 0.2 J has the closed form Aⁿ = 0.4ⁿ I + (1 − 0.4ⁿ)/3 J.
    a = np.array([[0.6, 0.2, 0.2], [0.2, 0.6, 0.2], [0.2, 0.2, 0.6]])
    for n in (0, 1, 2, 3, 10):
        closed = 0.4**n * np.eye(3) + (1 - 0.4**n) / 3 * np.ones((3, 3))
        np.testing.assert_allclose(TransitionMatrix(a).after(n), closed, atol=1e-14)


@pytest.mark.parametrize(
    ("matrix", "says"),
    [
        ([[0.75, 0.25], [0.0, 0.9]], "Row 2 sums to 0.9"),
        ([[0.75, 0.25], [-0.1, 1.1]], "Row 2 holds something other"),
        ([[0.5, 0.5]], "shape"),
        ([[float("nan"), 1.0], [0.0, 1.0]], "Row 1 holds"),
    ],
)
def test_invalid_matrices_are_refused(matrix: list[list[float]], says: str) -> None:
    with pytest.raises(InvalidTransitionMatrix) as caught:
        TransitionMatrix(np.array(matrix))
    assert says in caught.value.detail


states = st.lists(
    st.tuples(st.integers(0, 3), st.integers(0, 3), st.integers(1, 1000)), min_size=1, max_size=60
)


@settings(max_examples=60)
@given(states)
def test_cohort_estimator_against_counting(moves: list[tuple[int, int, int]]) -> None:
    earlier, later, weights = (np.array(column) for column in zip(*moves, strict=True))
    matrix, at_risk = estimate_transitions(earlier, later, states=4, weights=weights)
    for i in range(4):
        risk = sum(w for a, _, w in moves if a == i)
        assert at_risk[i] == risk
        for j in range(4):
            moved = sum(w for a, b, w in moves if (a, b) == (i, j))
            expected = moved / risk if risk else float(i == j)
            assert matrix.probabilities[i, j] == pytest.approx(expected)


def test_static_pool_by_vintage_and_age() -> None:
    pool = static_pool(
        vintage=np.array([600, 600, 601]),
        original=np.array([1000, 3000, 2000]),
        event_month=np.array([601, -1, 603]),
        event_amount=np.array([800, 0, 500]),
        observed_to=603,
    )
    assert pool.months.tolist() == [600, 601]
    assert pool.cumulative[0].tolist() == [0, 0.2, 0.2, 0.2]
    assert pool.cumulative[1, :3].tolist() == [0, 0, 0.25]
    assert np.isnan(pool.cumulative[1, 3])  # age 3 of the second vintage lies ahead


def test_static_pool_leaves_later_events_out_and_refuses_earlier_ones() -> None:
    columns = {"vintage": np.array([600]), "original": np.array([10]), "observed_to": 602}
    later = static_pool(**columns, event_month=np.array([603]), event_amount=np.array([5]))
    assert later.cumulative.tolist() == [[0, 0, 0]]
    with pytest.raises(ValueError, match="before its lease's origination"):
        static_pool(**columns, event_month=np.array([599]), event_amount=np.array([5]))


def test_young_vintages_project_by_the_timing_curve() -> None:
    pool = static_pool(
        vintage=np.array([600, 600, 602]),
        original=np.array([500, 500, 1000]),
        event_month=np.array([602, 604, 604]),
        event_amount=np.array([10, 30, 20]),
        observed_to=604,
    )
    curve = timing_curve(pool)
    assert curve.tolist() == [0, 0, 0.25, 0.25, 1]
    assert project_lifetime(pool, curve).tolist() == [0.04, 0.08]
    quiet = static_pool(
        vintage=np.array([600]), original=np.array([1]), event_month=np.array([-1]),
        event_amount=np.array([0]), observed_to=601,
    )  # fmt: skip
    with pytest.raises(ValueError, match="no vintage with a loss"):
        timing_curve(quiet)


def test_a_default_is_sticky_and_gross() -> None:
    balance = np.array([100, 200, 300])
    first = mark_defaults(
        DefaultColumns.none(3), days_past_due=np.array([91, 90, 0]), balance=balance, as_of=10
    )
    assert first.is_default.tolist() == [True, False, False]
    cured = mark_defaults(
        first,
        days_past_due=np.array([0, 0, 0]),
        balance=balance // 2,
        as_of=20,
        other=np.array([False, False, True]),
    )
    assert cured.since.tolist() == [10, -1, 20]
    assert cured.balance.tolist() == [100, 0, 150]
    assert cumulative_default_rate(cured, 1000) == 0.25


def test_rates() -> None:
    days, balance = np.array([0, 30, 31, 120]), np.array([600, 200, 100, 100])
    assert delinquency_rate(days, balance, over_days=30) == 0.2
    assert delinquency_rate(days, balance, over_days=90) == 0.1
    assert delinquency_rate(days[:0], balance[:0], over_days=30) == 0
    assert cumulative_net_loss_rate(300, 120, 9000) == 0.02
    assert trailing_average([0.1, 0.2, 0.3, 0.4]) == pytest.approx(0.3)
    assert trailing_average([0.1, 0.2]) is None
    assert weighted_average(np.array([0.08, 0.10]), np.array([300, 100])) == pytest.approx(0.085)
    spread = excess_spread(
        yield_minor=900, note_interest_minor=400, fees_minor=50, net_loss_minor=250,
        opening_minor=101_000, closing_minor=99_000,
    )  # fmt: skip
    assert spread == pytest.approx(0.024)  # 200 of 100,000 a month
    with pytest.raises(ValueError, match="denominator"):
        cumulative_default_rate(DefaultColumns.none(1), 0)
