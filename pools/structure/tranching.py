"""Tranches over a projected pool: their cash, average life and yield.

Pure. The projection is float64; `minor_flows` is the one place where it becomes whole minor units,
rounding running totals so that no cent is lost or made over the life of the pool.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date

import numpy as np
from numpy.typing import NDArray

from pools.cashflow.projection import Floats, Projection
from pools.cashflow.yields import all_yields, monthly_wal
from pools.structure.funding import SUBORDINATED
from pools.structure.terms import Deal, Kind
from pools.structure.waterfall import Distribution, Inflow, Standing, distribute
from tenants.problems import Invalid


@dataclass(frozen=True, slots=True)
class TrancheFlow:
    """A tranche month by month, minor units: what it received and what stays outstanding."""

    name: str
    interest_minor: tuple[int, ...]
    principal_minor: tuple[int, ...]
    balance_minor: tuple[int, ...]
    wal_years: float | None
    annual_yield: float | None  # nominal, compounded monthly, on what the class is issued for


@dataclass(frozen=True, slots=True)
class DealProjection:
    """Every month's distribution and each tranche's figures."""

    months: tuple[Distribution, ...]
    tranches: tuple[TrancheFlow, ...]
    residual_minor: int
    called_in_month: int | None


def add_months(start: date, months: int) -> date:
    """The same day some months later, or the month's last day."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    for day in range(start.day, 27, -1):
        try:
            return date(year, month0 + 1, day)
        except ValueError:
            continue
    return date(year, month0 + 1, min(start.day, 28))


def minor_flows(flow: Floats) -> NDArray[np.int64]:
    """Whole minor units of a float64 flow in minor units; running totals are rounded half up."""
    totals = np.floor(np.cumsum(flow) + 0.5)
    if not np.isfinite(totals).all() or np.abs(totals).max(initial=0.0) >= 2**53:
        raise Invalid(
            code="amount_too_large",
            detail="The pool's amounts are too large to be exact to the minor unit.",
            mend="Split the pool.",
        )
    whole = np.concatenate([[0], totals]).astype(np.int64)
    return whole[1:] - whole[:-1]


def project_deal(
    deal: Deal, flow: Projection, *, closing_on: date, issued: Mapping[str, int] | None = None
) -> DealProjection:
    """Run the waterfall over a projected pool (its amounts in minor units) until it is paid out.

    `issued` says what a class is paid for where that is not its nominal (`funding`).
    """
    income, principal = minor_flows(flow.interest), minor_flows(flow.principal)
    pool = [round(flow.opening), *(round(value) for value in flow.performing)]
    standing = Standing.at_start(deal)
    months: list[Distribution] = []
    called = None
    for k in range(flow.months):
        closing, paid = pool[k + 1], int(principal[k])
        if deal.call_factor is not None and closing <= deal.call_factor * deal.original_pool_minor:
            # The caller pays what performs; what defaulted and is not yet recovered goes with it.
            called, paid, closing = k + 1, paid + closing, 0
        inflow = Inflow(
            start=add_months(closing_on, k),
            end=add_months(closing_on, k + 1),
            income_minor=int(income[k]),
            principal_minor=paid,
            pool_opening_minor=pool[k],
            pool_closing_minor=closing,
        )
        months.append(distribute(deal, standing, inflow))
        standing = months[-1].standing
        if called:
            break
    rest = [_residual(month) for month in months]
    paid_for = {tranche.name: tranche.original_minor for tranche in deal.tranches}
    paid_for |= issued or {}
    tranches = tuple(_flow_of(name, price, months, rest) for name, price in paid_for.items())
    return DealProjection(tuple(months), tranches, sum(rest), called)


def _residual(month: Distribution) -> int:
    return sum(line.paid_minor for line in month.lines if line.kind is Kind.RESIDUAL)


def _flow_of(name: str, price: int, months: list[Distribution], residual: list[int]) -> TrancheFlow:
    """A class's flow; what is left at the end of each month is the subordinated units' own."""
    interest = tuple(month.paid(name, Kind.INTEREST) for month in months)
    principal = tuple(month.paid(name, Kind.PRINCIPAL) for month in months)
    balance = tuple(month.standing.balances[name] for month in months)
    own = np.add(interest, principal) + (residual if name == SUBORDINATED else 0)
    received = np.array([-price, *own], dtype=float)
    roots = all_yields(np.arange(len(received)), received)
    annual_yield = 12.0 * min(roots, key=abs) if roots else None
    wal = monthly_wal(principal) if any(principal) else None
    return TrancheFlow(name, interest, principal, balance, wal, annual_yield)
