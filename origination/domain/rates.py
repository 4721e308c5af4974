"""Rates that flows imply: IRR, dated IRR, a lease's implicit rate, the lessee's all-in annual cost.

Rates are float64 decimal fractions: they are reported and compared, never booked. A rate is found
by scanning [-0.99, 100] a period for changes of sign of the present value and closing in on them
(Brent's method), so that "none" and "several" are told apart instead of one being returned by luck.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from origination.domain.daycount import DayCount, year_fraction
from origination.domain.schedule import (
    PERIODS_A_YEAR,
    LeaseTerms,
    ReceivableKind,
    Timing,
    schedule,
)
from tenants.problems import Problem

Flows = Sequence[int | float | Decimal]
_LOWEST: Final = -0.99
_HIGHEST: Final = 100.0
_LOWEST_OF_A_LEASE: Final = -0.5


class NoRate(Problem):
    """The flows have no internal rate of return, or several."""

    code = "no_rate"
    title = "These cash flows have no single rate of return."


@dataclass(frozen=True, slots=True)
class Rate:
    """A monthly flow's rate in the two ways it is quoted, both fractions a year."""

    nominal: float  # 12 x the monthly rate
    effective: float  # (1 + the monthly rate) ** 12 - 1

    @classmethod
    def of_month(cls, monthly: float) -> Rate:
        return cls(monthly * PERIODS_A_YEAR, (1 + monthly) ** PERIODS_A_YEAR - 1)


def npv(rate: float, flows: Flows) -> float:
    """Present value of flows one period apart, the first undiscounted (numpy-financial's npv)."""
    return float(np.sum(_array(flows) * (1.0 + rate) ** -np.arange(len(flows), dtype=np.float64)))


def irr(flows: Flows, *, lowest: float = _LOWEST) -> float:
    """The rate a period at which the flows' present value is zero; the first flow is now.

    Raises `NoRate` where no rate above `lowest` does that, or where several do (they are named).
    """
    return _single(_array(flows), np.arange(len(flows), dtype=np.float64), lowest)


def xirr(
    flows: Sequence[tuple[date, int | float | Decimal]],
    convention: DayCount = DayCount.ACT_365F,
) -> float:
    """The effective rate a year of dated flows, discounted from the first date.

    Years are counted by `convention` (ACT/365F as in spreadsheets). Raises `NoRate` as `irr`.
    """
    if not flows:
        raise NoRate(detail="There are no cash flows.", mend="Give at least two flows.")
    start = min(day for day, _amount in flows)
    years = [float(year_fraction(start, day, convention)) for day, _amount in flows]
    return _single(_array([amount for _day, amount in flows]), np.array(years))


def implicit_rate(
    *,
    fair_value: int,
    payments: Sequence[int],
    unguaranteed_residual: int = 0,
    initial_direct_costs: int = 0,
    timing: Timing = Timing.ARREARS,
) -> float:
    """The rate a period implicit in a lease (IFRS 16 Appendix A; ASC 842-30-20).

    PV(lease payments) + PV(unguaranteed residual, at the end of the last period) = fair value +
    initial direct costs. All amounts in one unit.
    """
    shift = 1 if timing is Timing.ARREARS else 0
    flows = [0] * (len(payments) + 1)
    for period, payment in enumerate(payments):
        flows[period + shift] += payment
    flows[-1] += unguaranteed_residual
    flows[0] -= fair_value + initial_direct_costs
    return irr(flows)


def lessee_flows(
    terms: LeaseTerms, *, deposit_minor: int = 0, fee_minor: int = 0, other_minor: int = 0
) -> list[int]:
    """What the lessee gets (+) and pays (-) month by month, in minor units.

    Now: the financed amount less fee, deposit and other charges (GPS, tied insurance). Then the
    rents, and with the last month the residual, if it is a debt, and the deposit set off.
    """
    flows = [0] * (terms.term_months + 1)
    flows[0] = terms.financed_minor - deposit_minor - fee_minor - other_minor
    shift = 1 if terms.timing is Timing.ARREARS else 0
    for row in schedule(terms):
        if row.kind is ReceivableKind.RENT:
            flows[row.number - 1 + shift] -= row.amount_minor
        elif row.kind is ReceivableKind.RESIDUAL:
            flows[-1] -= row.amount_minor
    flows[-1] += deposit_minor
    return flows


def all_in_cost(
    terms: LeaseTerms, *, deposit_minor: int = 0, fee_minor: int = 0, other_minor: int = 0
) -> Rate:
    """What the lessee pays in truth a year (综合年化成本): the rate of `lessee_flows`.

    `Rate.nominal` is compared with the cap; both are shown, each with its method's name. A deposit
    set off at the end adds a second root near -100 % a month, which no lease means: only rates
    above -50 % a month are sought. Raises `NoRate` where the charges eat up what is financed.
    """
    flows = lessee_flows(
        terms, deposit_minor=deposit_minor, fee_minor=fee_minor, other_minor=other_minor
    )
    return Rate.of_month(irr(flows, lowest=_LOWEST_OF_A_LEASE))


def _array(flows: Flows) -> npt.NDArray[np.float64]:
    return np.array([float(flow) for flow in flows], dtype=np.float64)


def _single(
    flows: npt.NDArray[np.float64], times: npt.NDArray[np.float64], lowest: float = _LOWEST
) -> float:
    roots = [root for root in _roots(flows, times) if root > lowest]
    if len(roots) == 1:
        return roots[0]
    if not roots:
        raise NoRate(
            detail="No rate makes the present value zero.",
            mend="Check the signs: money must go both ways, and enough of it.",
        )
    raise NoRate(
        detail="Several rates make the present value zero: %(rates)s.",
        mend="Flows that change sign more than once have no single rate; split them.",
        params={"rates": ", ".join(f"{root:.6f}" for root in roots)},
    )


def _roots(flows: npt.NDArray[np.float64], times: npt.NDArray[np.float64]) -> list[float]:
    """Every rate in [-0.99, 100] where the present value changes its sign."""
    if not ((flows > 0).any() and (flows < 0).any()):
        return []
    scale = float(np.abs(flows).sum())

    def value(rate: float) -> float:
        return float(np.sum(flows / scale * (1.0 + rate) ** -times))

    grid = np.concatenate(
        [np.linspace(_LOWEST, 1.0, 400), np.geomspace(1.0, _HIGHEST, 100)[1:]]
    ).tolist()
    return _closed_in(value, grid)


def _closed_in(value: Callable[[float], float], grid: Sequence[float]) -> list[float]:
    from scipy.optimize import brentq  # a second and a half to load, wanted here only

    values = [value(rate) for rate in grid]
    roots = []
    for low, high, at_low, at_high in zip(grid, grid[1:], values, values[1:], strict=False):
        if at_low == 0.0:
            roots.append(low)
        elif at_low * at_high < 0:
            roots.append(float(brentq(value, low, high, xtol=1e-14, rtol=1e-13)))
    return roots
