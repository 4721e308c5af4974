"""α test: a back-test on months that the model has not seen, and its verdict.

Thresholds are data. Too few events is a verdict of its own and does not pass. A score that is too
good is refused as well: on behaviour an honest model reaches AUC 0.75 to 0.88, more is a leak.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict, dataclass, field
from functools import partial
from typing import Any

import numpy as np
import numpy.typing as npt

from pools.models_kit import metrics
from pools.models_kit.bootstrap import (
    Interval,
    Statistic,
    bootstrap_interval,
    bootstrap_intervals,
)
from pools.models_kit.metrics import Floats
from pools.models_kit.words import FAIL, PASS, TOO_FEW


@dataclass(frozen=True, slots=True)
class AlphaThresholds:
    """What a PD model must reach; set by the risk committee, stored with the report."""

    min_events: int = 60
    min_auc: float = 0.65
    max_auc: float = 0.88
    max_abs_intercept: float = 0.25
    min_slope: float = 0.75
    max_slope: float = 1.33
    max_psi: float = 0.25
    min_auc_over_baseline: float = 0.0


@dataclass(frozen=True, slots=True)
class Check:
    """One figure against its threshold."""

    name: str
    value: float
    threshold: str
    passed: bool


@dataclass(frozen=True, slots=True)
class AlphaReport:
    """All figures of an α test; `as_dict` is what the page shows and the ledger hashes."""

    rows: int
    events: int
    figures: Mapping[str, Interval]
    baseline_auc: float
    auc_over_baseline: Interval
    psi_score: float
    psi_features: Mapping[str, float]
    deciles: Sequence[Mapping[str, float]]
    roc: Sequence[tuple[float, float]]
    segments: Sequence[Mapping[str, Any]]
    checks: Sequence[Check]
    verdict: str
    thresholds: AlphaThresholds = field(default_factory=AlphaThresholds)

    def as_dict(self) -> dict[str, Any]:
        """JSON-ready, figures rounded to 6 places so that a hash does not hang on the last bit."""
        return rounded_mapping(
            {
                "rows": self.rows,
                "events": self.events,
                "figures": {name: part.as_dict() for name, part in self.figures.items()},
                "baseline_auc": self.baseline_auc,
                "auc_over_baseline": self.auc_over_baseline.as_dict(),
                "psi_score": self.psi_score,
                "psi_features": dict(self.psi_features),
                "deciles": [dict(row) for row in self.deciles],
                "roc": [list(point) for point in self.roc],
                "segments": [dict(row) for row in self.segments],
                "checks": [asdict(check) for check in self.checks],
                "verdict": self.verdict,
                "thresholds": asdict(self.thresholds),
            }
        )


def alpha_report(
    *,
    outcome: npt.ArrayLike,
    probability: npt.ArrayLike,
    baseline: npt.ArrayLike,
    groups: npt.ArrayLike,
    features: npt.ArrayLike,
    features_trained: npt.ArrayLike,
    feature_names: Sequence[str],
    probability_trained: npt.ArrayLike,
    segment: Sequence[str] = (),
    thresholds: AlphaThresholds | None = None,
    draws: int = 300,
    seed: int = 0,
) -> AlphaReport:
    """Try a PD on an out-of-time slice.

    `outcome`, `probability`, `baseline` (a naive score), `groups` (related-obligor codes) and
    `segment` are (n,); `features` (n, k) against `features_trained` (m, k) and
    `probability_trained` (m,) give the stability indices.
    """
    limits = thresholds or AlphaThresholds()
    y = np.asarray(outcome, dtype=np.float64)
    p = np.asarray(probability, dtype=np.float64)
    naive = np.asarray(baseline, dtype=np.float64)
    figures = _figures(y, p, groups, draws, seed)
    over = bootstrap_interval(
        lambda w: np.asarray(metrics.roc_auc(y, p, w)) - np.asarray(metrics.roc_auc(y, naive, w)),
        float(metrics.roc_auc(y, p)) - float(metrics.roc_auc(y, naive)),
        groups,
        draws=draws,
        seed=seed,
    )
    psi_score = metrics.population_stability(probability_trained, p)
    checks = _checks(figures, over, psi_score, limits)
    false_rate, true_rate = metrics.roc_curve_points(y, p)
    return AlphaReport(
        rows=len(y),
        events=int(y.sum()),
        figures=figures,
        baseline_auc=float(metrics.roc_auc(y, naive)),
        auc_over_baseline=over,
        psi_score=psi_score,
        psi_features=_feature_stability(features_trained, features, feature_names),
        deciles=metrics.decile_table(y, p),
        roc=list(zip(false_rate.tolist(), true_rate.tolist(), strict=True)),
        segments=_by_segment(y, p, np.asarray(segment)),
        checks=checks,
        verdict=_verdict(int(y.sum()), checks, limits.min_events),
        thresholds=limits,
    )


def _figures(
    y: Floats, p: Floats, groups: npt.ArrayLike, draws: int, seed: int
) -> dict[str, Interval]:
    statistics: dict[str, Callable[..., Floats | float]] = {
        "auc": metrics.roc_auc,
        "ks": metrics.ks_statistic,
        "gini": metrics.gini,
        "brier": metrics.brier,
        "calibration_intercept": metrics.calibration_intercept,
        "calibration_slope": metrics.calibration_slope,
        "lift_top_decile": _lift_top_decile,
    }
    bound: dict[str, tuple[Statistic, float]] = {
        name: (partial(f, y, p), float(f(y, p))) for name, f in statistics.items()
    }
    return bootstrap_intervals(bound, groups, draws, seed)


def _lift_top_decile(y: Floats, p: Floats, weights: Floats | None = None) -> Floats | float:
    return metrics.lift_at(y, p, 0.1, weights)


def _checks(
    figures: Mapping[str, Interval], over: Interval, psi: float, limits: AlphaThresholds
) -> list[Check]:
    auc, slope = figures["auc"].value, figures["calibration_slope"].value
    intercept = figures["calibration_intercept"].value
    rows = [
        ("auc", auc, f"≥ {limits.min_auc}", auc >= limits.min_auc),
        ("auc_leak", auc, f"≤ {limits.max_auc}", auc <= limits.max_auc),
        (
            "calibration_intercept",
            intercept,
            f"± {limits.max_abs_intercept}",
            abs(intercept) <= limits.max_abs_intercept,
        ),
        (
            "calibration_slope",
            slope,
            f"{limits.min_slope} – {limits.max_slope}",
            limits.min_slope <= slope <= limits.max_slope,
        ),
        ("psi_score", psi, f"≤ {limits.max_psi}", psi <= limits.max_psi),
        (
            "auc_over_baseline",
            over.value,
            f"> {limits.min_auc_over_baseline}",
            over.value > limits.min_auc_over_baseline,
        ),
    ]
    return [Check(name, float(value), text, bool(passed)) for name, value, text, passed in rows]


def _verdict(events: int, checks: Sequence[Check], min_events: int) -> str:
    if events < min_events:
        return TOO_FEW
    return PASS if all(check.passed for check in checks) else FAIL


def _feature_stability(
    trained: npt.ArrayLike, seen: npt.ArrayLike, names: Sequence[str]
) -> dict[str, float]:
    before, after = np.asarray(trained, dtype=np.float64), np.asarray(seen, dtype=np.float64)
    return {
        name: metrics.population_stability(before[:, j], after[:, j])
        for j, name in enumerate(names)
    }


def _by_segment(y: Floats, p: Floats, segment: npt.NDArray[Any]) -> list[dict[str, Any]]:
    if len(segment) != len(y):
        return []
    rows = []
    for name in np.unique(segment):
        inside = segment == name
        events = int(y[inside].sum())
        both = 0 < events < int(inside.sum())
        rows.append(
            {
                "segment": str(name),
                "count": int(inside.sum()),
                "events": events,
                "predicted": float(p[inside].mean()),
                "realised": float(y[inside].mean()),
                "auc": float(metrics.roc_auc(y[inside], p[inside])) if both else None,
            }
        )
    return rows


def rounded_mapping(value: Mapping[str, Any]) -> dict[str, Any]:
    """The mapping with every float at 6 places and NaN as None, ready for JSON."""
    return {key: _rounded(part) for key, part in value.items()}


def _rounded(value: Any) -> Any:
    if isinstance(value, Mapping):
        return rounded_mapping(value)
    if isinstance(value, list | tuple):
        return [_rounded(part) for part in value]
    if isinstance(value, float):
        return round(value, 6) if np.isfinite(value) else None
    return value
