"""Monotone binning of a feature and the weight of evidence of each bin.

WOE of a bin = ln(share of good rows ÷ share of bad rows): positive is safer than average
(Siddiqi, Credit Risk Scorecards, 2006). Adjacent bins that break the asked direction are pooled by
the pool-adjacent-violators rule (Barlow et al., 1972); a thin bin is pooled with its neighbour.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pools.models_kit.metrics import Floats

_SMOOTHING = 0.5


@dataclass(frozen=True, slots=True)
class Bins:
    """Cut points (right-closed) or category codes, with one WOE a bin and one for missing."""

    categorical: bool
    edges: Floats  # numeric: upper edges without the last; categorical: the known codes, ascending
    woe: Floats  # numeric: len(edges) + 1; categorical: len(edges)
    missing_woe: float
    information_value: float

    def transform(self, values: npt.ArrayLike) -> Floats:
        """WOE of each value; a category never seen counts as missing."""
        x = np.asarray(values, dtype=np.float64)
        if len(self.woe) == 0:
            return np.full(len(x), self.missing_woe)
        if not self.categorical:
            woe = self.woe[np.searchsorted(self.edges, x, side="left").clip(max=len(self.edges))]
            return np.where(np.isnan(x), self.missing_woe, woe)
        place = np.searchsorted(self.edges, x).clip(max=len(self.edges) - 1)
        return np.where(self.edges[place] == x, self.woe[place], self.missing_woe)


def fit_bins(
    values: npt.ArrayLike,
    outcome: npt.ArrayLike,
    *,
    monotone: int = 0,
    categorical: bool = False,
    max_bins: int = 8,
    min_share: float = 0.03,
    min_events: float = 25,
) -> Bins:
    """Bins of one feature against a 0/1 outcome.

    `monotone` +1 lets the event rate only rise with the value, −1 only fall, 0 takes the direction
    of the rank correlation. A bin holds at least `min_share` of the known rows, or `min_events`
    events: the few who are far behind are most of the events and would drown in a share.
    """
    x = np.asarray(values, dtype=np.float64)
    y = np.asarray(outcome, dtype=np.float64)
    good_total, bad_total = float((1 - y).sum()), float(y.sum())
    known = ~np.isnan(x)
    if categorical:
        edges, index = np.unique(x[known], return_inverse=True)
        count, bad = _counts(index, y[known], len(edges))
    else:
        edges, index = _quantile_bins(x[known], y[known] > 0, max_bins * 3)
        count, bad = _counts(index, y[known], len(edges) + 1)
        direction = monotone or _direction(count, bad)
        thin = (min_share * max(1, known.sum()), min_events)
        keep = _pool(count, bad, direction, thin, max_bins)
        count, bad = _merge(count, keep), _merge(bad, keep)
        edges = edges[np.asarray(keep[1:], dtype=np.int64) - 1]
    woe = _woe(count - bad, bad, good_total, bad_total)
    if not categorical:  # smoothing may turn two almost equal neighbours round
        woe = (np.minimum if direction > 0 else np.maximum).accumulate(woe)
    missing_count, missing_bad = float((~known).sum()), float(y[~known].sum())
    missing = _woe(
        np.array([missing_count - missing_bad]), np.array([missing_bad]), good_total, bad_total
    )
    value = float((((count - bad) / max(good_total, 1) - bad / max(bad_total, 1)) * woe).sum())
    return Bins(categorical, edges, woe, float(missing[0]) if missing_count else 0.0, value)


def _quantile_bins(
    x: Floats, event: npt.NDArray[np.bool_], bins: int
) -> tuple[Floats, npt.NDArray[np.intp]]:
    """Cut at quantiles of all rows, and at those of the rows with the event."""
    if len(x) == 0:
        return np.empty(0), np.empty(0, dtype=np.intp)
    shares = np.linspace(0, 1, bins + 1)[1:-1]
    parts = [np.quantile(part, shares, method="lower") for part in (x, x[event]) if len(part)]
    edges = np.unique(np.concatenate(parts))
    edges = edges[edges < x.max()]
    return edges, np.searchsorted(edges, x, side="left")


def _counts(index: npt.NDArray[np.intp], y: Floats, bins: int) -> tuple[Floats, Floats]:
    count = np.bincount(index, minlength=bins).astype(np.float64)
    return count, np.bincount(index, weights=y, minlength=bins).astype(np.float64)


def _direction(count: Floats, bad: Floats) -> int:
    rate = bad / np.maximum(count, 1)
    position = np.cumsum(count) - count / 2
    mean = np.average(position, weights=np.maximum(count, 1e-9))
    slope = (count * (position - mean) * rate).sum()
    return 1 if slope >= 0 else -1


def _pool(
    count: Floats, bad: Floats, direction: int, thin: tuple[float, float], max_bins: int
) -> list[int]:
    """Starts of the pooled bins: violators first, then thin bins, then the closest neighbours.

    `thin` holds rows and events: a bin with fewer than both is thin.
    """
    stack: list[tuple[int, float, float]] = []
    for start, (n, b) in enumerate(zip(count, bad, strict=True)):
        block = (start, float(n), float(b))
        while stack and _breaks(stack[-1], block, direction):
            first, left_n, left_b = stack.pop()
            block = (first, left_n + block[1], left_b + block[2])
        stack.append(block)
    while len(stack) > 1:
        weak = [i for i, (_, n, b) in enumerate(stack) if n < thin[0] and b < thin[1]]
        if not weak:
            break
        _join(stack, max(min(weak, key=lambda i: stack[i][1]) - 1, 0))
    while len(stack) > max_bins:
        gaps = [abs(_rate(stack[i + 1]) - _rate(stack[i])) for i in range(len(stack) - 1)]
        _join(stack, int(np.argmin(gaps)))
    return [block[0] for block in stack]


def _rate(block: tuple[int, float, float]) -> float:
    return (block[2] + 1e-12) / max(block[1], 1e-12)


def _breaks(
    left: tuple[int, float, float], right: tuple[int, float, float], direction: int
) -> bool:
    if left[1] == 0 or right[1] == 0:
        return True
    return direction * (right[2] / right[1] - left[2] / left[1]) <= 0


def _join(stack: list[tuple[int, float, float]], left: int) -> None:
    start, n, b = stack[left]
    _, more_n, more_b = stack.pop(left + 1)
    stack[left] = (start, n + more_n, b + more_b)


def _merge(values: Floats, starts: list[int]) -> Floats:
    if not starts:
        return values
    return np.asarray(np.add.reduceat(values, starts), dtype=np.float64)


def _woe(good: Floats, bad: Floats, good_total: float, bad_total: float) -> Floats:
    """Smoothed towards no evidence: a bin with no rows has WOE near 0."""
    base = max(bad_total, _SMOOTHING) / max(good_total, _SMOOTHING)
    pseudo = 2.0  # rows of average quality added to every bin
    average_bad = bad_total / max(good_total + bad_total, 1)
    bad = bad + pseudo * average_bad
    good = good + pseudo * (1 - average_bad)
    return np.asarray(np.log(np.maximum(good, 1e-12) / np.maximum(bad, 1e-12)) + np.log(base))
