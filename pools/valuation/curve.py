"""Discount factors from a named zero curve plus a spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Curve:
    """Zero rates (fractions a year, compounded yearly) at tenors in months, straight between."""

    name: str
    months: Sequence[int]
    rates: Sequence[float]

    def factors(self, spread: float, last_month: int) -> Floats:
        """D(t) = (1 + z(t) + spread)^(−t/12) for t = 0 … last_month; D(0) = 1."""
        t = np.arange(last_month + 1, dtype=np.float64)
        zero = np.interp(t, self.months, self.rates) + spread
        return np.asarray((1 + zero) ** (-t / 12), dtype=np.float64)
