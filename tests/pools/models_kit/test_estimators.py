"""Scorecard, boosting, market value, hazards and recovery on samples whose truth is known."""

import time

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pools.models_kit import hazards, metrics, reasons
from pools.models_kit.binning import fit_bins
from pools.models_kit.market_value import MarketValueModel
from pools.models_kit.probability import CalibratedProbability, boosting
from pools.models_kit.recovery import fit_recovery
from pools.models_kit.scorecard import WoeScorecard
from tests.pools.models_kit.samples import CATEGORICAL, MONOTONE, NAMES, sample


def champion(seed=0):
    return CalibratedProbability(boosting(MONOTONE, CATEGORICAL, seed))


def challenger():
    return CalibratedProbability(WoeScorecard(MONOTONE, CATEGORICAL))


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10_000), st.sampled_from([-1, 1]))
def test_bins_never_break_the_asked_direction(seed, direction):
    rng = np.random.default_rng(seed)
    x = rng.integers(0, 30, 400).astype(float)
    y = (rng.random(400) < 0.2).astype(float)
    bins = fit_bins(x, y, monotone=direction)
    woe = bins.transform(np.arange(30.0))
    assert (np.diff(woe) * -direction >= -1e-9).all()


def test_woe_of_two_bins_by_hand():
    """40 good and 10 bad low, 10 good and 40 bad high: WOE ±ln 4, but for the two pseudo rows."""
    x = np.r_[np.zeros(50), np.ones(50)]
    y = np.r_[np.arange(50) < 10, np.arange(50) < 40].astype(float)
    bins = fit_bins(x, y, monotone=1)
    assert bins.edges.tolist() == [0.0]
    assert bins.woe == pytest.approx([np.log(41 / 11), np.log(11 / 41)])
    assert bins.transform([np.nan]).tolist() == [0.0]


def test_unknown_category_counts_as_missing():
    bins = fit_bins([0, 0, 1, 1, np.nan], [0, 1, 0, 0, 1], categorical=True)
    assert bins.transform([7.0])[0] == bins.missing_woe != 0.0


@pytest.mark.parametrize("make", [champion, challenger])
def test_either_model_ranks_and_calibrates_out_of_sample(make):
    x, y, _ = sample(24_000, 1)
    xc, yc, _ = sample(20_000, 22)
    xt, yt, truth = sample(20_000, 3)
    model = make().fit(x, y).calibrate(xc, yc)
    p = model.probability(xt)
    best = metrics.roc_auc(yt, truth)
    assert metrics.roc_auc(yt, p) > best - 0.03
    assert abs(metrics.calibration_intercept(yt, p)) < 0.2
    assert 0.8 < metrics.calibration_slope(yt, p) < 1.25
    assert p.min() >= model.floor


@pytest.mark.parametrize("make", [champion, challenger])
def test_probability_is_monotone_in_constrained_columns(make):
    x, y, _ = sample(8_000, 4)
    model = make().fit(x, y).calibrate(x, y)
    row = np.tile(x[:1], (40, 1))
    row[:, 0] = np.linspace(0.3, 1.2, 40)
    assert (np.diff(model.probability(row)) >= -1e-12).all()
    row = np.tile(x[:1], (40, 1))
    row[:, 1] = np.linspace(450, 850, 40)
    assert (np.diff(model.probability(row)) <= 1e-12).all()


def test_same_seed_same_scores_and_training_30_000_rows_is_quick():
    x, y, _ = sample(30_000, 6)
    start = time.process_time()
    first = champion(9).fit(x, y).calibrate(x[:8000], y[:8000]).probability(x[:500])
    challenger().fit(x, y)
    assert time.process_time() - start < 10
    again = champion(9).fit(x, y).calibrate(x[:8000], y[:8000]).probability(x[:500])
    assert np.array_equal(first, again)


def test_scorecard_contributions_sum_to_the_score():
    x, y, _ = sample(4_000, 7)
    card = WoeScorecard(MONOTONE, CATEGORICAL).fit(x, y)
    total = card.intercept_ + card.contributions(x).sum(axis=1)
    assert total == pytest.approx(card.decision_function(x))
    assert (card.coef_ >= 0).all()


def test_one_class_is_a_clear_error():
    with pytest.raises(ValueError, match="with and without the event"):
        WoeScorecard().fit(np.ones((5, 1)), np.zeros(5))


