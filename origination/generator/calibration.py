"""Where the level of the hazard comes from: the rate that the specification asks for.

A pilot sample runs through the exact expectation of the chain (no dice), and the lessor's level is
the root that gives the wanted 24-month cumulative default rate.
"""

import numpy as np
from numpy.typing import NDArray

from origination.generator import chain
from origination.generator.contracts import Contracts, draw_contracts
from origination.generator.economy import Economy
from origination.generator.risk import Risk, dealer_effects, draw_risk, economy_loading, seasoning
from origination.generator.spec import LessorSpec, PortfolioSpec

Floats = NDArray[np.float64]
_PILOT = 8_000
_HORIZON = 24


def calibrate(spec: PortfolioSpec, lessor: LessorSpec, economy: Economy) -> float:
    """The lessor's log-hazard level at which `default_rate_24m` is met in expectation.

    Only vintages whose 24 months end before `as_of` count, as in the observed rate.
    """
    rng = np.random.default_rng([spec.seed, 24, *lessor.code.encode()])
    contracts = draw_contracts(spec, lessor, _PILOT, rng)
    risk = draw_risk(contracts, dealer_effects(spec.seed, lessor.code), rng)
    whole = contracts.month + _HORIZON < max(spec.observed_months, _HORIZON + 1)

    def excess(level: float) -> float:
        rate = expected_default(level, contracts, risk, economy)[whole].mean()
        return float(np.log(rate / lessor.default_rate_24m))

    from scipy.optimize import brentq  # a second and a half to load, wanted here only

    return float(brentq(excess, -14.0, 0.0, xtol=1e-3))


def expected_default(level: float, contracts: Contracts, risk: Risk, economy: Economy) -> Floats:
    """Each contract's probability to default within 24 months, by stepping the whole distribution.

    `alive[regime][arrears]` are arrays over contracts. Default during month m shows at month m + 1,
    so the last step is month 23.
    """
    count = len(contracts)
    alive = np.zeros((2, chain.DEFAULT_ARREARS, count))
    alive[0, 0] = 1.0
    defaulted = np.zeros(count)
    loading = economy_loading(contracts)
    last = len(economy.stress) - 1
    for age in range(1, _HORIZON):
        stress = economy.stress[np.minimum(contracts.month + age, last), contracts.province]
        log_hazard = level + risk.score + risk.frailty + seasoning(age) + loading * stress
        owing = age <= contracts.term
        struck = np.where(owing, chain.distress_chance(log_hazard), 0.0)
        healthy = alive[0] * (1 - struck) + alive[1] * chain.RECOVERY
        distressed = alive[0] * struck + alive[1] * (1 - chain.RECOVERY)
        following = np.zeros_like(alive)
        for regime, before in enumerate((healthy, distressed)):
            for arrears in range(chain.DEFAULT_ARREARS):
                chances = chain.payment_chances(bool(regime), arrears, risk.severity)
                for paid in range(arrears + 2):
                    moved = before[arrears] * chances[:, paid] * owing
                    left = arrears + 1 - paid
                    if left == chain.DEFAULT_ARREARS:
                        defaulted += moved
                    else:
                        following[regime, left] += moved
        ending = age == contracts.term
        defaulted += chain.STRANDED * ending * following[:, 1:].sum(axis=(0, 1))
        following[0, 0] *= 1 - chain.settlement_chance(age, contracts.term)
        alive = following
    return defaulted
