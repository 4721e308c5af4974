"""Discrimination, calibration and stability of a probability forecast.

Every statistic takes optional row weights of shape (n,) or (draws, n); a weight matrix answers one
figure a draw, which is how `bootstrap.py` gets its intervals without a Python loop.
"""

from __future__ import annotations

from typing import Final

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]

_EPSILON: Final = 1e-9
_NEWTON_STEPS: Final = 12


def logit(probability: npt.ArrayLike) -> Floats:
    """Log-odds, clipped at 1e-9 from both ends so that 0 and 1 stay finite."""
    p = np.clip(np.asarray(probability, dtype=np.float64), _EPSILON, 1 - _EPSILON)
    return np.asarray(np.log(p / (1 - p)), dtype=np.float64)


def _weights(weights: Floats | None, n: int) -> Floats:
    return np.ones((1, n)) if weights is None else np.atleast_2d(weights)


def _answer(values: Floats, weights: Floats | None) -> Floats | float:
    """A float for one draw, an array for a weight matrix."""
    return values if weights is not None and weights.ndim == 2 else float(values[0])


def _class_totals_by_score(
    outcome: npt.ArrayLike, score: npt.ArrayLike, weights: Floats | None
) -> tuple[Floats, Floats]:
    """Weighted positives and negatives at each distinct score, ascending: two (draws, k)."""
    y = np.asarray(outcome, dtype=np.float64)
    s = np.asarray(score, dtype=np.float64)
    order = np.argsort(s, kind="stable")
    sorted_score = s[order]
    starts = np.flatnonzero(np.r_[True, sorted_score[1:] != sorted_score[:-1]])
    w = _weights(weights, len(y))[:, order]
    positive = np.add.reduceat(w * y[order], starts, axis=1)
    total = np.add.reduceat(w, starts, axis=1)
    return positive, total - positive


def roc_auc(
    outcome: npt.ArrayLike, score: npt.ArrayLike, weights: Floats | None = None
) -> Floats | float:
    """Area under the ROC curve: P(score of an event > score of a non-event), ties count half.

    Mann and Whitney (1947); NaN where a draw lacks one of the classes.
    """
    positive, negative = _class_totals_by_score(outcome, score, weights)
    below = np.cumsum(negative, axis=1) - negative
    with np.errstate(invalid="ignore", divide="ignore"):
        area = (positive * (below + 0.5 * negative)).sum(axis=1) / (
            positive.sum(axis=1) * negative.sum(axis=1)
        )
    return _answer(area, weights)


def gini(
    outcome: npt.ArrayLike, score: npt.ArrayLike, weights: Floats | None = None
) -> Floats | float:
    """Accuracy ratio, 2·AUC − 1 (Somers' D of a score)."""
    return 2 * roc_auc(outcome, score, weights) - 1


def ks_statistic(
    outcome: npt.ArrayLike, score: npt.ArrayLike, weights: Floats | None = None
) -> Floats | float:
    """Kolmogorov–Smirnov distance between the score distributions of events and non-events."""
    positive, negative = _class_totals_by_score(outcome, score, weights)
    with np.errstate(invalid="ignore", divide="ignore"):
        good = np.cumsum(negative, axis=1) / negative.sum(axis=1, keepdims=True)
        bad = np.cumsum(positive, axis=1) / positive.sum(axis=1, keepdims=True)
    return _answer(np.abs(good - bad).max(axis=1), weights)


def brier(
    outcome: npt.ArrayLike, probability: npt.ArrayLike, weights: Floats | None = None
) -> Floats | float:
    """Mean squared difference of forecast and outcome (Brier, 1950)."""
    y = np.asarray(outcome, dtype=np.float64)
    squared = (np.asarray(probability, dtype=np.float64) - y) ** 2
    w = _weights(weights, len(y))
    return _answer((w * squared).sum(axis=1) / w.sum(axis=1), weights)


def roc_curve_points(
    outcome: npt.ArrayLike, score: npt.ArrayLike, points: int = 101
) -> tuple[Floats, Floats]:
    """False and true positive rates on an even grid of false positive rates, for a chart."""
    positive, negative = _class_totals_by_score(outcome, score, None)
    true_rate = np.r_[0.0, np.cumsum(positive[0][::-1]) / positive.sum()]
    false_rate = np.r_[0.0, np.cumsum(negative[0][::-1]) / negative.sum()]
    grid = np.linspace(0, 1, points)
    return grid, np.interp(grid, false_rate, true_rate)


def calibration_intercept(
    outcome: npt.ArrayLike, probability: npt.ArrayLike, weights: Floats | None = None
) -> Floats | float:
    """Calibration in the large: the a of logit P(y) = a + logit(p), slope held at 1.

    Zero is right; positive means that more happened than was forecast. Cox (1958).
    """
    y = np.asarray(outcome, dtype=np.float64)
    x = logit(probability)
    w = _weights(weights, len(y))
    a = np.zeros(len(w))
    for _ in range(_NEWTON_STEPS):
        fitted = 1 / (1 + np.exp(-(x[None, :] + a[:, None])))
        gradient = (w * (y - fitted)).sum(axis=1)
        a = a + np.clip(gradient / (w * fitted * (1 - fitted)).sum(axis=1), -3, 3)
        if np.abs(gradient).max() < 1e-8 * len(y):
            break
    return _answer(a, weights)


