"""Yields, present values and weighted average lives of projected or real cash flows.

Pure, float64. XIRR counts ACT/365F unless another day count is named; a periodic IRR is one
period's rate. A flow with no yield, or with several, is an error that says so: neither is guessed.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

from pools.cashflow.daycounts import year_fraction
from tenants.problems import Invalid

Floats = NDArray[np.float64]
#: Yields are looked for between −99.9 % and +100,000 % a period, on a grid of the log of 1 + rate.
_LOG_GRID = np.linspace(np.log(1e-3), np.log(1e3), 4001)


def _value_at(log_growth: float, times: Floats, flows: Floats) -> float:
    # Scaled by the largest discount factor, so that long flows at low rates do not overflow.
    exponents = -log_growth * times
    return float(np.dot(flows, np.exp(exponents - exponents.max())))


def all_yields(times: ArrayLike, flows: ArrayLike) -> list[float]:
    """Every rate at which Σ flow·(1 + rate)^(−time) is zero, smallest first.

    `times` in years (or periods), `flows` signed money, both float64[n].
    """
    when, money = np.asarray(times, float), np.asarray(flows, float)
    if when.shape != money.shape or when.ndim != 1 or not np.isfinite(when + money).all():
        raise Invalid(
            code="flows_malformed",
            detail="Times and cash flows must be two finite columns of one length.",
            mend="Give each cash flow its time.",
        )
    if not (money.any() and money.min() < 0 < money.max()):
        return []
    signs = np.sign([_value_at(x, when, money) for x in _LOG_GRID])
    roots = [float(np.expm1(_LOG_GRID[i])) for i in np.flatnonzero(signs == 0)]
    for i in np.flatnonzero(signs[:-1] * signs[1:] < 0):
        found = brentq(_value_at, _LOG_GRID[i], _LOG_GRID[i + 1], args=(when, money), xtol=1e-15)
        roots.append(float(np.expm1(found)))
    return sorted(roots)


def one_yield(times: ArrayLike, flows: ArrayLike, *, near: float | None = None) -> float:
    """The yield of a flow. With several, the one nearest to `near`; without `near` an error."""
    roots = all_yields(times, flows)
    if not roots:
        raise Invalid(
            code="no_yield",
            detail="No rate makes these cash flows worth zero.",
            mend="A yield needs money paid and money received, and not more lost than paid.",
        )
    if len(roots) > 1 and near is None:
        raise Invalid(
            code="several_yields",
            detail="Several rates make these cash flows worth zero: %(rates)s.",
            mend="Say which is meant by naming a rate near it.",
            params={"rates": ", ".join(f"{root:.6f}" for root in roots)},
        )
    return roots[0] if near is None else min(roots, key=lambda root: abs(root - near))


def irr(flows: Sequence[float] | Floats, *, near: float | None = None) -> float:
    """Rate a period of equally spaced flows, the first now."""
    return one_yield(np.arange(len(flows), dtype=float), flows, near=near)


def xirr(
    dates: Sequence[date],
    flows: Sequence[float],
    *,
    day_count: str = "ACT/365F",
    near: float | None = None,
) -> float:
    """Effective annual rate of dated flows; time runs from the first date."""
    times = [float(year_fraction(dates[0], on, day_count)) for on in dates]
    return one_yield(times, flows, near=near)


def present_value(flows: ArrayLike, annual_yield: float) -> float:
    """Value now of monthly flows in arrears, at a nominal annual yield compounded monthly."""
    money = np.asarray(flows, float)
    return float(np.dot(money, (1.0 + annual_yield / 12.0) ** -np.arange(1.0, len(money) + 1)))


def monthly_wal(principal: ArrayLike) -> float:
    """Weighted average life in years, Σ tᵢPᵢ / ΣPᵢ, of principal paid at the end of months 1..n."""
    paid = np.asarray(principal, float)
    total = float(paid.sum())
    if total <= 0.0:
        raise Invalid(
            code="no_principal",
            detail="No principal is paid, so there is no average life.",
            mend="Project at least one payment of principal.",
        )
    return float(np.dot(np.arange(1.0, len(paid) + 1), paid)) / total / 12.0


def dated_wal(start: date, dates: Sequence[date], principal: Sequence[float]) -> float:
    """Weighted average life in years of 365 days from `start`."""
    total = sum(principal)
    days = sum((on - start).days * paid for on, paid in zip(dates, principal, strict=True))
    if total <= 0:
        return monthly_wal([])
    return days / total / 365.0
