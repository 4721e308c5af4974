"""α and β verdicts: an honest model passes, a biased, leaking or untested one does not."""

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from scipy.stats import poisson

from pools.models_kit.alpha import AlphaThresholds, alpha_report
from pools.models_kit.beta import BetaThresholds, beta_report, poisson_interval, shadow_count
from pools.models_kit.words import FAIL, PASS, TOO_FEW
from tests.pools.models_kit.samples import NAMES, sample


def report(probability_of=lambda truth: truth, n=12_000, shift=0.0, **changes):
    x, y, truth = sample(n, 41, shift)
    x_old, _, truth_old = sample(n, 22, shift)
    inputs = {
        "outcome": y,
        "probability": probability_of(truth),
        "baseline": x[:, 2],
        "groups": np.arange(n) // 2,
        "features": x,
        "features_trained": x_old,
        "feature_names": NAMES,
        "probability_trained": probability_of(truth_old),
        "segment": np.where(x[:, 3] == 0, "bev", "petrol"),
        "draws": 60,
    }
    return alpha_report(**{**inputs, **changes})


def failed(found):
    return {check.name for check in found.checks if not check.passed}


def test_the_true_probability_passes_and_its_intervals_hold_the_right_answer():
    found = report()
    assert (found.verdict, failed(found)) == (PASS, set())
    slope = found.figures["calibration_slope"]
    assert slope.low < 1 < slope.high
    assert found.auc_over_baseline.low > 0


def test_a_model_that_halves_the_risk_fails_calibration():
    found = report(lambda truth: truth / 2)
    assert found.verdict == FAIL
    assert failed(found) == {"calibration_intercept"}
    assert found.figures["calibration_intercept"].low > 0.25


def test_an_overconfident_model_fails_the_slope():
    def sharpened(truth):
        eta = np.log(truth / (1 - truth))
        return 1 / (1 + np.exp(-(eta.mean() + 1.8 * (eta - eta.mean()))))

    assert "calibration_slope" in failed(report(sharpened))


def test_a_score_that_knows_the_future_is_refused_as_a_leak():
    x, y, truth = sample(12_000, 41)
    assert "auc_leak" in failed(report(lambda _: np.where(y == 1, 0.9, 0.001) + 0 * truth))


def test_a_drifted_population_fails_stability():
    x_old, _, truth_old = sample(12_000, 22, -1.5)
    found = report(features_trained=x_old, probability_trained=truth_old)
    assert "psi_score" in failed(found)


def test_few_events_are_their_own_verdict():
    found = report(n=600, thresholds=AlphaThresholds(min_events=100))
    assert found.verdict == TOO_FEW


def test_the_report_is_the_same_twice_and_json_ready():
    first = report().as_dict()
    assert first == report().as_dict()
    assert sum(row["events"] for row in first["segments"]) == first["events"]


def test_garwood_intervals_of_the_tables():
    """Exact 95 % limits as printed in tables of the Poisson distribution (Garwood, 1936)."""
    assert poisson_interval(0) == pytest.approx((0.0, 3.689), abs=1e-3)
    assert poisson_interval(1) == pytest.approx((0.0253, 5.572), abs=1e-3)
    assert poisson_interval(10) == pytest.approx((4.795, 18.390), abs=1e-3)


@given(st.integers(1, 200))
def test_poisson_limits_leave_the_tails_they_promise(observed):
    low, high = poisson_interval(observed)
    assert poisson.sf(observed - 1, low) == pytest.approx(0.025)
    assert poisson.cdf(observed, high) == pytest.approx(0.025)


def shadow(forecast_times=1.0, n=20_000, months=3, **changes):
    rng = np.random.default_rng(31)
    x, _, truth = sample(n, 23)
    monthly = truth * months / 12
    y = (rng.random(n) < monthly).astype(float)
    at_risk = np.where(x[:, 2] == 0, monthly * 2, np.nan)
    turned = (rng.random(n) < np.nan_to_num(at_risk)).astype(float)
    inputs = {
        "defaulted": y,
        "expected_default": monthly * forecast_times,
        "turned_30": turned,
        "expected_30": at_risk,
        "probability": truth,
        "probability_before": truth,
        "probability_trained": truth,
        "months": months,
        "simulated_time": True,
    }
    return beta_report(**{**inputs, **changes})


def test_a_shadow_run_of_the_truth_passes():
    found = shadow()
    assert found.verdict == PASS
    assert found.simulated_time is True
    assert found.counts[0].ratio_low < 1 < found.counts[0].ratio_high


def test_a_shadow_run_that_forecast_a_third_fails():
    found = shadow(1 / 3)
    assert found.verdict == FAIL
    assert "ratio_default" in {check.name for check in found.checks if not check.passed}


def test_a_quiet_shadow_run_does_not_pass():
    assert shadow(n=300, thresholds=BetaThresholds(min_events=50)).verdict == TOO_FEW


def test_a_shadow_run_that_knows_who_turns_late_is_refused_as_a_leak():
    rng = np.random.default_rng(8)
    turned = (rng.random(20_000) < 0.02).astype(float)
    told = np.where(turned == 1, 0.9, 0.001)
    found = shadow(turned_30=turned, expected_30=told * turned.sum() / told.sum())
    assert {check.name for check in found.checks if not check.passed} == {"auc_turned_30"}


def test_drift_since_the_training_rows_is_told_but_not_judged():
    found = shadow(probability_trained=4 * sample(20_000, 23)[2])
    assert found.psi_since_training > 0.25
    assert found.verdict == PASS


def test_nothing_expected_has_no_ratio():
    assert np.isnan(shadow_count("default", 0.0, 0).ratio)
