"""Published examples, naive references and algebra of the α statistics."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.stats import ks_2samp
from sklearn.linear_model import LogisticRegression
from sklearn.metrics import roc_auc_score

from pools.models_kit import metrics
from pools.models_kit.bootstrap import bootstrap_interval, group_weights


def naive_auc(y, s):
    pairs = [
        1.0 if a > b else 0.5 if a == b else 0.0
        for a, hit in zip(s, y, strict=True)
        if hit
        for b, other in zip(s, y, strict=True)
        if not other
    ]
    return sum(pairs) / len(pairs)


def test_auc_of_the_scikit_learn_manual():
    assert metrics.roc_auc([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == 0.75
    assert metrics.gini([0, 0, 1, 1], [0.1, 0.4, 0.35, 0.8]) == 0.5


def test_brier_of_the_scikit_learn_manual():
    assert metrics.brier([0, 1, 1, 0], [0.1, 0.9, 0.8, 0.3]) == pytest.approx(0.0375)


@pytest.mark.filterwarnings("ignore:ks_2samp:RuntimeWarning")  # about its p-value, not read here
@settings(max_examples=40, deadline=None)
@given(
    st.lists(st.tuples(st.booleans(), st.integers(0, 6)), min_size=2, max_size=40).filter(
        lambda rows: len({hit for hit, _ in rows}) == 2
    )
)
def test_auc_and_ks_equal_their_definitions_with_ties(rows):
    y = np.array([hit for hit, _ in rows], dtype=float)
    s = np.array([score for _, score in rows], dtype=float)
    assert metrics.roc_auc(y, s) == pytest.approx(naive_auc(y, s))
    assert metrics.ks_statistic(y, s) == pytest.approx(ks_2samp(s[y == 1], s[y == 0]).statistic)


def test_weights_mean_repeated_rows():
    rng = np.random.default_rng(5)
    y, s = rng.integers(0, 2, 60), rng.normal(size=60).round(1)
    p = 1 / (1 + np.exp(-s))
    times = rng.integers(0, 4, 60)
    rows = np.repeat(np.arange(60), times)
    w = times[None, :].astype(float)
    for f in (
        metrics.roc_auc,
        metrics.ks_statistic,
        metrics.brier,
        metrics.calibration_intercept,
        metrics.calibration_slope,
    ):
        assert f(y, p, w)[0] == pytest.approx(f(y[rows], p[rows]), abs=1e-6), f.__name__
    assert metrics.roc_auc(y, s, w)[0] == pytest.approx(roc_auc_score(y, s, sample_weight=times))


def test_calibration_slope_is_a_logistic_regression_on_the_logit():
    rng = np.random.default_rng(1)
    p = rng.uniform(0.02, 0.6, 4000)
    y = rng.random(4000) < p
    reference = LogisticRegression(C=1e9, tol=1e-10).fit(metrics.logit(p)[:, None], y)
    assert metrics.calibration_slope(y, p) == pytest.approx(reference.coef_[0, 0], abs=1e-4)


def test_doubled_odds_shift_the_intercept_by_ln_2():
    """The forecast's log-odds are ln 2 too low everywhere, and the outcomes are exact counts."""
    p = np.repeat([0.2, 0.5], 100)
    forecast = 1 / (1 + np.exp(-(metrics.logit(p) - np.log(2))))
    y = np.r_[np.arange(100) < 20, np.arange(100) < 50]
    assert metrics.calibration_intercept(y, forecast) == pytest.approx(np.log(2), abs=1e-6)
    assert metrics.calibration_slope(y, forecast) == pytest.approx(1.0, abs=1e-6)


def test_psi_by_hand():
    """Shares 50/50 against 60/40: 0.1·ln 1.2 + (−0.1)·ln 0.8."""
    expected = 0.1 * np.log(1.2) - 0.1 * np.log(0.8)
    assert metrics.psi_of_shares([50, 50], [60, 40]) == pytest.approx(expected)
    same = np.arange(1000.0)
    assert metrics.population_stability(same, same) == 0.0
    assert metrics.population_stability(same, same + 500) > 0.25


def test_missing_values_are_a_band_of_their_own_in_the_psi():
    known = np.arange(1000.0)
    half_missing = np.where(known % 2 == 0, np.nan, known)
    assert metrics.population_stability(known, half_missing) > 0.25


def test_lift_of_a_perfect_ranking():
    y = np.r_[np.ones(10), np.zeros(90)]
    assert metrics.lift_at(y, y, 0.1) == pytest.approx(10.0)
    assert metrics.lift_at(y, -y, 0.1) == 0.0


def test_decile_table_adds_up_to_the_whole():
    rng = np.random.default_rng(3)
    p = rng.uniform(0, 0.3, 1003)
    y = (rng.random(1003) < p).astype(float)
    table = metrics.decile_table(y, p)
    assert sum(row["count"] for row in table) == 1003
    assert sum(row["events"] for row in table) == y.sum()
    assert sum(row["expected_events"] for row in table) == pytest.approx(p.sum())
    assert [row["predicted"] for row in table] == sorted(row["predicted"] for row in table)


def test_groups_are_drawn_whole():
    groups = np.array([7, 7, 3, 3, 3, 9])
    weights = group_weights(groups, 50, seed=2)
    assert (weights[:, 0] == weights[:, 1]).all()
    assert (weights[:, 2] == weights[:, 4]).all()
    assert (weights[:, [0, 2, 5]].sum(axis=1) == 3).all()


def test_related_rows_widen_the_interval():
    """Ten copies of each row hold no more evidence than one: only the group bootstrap knows."""
    rng = np.random.default_rng(4)
    s = rng.normal(size=150)
    y = (s + rng.normal(size=150) > 0.5).astype(float)
    y10, s10 = np.repeat(y, 10), np.repeat(s, 10)

    def width(groups):
        found = bootstrap_interval(
            lambda w: metrics.roc_auc(y10, s10, w), metrics.roc_auc(y10, s10), groups, seed=1
        )
        return found.high - found.low

    assert width(np.repeat(np.arange(150), 10)) > 2 * width(np.arange(1500))


def test_interval_covers_the_truth_about_as_often_as_it_says():
    hits = 0
    for seed in range(60):
        rng = np.random.default_rng(seed)
        p = rng.uniform(0.05, 0.4, 400)
        y = (rng.random(400) < p).astype(float)
        found = bootstrap_interval(
            lambda w, y=y, p=p: metrics.calibration_intercept(y, p, w),
            metrics.calibration_intercept(y, p),
            np.arange(400),
            draws=120,
            seed=seed,
        )
        hits += found.low <= 0 <= found.high
    assert 50 <= hits <= 60
