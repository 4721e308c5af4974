"""All the models that value an asset, trained together as one version."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from threadpoolctl import threadpool_limits

from pools.features.columns import ENERGY
from pools.model_life.vehicle_value import VehicleValues
from pools.models_kit.hazards import Baseline, Timing
from pools.models_kit.probability import CalibratedProbability
from pools.models_kit.recovery import RecoveryModel

Floats = npt.NDArray[np.float64]

SEGMENTS: Final = len(ENERGY)
#: Upper bounds in days past due of the states from which default is timed; above the last is one.
LATE_STATES: Final = (0, 15, 30, 60)


@dataclass(frozen=True)
class Suite:
    """One model version.

    `trained_x` and `trained_probability` are kept for the stability indices of the α test,
    `book_probability`, of the live book on the training day, for that of the β test.
    """

    family: str
    trained_as_of: date
    horizon: int
    probability: CalibratedProbability
    turn_30: CalibratedProbability | None
    default_baseline: Baseline
    default_timing: Timing
    prepay_baseline: Baseline
    prepay_relative: Floats
    recovery: RecoveryModel
    vehicles: VehicleValues
    reference: Floats
    trained_x: Floats
    trained_probability: Floats
    book_probability: Floats
    data_hash: str
    notes: dict[str, Any] = field(default_factory=dict)

    def prepay_multiplier(self, energy: Floats) -> Floats:
        """Relative prepayment risk by vehicle energy; 1 where the energy is not known."""
        known = np.isfinite(energy)
        code = np.where(known, energy, 0).astype(np.int64)
        return np.where(known, self.prepay_relative[code], 1.0)


def state_of(days_past_due: npt.ArrayLike) -> npt.NDArray[np.int64]:
    """The row of the timing of default that an asset so late belongs to."""
    return np.digitize(days_past_due, LATE_STATES, right=True).astype(np.int64)


def one_thread() -> threadpool_limits:
    """Context in which numeric libraries use one thread.

    Waiting OpenMP threads spin: beside a database and web workers on few cores, boosting on two
    threads was many times slower than on one. Parallelism belongs between processes.
    """
    return threadpool_limits(1)


class NotEnoughHistory(ValueError):
    """The slices hold too few rows or no event; says which."""


def describe_slices(slices: Sequence[tuple[date, int, int]]) -> list[dict[str, Any]]:
    """Slices as (day, rows, events), for the page and the ledger."""
    return [{"day": day.isoformat(), "rows": n, "events": events} for day, n, events in slices]
