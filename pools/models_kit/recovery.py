"""What comes back after a default, as a share of the vehicle's market value.

Distressed sales fetch less than the market and cost something; the ratio of cash recovered to the
P50 value at default holds all of it. Expected loss appears here and in the hazards only: it is
never charged a second time in a haircut.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from pools.models_kit.metrics import Floats


@dataclass(frozen=True, slots=True)
class RecoveryModel:
    """Recovery ratio by segment code (vehicle energy), and the usual months until the cash."""

    ratio: Floats  # (segments,)
    overall: float
    lag_months: int
    cases: int

    def ratio_of(self, segment: npt.ArrayLike) -> Floats:
        """Ratio of each asset; a code beyond the known ones gets the overall ratio."""
        code = np.asarray(segment, dtype=np.int64)
        known = (code >= 0) & (code < len(self.ratio))
        return np.where(known, self.ratio[np.where(known, code, 0)], self.overall)


def fit_recovery(
    *,
    recovered: npt.ArrayLike,
    vehicle_value: npt.ArrayLike,
    segment: npt.ArrayLike,
    lag_months: npt.ArrayLike,
    segments: int,
    prior_ratio: float,
    prior_cases: float = 20.0,
    default_lag: int = 6,
) -> RecoveryModel:
    """Ratio of totals (large vehicles weigh more, as their cash does), shrunk to the overall one.

    Arrays are one row a resolved default: cash recovered and P50 value at default in the same
    unit, months from default to the cash (NaN when none came). `prior_ratio` counts as
    `prior_cases` of an average vehicle, so that no cases at all answers the policy's ratio.
    """
    cash = np.asarray(recovered, dtype=np.float64)
    value = np.asarray(vehicle_value, dtype=np.float64)
    code = np.asarray(segment, dtype=np.int64)
    weight = prior_cases * (float(value.mean()) if len(value) else 1.0)
    overall = float((cash.sum() + prior_ratio * weight) / (value.sum() + weight))
    by_cash = np.bincount(code, weights=cash, minlength=segments)
    by_value = np.bincount(code, weights=value, minlength=segments)
    ratio = (by_cash + overall * weight) / (by_value + weight)
    lag = np.asarray(lag_months, dtype=np.float64)
    known = lag[np.isfinite(lag)]
    months = round(float(np.median(known))) if len(known) else default_lag
    return RecoveryModel(np.asarray(ratio), overall, max(1, months), len(cash))