def calibration_slope(
    outcome: npt.ArrayLike, probability: npt.ArrayLike, weights: Floats | None = None
) -> Floats | float:
    """The b of logit P(y) = a + b·logit(p): 1 is right, below 1 is overconfident. Cox (1958)."""
    y = np.asarray(outcome, dtype=np.float64)
    x = logit(probability)
    centre = x.mean()
    x = x - centre
    w = _weights(weights, len(y))
    rate = np.clip((w * y).sum(axis=1) / w.sum(axis=1), _EPSILON, 1 - _EPSILON)
    a, b = np.log(rate / (1 - rate)), np.ones(len(w))
    for _ in range(_NEWTON_STEPS):
        fitted = 1 / (1 + np.exp(-np.clip(a[:, None] + b[:, None] * x, -40, 40)))
        residual = w * (y - fitted)
        variance = w * fitted * (1 - fitted)
        g0, g1 = residual.sum(axis=1), residual @ x
        h00, h01, h11 = variance.sum(axis=1), variance @ x, variance @ (x * x)
        determinant = h00 * h11 - h01 * h01
        determinant = np.where(np.abs(determinant) < 1e-12, np.inf, determinant)
        a = a + np.clip((h11 * g0 - h01 * g1) / determinant, -3, 3)
        b = b + np.clip((h00 * g1 - h01 * g0) / determinant, -3, 3)
        if max(np.abs(g0).max(), np.abs(g1).max()) < 1e-8 * len(y):
            break
    return _answer(b, weights)


def lift_at(
    outcome: npt.ArrayLike,
    score: npt.ArrayLike,
    share: float = 0.1,
    weights: Floats | None = None,
) -> Floats | float:
    """Event rate among the `share` of rows with the highest scores ÷ event rate of all rows."""
    y = np.asarray(outcome, dtype=np.float64)
    order = np.argsort(-np.asarray(score, dtype=np.float64), kind="stable")
    w = _weights(weights, len(y))
    top = order[: max(1, round(share * len(y)))]
    with np.errstate(invalid="ignore", divide="ignore"):
        rate_top = (w[:, top] * y[top]).sum(axis=1) / w[:, top].sum(axis=1)
        rate_all = (w * y).sum(axis=1) / w.sum(axis=1)
        return _answer(rate_top / rate_all, weights)


def population_stability(expected: npt.ArrayLike, actual: npt.ArrayLike, bins: int = 10) -> float:
    """PSI = Σ (aᵢ − eᵢ)·ln(aᵢ/eᵢ) over quantile bins of `expected`; NaN is a bin of its own.

    Under 0.10 is commonly read as stable, over 0.25 as moved (Siddiqi, Credit Risk Scorecards).
    Shares are floored at 0.0001 so that an empty bin stays finite.
    """
    e = np.asarray(expected, dtype=np.float64)
    a = np.asarray(actual, dtype=np.float64)
    known = e[~np.isnan(e)]
    if len(known) == 0:
        return 0.0
    edges = np.unique(np.quantile(known, np.linspace(0, 1, bins + 1)[1:-1]))
    return psi_of_shares(_shares(e, edges), _shares(a, edges))


def psi_of_shares(expected: npt.ArrayLike, actual: npt.ArrayLike) -> float:
    """PSI of two share vectors over the same bins; each is scaled to sum to one first."""
    e = np.asarray(expected, dtype=np.float64)
    a = np.asarray(actual, dtype=np.float64)
    e = np.maximum(e / e.sum(), 1e-4)
    a = np.maximum(a / a.sum(), 1e-4)
    return float(((a - e) * np.log(a / e)).sum())


def _shares(values: Floats, edges: Floats) -> Floats:
    missing = np.isnan(values)
    index = np.searchsorted(edges, values[~missing], side="left")
    counts = np.bincount(index, minlength=len(edges) + 1).astype(np.float64)
    return np.asarray(np.r_[counts, missing.sum()], dtype=np.float64)


def decile_table(
    outcome: npt.ArrayLike, probability: npt.ArrayLike, bands: int = 10
) -> list[dict[str, float]]:
    """Rows in bands of equal count by forecast: forecast events against those that happened.

    Each row: `band` from 1 (safest), `count`, `predicted` and `realised` mean rates,
    `expected_events`, `events`.
    """
    y = np.asarray(outcome, dtype=np.float64)
    p = np.asarray(probability, dtype=np.float64)
    parts = np.array_split(np.argsort(p, kind="stable"), bands)
    return [
        {
            "band": float(number),
            "count": float(len(rows)),
            "predicted": float(p[rows].mean()),
            "realised": float(y[rows].mean()),
            "expected_events": float(p[rows].sum()),
            "events": float(y[rows].sum()),
        }
        for number, rows in enumerate(parts, start=1)
        if len(rows)
    ]
