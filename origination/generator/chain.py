"""One month of a lessee's life: the probabilities that simulation and calibration share.

A lessee is healthy or in distress and owes 0, 1 or 2 rents when the next falls due. The month
decides how many of the rents then due are paid. Three owed at a month's end is default: the oldest
is more than 90 days past due before another month is over. Default absorbs; a paid-up healthy
lessee may settle early.
"""

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

RECOVERY = 0.13  # a month's chance to leave distress
DEFAULT_ARREARS = 3
STRANDED = 0.30  # of those still owing after the last rent, the share who never pay

#: P(pay 0, 1, 2, 3 rents) while owing 0, 1, 2 before this month's rent falls due.
_HEALTHY = np.array(
    [
        [0.004, 0.996, 0.0, 0.0],
        [0.02, 0.10, 0.88, 0.0],
        [0.02, 0.06, 0.07, 0.85],
    ]
)
_DISTRESSED = np.array(
    [
        [0.46, 0.54, 0.0, 0.0],
        [0.50, 0.31, 0.19, 0.0],
        [0.54, 0.26, 0.09, 0.11],
    ]
)


def distress_chance(log_hazard: Floats) -> Floats:
    """A month's chance to fall into distress from the log of its hazard (complementary log-log)."""
    return np.asarray(-np.expm1(-np.exp(np.minimum(log_hazard, 3.0))))


def payment_chances(distressed: bool, arrears: int, severity: Floats) -> Floats:
    """P(pay 0, 1, 2, 3 rents), shape (n, 4).

    In distress `severity` shifts the log-odds of paying nothing; the other chances shrink alike.
    """
    table = (_DISTRESSED if distressed else _HEALTHY)[arrears]
    if not distressed:
        return np.broadcast_to(table, (len(severity), 4))
    nothing = 1.0 / (1.0 + np.exp(-(np.log(table[0] / (1 - table[0])) + severity)))
    rest = table[1:] / (1 - table[0])
    return np.concatenate([nothing[:, None], (1 - nothing)[:, None] * rest], axis=1)


def settlement_chance(age: int | NDArray[np.int64], term: NDArray[np.int64]) -> Floats:
    """A month's chance that a paid-up healthy lessee settles early; none in the last two months."""
    level = np.interp(age, [1, 6, 12, 18, 36, 60], [0.0005, 0.004, 0.011, 0.012, 0.010, 0.008])
    return np.where(age < term - 1, level, 0.0)
