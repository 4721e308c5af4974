"""What a benchmark prints: a figure of ours as a ratio to a floor or peer of the same run."""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True)
class Figure:
    """`ours` and `floor` in `unit` (a rate: more is better; or seconds: less is better)."""

    name: str
    ours: float
    floor: float
    floor_name: str
    unit: str

    @property
    def ratio(self) -> float:
        """ours ÷ floor."""
        return self.ours / self.floor if self.floor else float("nan")

    def line(self) -> str:
        """One printed line."""
        return (
            f"{self.name:<52} {self.ours:>12,.4g} {self.unit:<10} "
            f"{self.ratio:>8.3f} × {self.floor_name} ({self.floor:,.4g})"
        )


def best_seconds(work: Callable[[], object], *, repeat: int = 3) -> float:
    """Least wall time of `repeat` runs: noise only ever adds."""
    times = []
    for _run in range(repeat):
        started = time.perf_counter()
        work()
        times.append(time.perf_counter() - started)
    return min(times)
