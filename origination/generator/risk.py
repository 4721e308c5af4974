"""The hidden truth: what moves a lessee into distress, and what nobody can see.

The chance of distress in a month is a hazard: a lessor's level, times a seasoning curve, times
exp(risk score + frailty + economy). The risk score depends on fields of the tape and can be
learned; the frailty cannot be seen at origination and only shows in how the lessee pays. Their
spreads decide how well an honest model can possibly do.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from origination.generator import provinces, vehicles
from origination.generator.contracts import DEALERS, Contracts

Floats = NDArray[np.float64]

FRAILTY_DEVIATION = 0.70
ECONOMY_LOADING = 0.38
RIDE_HAILING_LOADING = 0.20  # fares fall first in bad months

#: Log of the seasoning curve by age in months: some bad from the start, a peak in the first
#: half-year, a long decline as survivors prove themselves.
_SEASONING_AGES = np.array([1, 2, 4, 7, 12, 20, 30, 60])
_SEASONING_LOGS = np.array([0.25, 0.40, 0.50, 0.35, -0.15, -0.60, -0.90, -1.2])

_DEALER_DEVIATION = 0.15


@dataclass(frozen=True)
class Risk:
    """Columns of hidden truth, shape (n,): log-hazard shifts, and the propensity to pay late."""

    score: Floats
    frailty: Floats
    severity: Floats  # log-odds shift on missing a rent while in distress
    lateness: Floats  # log-odds of paying late while in health


def dealer_effects(seed: int, lessor_code: str) -> Floats:
    """Each dealer's standing log-hazard: the same for a lessor's whole book in any partition."""
    words = [seed, *lessor_code.encode()]
    return np.asarray(np.random.default_rng(words).normal(0.0, _DEALER_DEVIATION, DEALERS))


def seasoning(age: int | NDArray[np.int64]) -> Floats:
    """Log of the seasoning curve at an age in months (from 1)."""
    return np.asarray(np.interp(age, _SEASONING_AGES, _SEASONING_LOGS))


def draw_risk(contracts: Contracts, dealers: Floats, rng: np.random.Generator) -> Risk:
    """Score every contract and draw what cannot be seen."""
    count = len(contracts)
    battery = np.array([model.energy == "bev" for model in vehicles.CATALOGUE])[contracts.model]
    burden = np.log(np.maximum(contracts.financed / contracts.term, 1) / contracts.income) + 1.0
    burden = np.where(contracts.company, 0.0, burden)
    leverage = (contracts.loan_to_value - 0.80) / 0.10
    score = (
        -0.52 * (contracts.score - 655) / 52
        + 0.24 * leverage
        + 0.24 * burden
        + 0.24 * contracts.self_employed
        + 0.42 * contracts.ride_hailing
        + 0.12 * contracts.company
        + 0.26 * contracts.used
        + 0.10 * contracts.leaseback
        + 0.10 * battery
        + 0.06 * (contracts.term - 36) / 12
        + 0.8 * provinces.risks()[contracts.province]
        + dealers[contracts.dealer]
    )
    frailty = rng.normal(0.0, FRAILTY_DEVIATION, count)
    return Risk(
        score=score,
        frailty=frailty,
        severity=0.20 * frailty + 0.10 * leverage,
        lateness=-2.7 + 0.9 * frailty + 0.5 * rng.normal(0.0, 1.0, count),
    )


def economy_loading(contracts: Contracts) -> Floats:
    """How strongly each lessee's hazard follows the stress of their province."""
    return np.asarray(ECONOMY_LOADING + RIDE_HAILING_LOADING * contracts.ride_hailing, np.float64)
