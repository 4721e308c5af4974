"""Straight lines beside a base model, and the timing of default, where the truth is known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pools.models_kit import hazards
from pools.models_kit.probability import WithStraightLines, boosting


def sample(seed, slope, n=30_000):
    """Ten days, each with a level of its own; a rare few are very late and nearly sure to fail."""
    rng = np.random.default_rng(seed)
    day = rng.integers(0, 10, n)
    level = np.linspace(-0.3, 0.3, 10)[day]
    late = np.where(rng.random(n) < 0.003, 75.0, 0.0)
    other = rng.normal(size=n)
    eta = -4.0 + 0.8 * other + slope * level + np.where(late > 60, 6.0, 0.0)
    truth = 1 / (1 + np.exp(-eta))
    return np.column_stack([other, level, late]), (rng.random(n) < truth).astype(int), truth


def fitted(x, y):
    base = boosting((1, 1), (False, False), seed=0)
    return WithStraightLines(base, level=1, late=2, bounds=(0, 15, 30, 60)).fit(x, y)


def test_the_level_moves_every_asset_alike_and_never_in_steps():
    x, y, _ = sample(1, slope=2.0)
    model = fitted(x, y)
    assert 1.0 < model.coef_[1] < 2.6  # the truth, drawn to 1
    moved = x[:200].copy()
    moved[:, 1] += 0.01
    change = model.decision_function(moved) - model.decision_function(x[:200])
    assert change == pytest.approx(0.01 * model.coef_[1])


def test_the_few_who_are_furthest_behind_are_not_shrunk_to_the_rest():
    x, y, _ = sample(2, slope=0.0)
    xt, yt, truth = sample(3, slope=0.0)
    late = xt[:, 2] > 60
    p = fitted(x, y).predict_proba(xt)[:, 1]
    assert p[late].mean() == pytest.approx(truth[late].mean(), abs=0.1)
    alone = boosting((1, 1), (False, False), seed=0).fit(x[:, [0, 2]], y)
    without = alone.predict_proba(xt[:, [0, 2]])[:, 1]
    assert abs(p[late].mean() - yt[late].mean()) < abs(without[late].mean() - yt[late].mean())


def test_timing_finds_the_months_in_which_a_state_defaults():
    at_risk = np.array([[10_000.0] * 6, [100, 60, 40, 40, 40, 40]])
    events = np.array([[0, 0, 4, 4, 4, 4], [40, 20, 0, 0, 0, 0]], dtype=float)
    timing = hazards.fit_timing(at_risk, events, at_risk * 0.0004)
    assert timing.factor.shape == (2, 8)
    assert timing.factor[0, 1:3].max() < 0.1
    assert timing.factor[0, 3:7] == pytest.approx(1.0, rel=0.1)
    assert timing.factor[1, 1] > 1000
    assert (timing.factor[:, -1] == 1).all()


def test_a_state_nobody_was_seen_in_is_even():
    timing = hazards.fit_timing(np.zeros((1, 3)), np.zeros((1, 3)), np.zeros((1, 3)))
    assert (timing.factor == 1).all()


@settings(max_examples=25, deadline=None)
@given(st.floats(0.001, 0.6), st.integers(0, 60), st.integers(0, 1))
def test_timing_moves_months_but_not_the_years_probability(probability, age, state):
    default = hazards.Baseline(np.full(73, 0.0006))
    prepay = hazards.Baseline(np.full(73, 0.006))
    timing = hazards.Timing(
        np.array([[1, 0.01, 0.01, *[1.2] * 10, 1], [1, 900, 400, *[2] * 10, 1]])
    )
    shape = (default, prepay, [1.0], timing, [state])
    m = hazards.multiplier_for_probability([probability], [age], 12, *shape)
    year = hazards.incidence(m, [age], 12, *shape)
    assert year[0] == pytest.approx(probability, rel=1e-6)
    early = hazards.incidence(m, [age], 2, *shape)[0] / year[0]
    assert early < 0.02 if state == 0 else early > 0.7
