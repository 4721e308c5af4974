"""Confidence intervals by resampling groups of related rows (obligors), not rows.

Rows of one obligor default together; resampling rows would pretend that they are independent and
report intervals that are too narrow (Cameron, Gelbach and Miller, 2008).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pools.models_kit.metrics import Floats

Statistic = Callable[[Floats], "Floats | float"]
_CHUNK_CELLS = 4_000_000


@dataclass(frozen=True, slots=True)
class Interval:
    """A figure with its lower and upper bound."""

    value: float
    low: float
    high: float

    def as_dict(self) -> dict[str, float]:
        return {"value": self.value, "low": self.low, "high": self.high}


def group_weights(groups: npt.ArrayLike, draws: int, seed: int) -> Floats:
    """How often each row is drawn: (draws, n), groups drawn whole and with replacement."""
    _, code = np.unique(np.asarray(groups), return_inverse=True)
    count = int(code.max()) + 1
    generator = np.random.default_rng(seed)
    picks = generator.integers(0, count, size=(draws, count))
    offsets = np.arange(draws)[:, None] * count
    times = np.bincount((picks + offsets).ravel(), minlength=draws * count)
    return times.reshape(draws, count)[:, code].astype(np.float64)


def bootstrap_interval(
    statistic: Statistic,
    value: float,
    groups: npt.ArrayLike,
    *,
    draws: int = 300,
    seed: int = 0,
    coverage: float = 0.95,
) -> Interval:
    """Percentile interval of `statistic` over group draws.

    `statistic` takes a weight matrix (draws, n) and answers (draws,). Draws where it is undefined
    (no event at all) are left out; with none left the bounds are NaN.
    """
    return bootstrap_intervals({"": (statistic, value)}, groups, draws, seed, coverage)[""]


def bootstrap_intervals(
    statistics: dict[str, tuple[Statistic, float]],
    groups: npt.ArrayLike,
    draws: int = 300,
    seed: int = 0,
    coverage: float = 0.95,
) -> dict[str, Interval]:
    """Several statistics over the same draws; memory is bounded by drawing in chunks."""
    labels = np.asarray(groups)
    chunk = max(1, min(draws, _CHUNK_CELLS // max(1, len(labels))))
    seen: dict[str, list[Floats]] = {name: [] for name in statistics}
    for number, start in enumerate(range(0, draws, chunk)):
        weights = group_weights(labels, min(chunk, draws - start), seed + number)
        for name, (statistic, _) in statistics.items():
            seen[name].append(np.atleast_1d(statistic(weights)))
    tail = (1 - coverage) / 2
    answer = {}
    for name, (_, value) in statistics.items():
        values = np.concatenate(seen[name])
        values = values[np.isfinite(values)]
        low, high = np.quantile(values, [tail, 1 - tail]) if len(values) else (np.nan, np.nan)
        answer[name] = Interval(float(value), float(low), float(high))
    return answer