def test_reasons_name_what_was_made_worse():
    x, y, _ = sample(12_000, 8)
    model = champion().fit(x, y).calibrate(x, y)
    reference = reasons.reference_values(x, y, CATEGORICAL)
    bad = np.tile(reference, (2, 1))
    bad[0, 2] = 5.0
    parts = reasons.contributions(model.decision_function, bad, reference)
    assert reasons.top_reasons(parts, NAMES) == [["late"], []]


def test_market_value_bands_cover_and_fall_with_age():
    rng = np.random.default_rng(10)
    age = rng.uniform(0, 8, 6000)
    km = age * 15_000 * rng.lognormal(0, 0.2, 6000)
    code = rng.integers(0, 12, 6000).astype(float)
    price = np.exp(11.5 + 0.1 * code - 0.14 * age - 1e-6 * km + rng.normal(0, 0.05 + 0.02 * age))
    x = np.column_stack([age, km, code])
    model = MarketValueModel([-1, -1, 0], [False, False, True], spread_column=0)
    model.fit(x[:3000], price[:3000]).conform(x[3000:4500], price[3000:4500])
    bands = model.quantiles(x[4500:])
    inside = (price[4500:] >= bands[:, 0]) & (price[4500:] <= bands[:, 2])
    assert 0.76 < inside.mean() < 0.84
    old = age[4500:] > 5
    assert 0.72 < inside[old].mean() < 0.88
    assert (np.diff(bands, axis=1) >= 0).all()
    older = np.column_stack([np.linspace(0, 8, 50), np.full(50, 6e4), np.full(50, 3.0)])
    assert (np.diff(model.quantiles(older)[:, 1]) <= 1e-6).all()


def test_baseline_recovers_a_flat_hazard_and_fills_unseen_ages():
    base = hazards.fit_baseline([1000.0] * 24 + [0.0] * 12, [10.0] * 24 + [0.0] * 12)
    assert base.hazard()[:24] == pytest.approx(0.01, rel=0.02)
    assert 0.008 < base.hazard()[35] < 0.012


def naive_incidence(m, age, horizon, default, prepay, m_prepay):
    alive, hit = 1.0, 0.0
    for t in range(1, horizon + 1):
        h_d = 1 - (1 - default.hazard()[min(age + t, len(default.cumulative) - 1)]) ** m
        h_p = 1 - (1 - prepay.hazard()[min(age + t, len(prepay.cumulative) - 1)]) ** m_prepay
        hit += alive * h_d
        alive *= 1 - h_d - h_p
    return hit


@settings(max_examples=25, deadline=None)
@given(st.floats(0.0005, 0.4), st.integers(0, 70), st.floats(0.2, 3.0))
def test_multiplier_reproduces_the_probability_it_was_given(probability, age, m_prepay):
    age_axis = np.arange(48)
    default = hazards.Baseline(0.001 + 0.0004 * np.exp(-(((age_axis - 14) / 9.0) ** 2)))
    prepay = hazards.Baseline(np.full(48, 0.006))
    m = hazards.multiplier_for_probability([probability], [age], 12, default, prepay, [m_prepay])
    found = naive_incidence(m[0], age, 12, default, prepay, m_prepay)
    assert found == pytest.approx(probability, rel=1e-6)


def test_relative_risk_trusts_large_segments_only():
    found = hazards.relative_risk([0, 1, 1], [2, 500, 500], [1, 250, 250], 3)
    assert found == pytest.approx([27 / 26, 1025 / 525, 1.0])


def test_recovery_without_cases_is_the_policy_ratio():
    none = np.empty(0)
    model = fit_recovery(
        recovered=none, vehicle_value=none, segment=none, lag_months=none, segments=3,
        prior_ratio=0.55,
    )  # fmt: skip
    assert model.ratio_of([0, 2, 9]) == pytest.approx([0.55] * 3)


def test_recovery_follows_many_cases():
    value = np.full(4000, 80_000.0)
    segment = np.repeat([0, 1], 2000)
    cash = value * np.where(segment == 0, 0.6, 0.4)
    model = fit_recovery(
        recovered=cash, vehicle_value=value, segment=segment, lag_months=np.full(4000, 5.0),
        segments=2, prior_ratio=0.9,
    )  # fmt: skip
    assert model.ratio_of([0, 1]) == pytest.approx([0.6, 0.4], abs=0.01)
    assert model.lag_months == 5
