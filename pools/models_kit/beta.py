"""β test: a shadow run on live assets, forecast events against those that happened.

The forecast is the sum of monthly hazards over the shadow window. Counts are judged by the exact
Poisson interval; below a minimum of expected events there is no verdict to pass.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import numpy.typing as npt
from scipy.stats import chi2

from pools.models_kit import metrics
from pools.models_kit.alpha import Check, rounded_mapping
from pools.models_kit.words import FAIL, PASS, TOO_FEW


@dataclass(frozen=True, slots=True)
class BetaThresholds:
    """Set by the risk committee, stored with the report."""

    min_events: int = 20
    min_ratio: float = 0.75
    max_ratio: float = 1.33
    max_psi: float = 0.25
    min_auc: float = 0.65
    max_auc_turned_30: float = 0.88


@dataclass(frozen=True, slots=True)
class ShadowCount:
    """One kind of event over the window: forecast, seen, and the seen ÷ forecast interval."""

    event: str
    expected: float
    observed: int
    ratio: float
    ratio_low: float
    ratio_high: float


@dataclass(frozen=True, slots=True)
class BetaReport:
    """What a shadow run found; `simulated_time` reports count in demo tenants only."""

    rows: int
    months: int
    simulated_time: bool
    counts: Sequence[ShadowCount]
    auc: float | None
    auc_turned_30: float | None
    psi_score: float
    psi_since_training: float
    checks: Sequence[Check]
    verdict: str
    thresholds: BetaThresholds

    def as_dict(self) -> dict[str, Any]:
        return rounded_mapping(asdict(self))


def poisson_interval(observed: int, coverage: float = 0.95) -> tuple[float, float]:
    """Exact interval of a Poisson mean after `observed` events (Garwood, 1936)."""
    tail = (1 - coverage) / 2
    low = 0.0 if observed == 0 else float(chi2.ppf(tail, 2 * observed) / 2)
    return low, float(chi2.ppf(1 - tail, 2 * observed + 2) / 2)


def shadow_count(event: str, expected: float, observed: int) -> ShadowCount:
    """Observed ÷ expected with its Poisson interval; NaN where nothing was expected."""
    low, high = poisson_interval(observed)
    if expected <= 0:
        return ShadowCount(event, expected, observed, *[float("nan")] * 3)
    return ShadowCount(
        event, expected, observed, observed / expected, low / expected, high / expected
    )


def beta_report(
    *,
    defaulted: npt.ArrayLike,
    expected_default: npt.ArrayLike,
    turned_30: npt.ArrayLike,
    expected_30: npt.ArrayLike,
    probability: npt.ArrayLike,
    probability_before: npt.ArrayLike,
    probability_trained: npt.ArrayLike,
    months: int,
    simulated_time: bool,
    thresholds: BetaThresholds | None = None,
) -> BetaReport:
    """Judge a shadow run of `months` months.

    `defaulted` and `turned_30` are 0/1 over the window, `expected_*` the forecast probabilities
    of the same events, `probability` the model's PD at scoring, all (n,). `expected_30` is NaN
    for assets not at risk of turning (already past due when scored). `probability_before` is the
    PD of the book that the model was last proven on: drift since then is the β test's to judge.
    `probability_trained`, the PD of the training rows, gives the whole drift: told, not judged.

    Within a few months lateness nearly decides who defaults, so that ranking says little here: it
    is the α test's to judge. A leak shows in who turned 30+ of those with nothing past due: to
    rank them better than an honest model can is refused.
    """
    limits = thresholds or BetaThresholds()
    y = np.asarray(defaulted, dtype=np.float64)
    p = np.asarray(probability, dtype=np.float64)
    at_risk = ~np.isnan(np.asarray(expected_30, dtype=np.float64))
    turned = np.asarray(turned_30, dtype=np.float64)[at_risk]
    counts = [
        shadow_count("default", float(np.sum(expected_default)), int(y.sum())),
        shadow_count(
            "turned_30",
            float(np.nansum(expected_30)),
            int(turned.sum()),
        ),
    ]
    auc = _auc(y, p)
    auc_30 = _auc(turned, np.asarray(expected_30, dtype=np.float64)[at_risk])
    psi = metrics.population_stability(probability_before, p)
    checks = _checks(counts, auc, auc_30, psi, limits)
    few = counts[0].expected < limits.min_events and counts[0].observed < limits.min_events
    passed = all(check.passed for check in checks)
    return BetaReport(
        rows=len(y),
        months=months,
        simulated_time=simulated_time,
        counts=counts,
        auc=auc,
        auc_turned_30=auc_30,
        psi_score=psi,
        psi_since_training=metrics.population_stability(probability_trained, p),
        checks=checks,
        verdict=TOO_FEW if few else PASS if passed else FAIL,
        thresholds=limits,
    )


def _auc(y: npt.NDArray[np.float64], score: npt.NDArray[np.float64]) -> float | None:
    return float(metrics.roc_auc(y, score)) if 0 < y.sum() < len(y) else None


def _checks(
    counts: Sequence[ShadowCount],
    auc: float | None,
    auc_30: float | None,
    psi: float,
    limits: BetaThresholds,
) -> list[Check]:
    """A count fails only when the data contradict the band: its whole interval lies outside."""
    checks = [
        Check(
            f"ratio_{count.event}",
            count.ratio,
            f"{limits.min_ratio} – {limits.max_ratio}",
            bool(count.ratio_high >= limits.min_ratio and count.ratio_low <= limits.max_ratio),
        )
        for count in counts
    ]
    value = float("nan") if auc is None else auc
    early = float("nan") if auc_30 is None else auc_30
    leak = limits.max_auc_turned_30
    checks.append(Check("auc", value, f"≥ {limits.min_auc}", bool(value >= limits.min_auc)))
    checks.append(Check("auc_turned_30", early, f"≤ {leak}", not early > leak))
    checks.append(Check("psi_score", psi, f"≤ {limits.max_psi}", psi <= limits.max_psi))
    return checks
