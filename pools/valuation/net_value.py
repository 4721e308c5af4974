"""Net value of an asset under competing risks of default and prepayment.

    Σ_t D(t)·S(t−1)·[(1 − h_d − h_p)·CF_t + h_p·settlement_t]
  + Σ_t D(t + lag)·S(t−1)·h_d·recovery_t  − servicing,     S(t) = Π_{s ≤ t} (1 − h_d(s) − h_p(s))

Expected loss is in h_d and recovery only; a haircut must not charge it again. Shortcut to compare
with (Centrifuge): debt·(1 + r)^T · (1 − min(1, PD·LGD·years)) / (1 + d)^T.
"""

from __future__ import annotations

from dataclasses import dataclass

import numba
import numpy as np
import numpy.typing as npt

from pools.valuation.cash_flows import MonthlyFlows

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Hazards:
    """h = 1 − exp(−multiplier·baseline(age + t)); baselines by age in months, as fitted.

    Default's is also times `timing[state, t]`, whose last column holds for every later month.
    """

    age: Ints
    default_multiplier: Floats
    default_baseline: Floats
    prepay_multiplier: Floats
    prepay_baseline: Floats
    timing: Floats
    state: Ints


@dataclass(frozen=True, slots=True)
class Recoveries:
    """Vehicle P50 value now (minor units), its monthly decline, recovery ratio; lag in months."""

    vehicle_value: Floats
    monthly_decline: Floats
    ratio: Floats
    lag: int


@dataclass(frozen=True, slots=True)
class NetValue:
    """float64 minor units, (n,): `uncapped` for tests, `capped` at undiscounted rents plus
    residual for lending; `expected_loss` is undiscounted."""

    uncapped: Floats
    capped: Floats
    undiscounted: Floats
    expected_loss: Floats


def net_value(
    flows: MonthlyFlows,
    hazards: Hazards,
    recoveries: Recoveries,
    *,
    discount: Floats,
    settlement_penalty: float,
    servicing_rate: float,
) -> NetValue:
    """Net value of n performing assets.

    `discount` is D(0 … months + lag). `settlement_penalty` is a share of the balance left after the
    month's rent; `servicing_rate` a yearly share of the opening balance, paid while alive. The
    unguaranteed residual is worth what the vehicle then fetches, up to the residual.
    ValueError when the discount factors do not reach the last month plus the lag.
    """
    months = flows.rent.shape[1] - 1
    if len(discount) <= months + recoveries.lag:
        raise ValueError("Discount factors must reach the last month plus the recovery lag.")
    uncapped, loss = _value(
        flows.rent, flows.interest, flows.option, flows.balance,
        hazards.age, hazards.default_multiplier, hazards.default_baseline,
        hazards.prepay_multiplier, hazards.prepay_baseline, hazards.timing, hazards.state,
        recoveries.vehicle_value, recoveries.monthly_decline, recoveries.ratio, recoveries.lag,
        discount, settlement_penalty, servicing_rate / 12,
    )  # fmt: skip
    undiscounted = flows.rent.sum(axis=1) + flows.option.sum(axis=1)
    return NetValue(uncapped, np.minimum(uncapped, undiscounted), undiscounted, loss)


@numba.njit(cache=True)
def _value(  # type: ignore[no-untyped-def]
    rent, interest, option, balance, age, m_default, c_default, m_prepay, c_prepay, timing, state,
    vehicle, decline, ratio, lag, discount, penalty, servicing,
):  # fmt: skip
    n, columns = rent.shape
    value, loss = np.zeros(n), np.zeros(n)
    for i in range(n):
        alive = 1.0
        car = vehicle[i]
        residual = option[i].sum()
        for t in range(1, columns):
            if balance[i, t - 1] <= 0 and rent[i, t] <= 0 and residual <= 0:
                break
            car *= 1.0 - decline[i]
            at = age[i] + t
            c = c_default[min(at, len(c_default) - 1)]
            c *= timing[state[i], min(t, timing.shape[1] - 1)]
            h_d = 1.0 - np.exp(-m_default[i] * c)
            h_p = 1.0 - np.exp(-m_prepay[i] * c_prepay[min(at, len(c_prepay) - 1)])
            h_p = min(h_p, 1.0 - h_d)
            opening = balance[i, t - 1]
            flow = rent[i, t] + min(option[i, t], car)
            handed_back = min(residual, car)  # a lessee who settles buys the vehicle or returns it
            settlement = opening + interest[i, t] + penalty * balance[i, t] + handed_back
            back = min(opening + residual, ratio[i] * car)
            value[i] += discount[t] * alive * ((1.0 - h_d - h_p) * flow + h_p * settlement)
            value[i] += discount[t + lag] * alive * h_d * back
            value[i] -= discount[t] * alive * servicing * opening
            loss[i] += alive * h_d * (opening + residual - back)
            alive *= 1.0 - h_d - h_p
            residual -= option[i, t]
    return value, loss


def defaulted_value(
    claim: npt.ArrayLike, recoveries: Recoveries, *, discount: Floats, already_recovered: Floats
) -> Floats:
    """An asset in default is worth its recovery after the lag; nothing once the vehicle is sold."""
    back = np.minimum(
        np.asarray(claim, dtype=np.float64), recoveries.ratio * recoveries.vehicle_value
    )
    return np.where(already_recovered > 0, 0.0, back * discount[recoveries.lag])


def receivable_value(flows: MonthlyFlows, discount: Floats) -> Floats:
    """Rents and residual discounted at a market yield, as contracted: no default, no prepayment."""
    months = flows.rent.shape[1]
    return np.asarray((flows.rent + flows.option) @ discount[:months], dtype=np.float64)
