"""Static pools: what became of each origination month, by age in months.

Rows are vintages, columns are ages from 0; age counts from the lease's own origination. What has
not been observed yet is NaN, never zero.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class StaticPool:
    """Cumulative shares of original balance: ``cumulative[v, a]`` of vintage v by age a.

    ``months`` are numbers of months since 1970-01 (vintage labels), ``original`` minor units.
    """

    months: Ints
    original: Ints
    cumulative: Floats


def static_pool(
    *,
    vintage: Ints,
    original: Ints,
    event_month: Ints,
    event_amount: Ints,
    observed_to: int,
) -> StaticPool:
    """Σ event amounts up to each age ÷ original balance of the vintage.

    Args:
        vintage: origination month of each lease (months since 1970-01).
        original: original balance of each lease, minor units.
        event_month: month of its event (default, net loss, prepayment), −1 for none.
        event_amount: gross balance at default, or the net loss; minor units.
        observed_to: last month for which every event is known; later events are left out.

    Raises:
        ValueError: for an event before its lease's origination.
    """
    has_event = (event_month >= 0) & (event_month <= observed_to)
    if (event_month[has_event] < vintage[has_event]).any():
        raise ValueError("an event lies before its lease's origination month")
    months, row = np.unique(vintage, return_inverse=True)
    ages = int(max(observed_to - months.min(), 0)) + 1 if months.size else 1
    totals = np.zeros(len(months), np.int64)
    np.add.at(totals, row, original)
    amounts = np.zeros((len(months), ages), np.int64)
    age = event_month - vintage
    np.add.at(amounts, (row[has_event], age[has_event]), event_amount[has_event])
    cumulative = amounts.cumsum(axis=1).astype(np.float64)
    shares = np.divide(
        cumulative, totals[:, None], out=np.full_like(cumulative, np.nan), where=totals[:, None] > 0
    )
    unseen = np.arange(ages)[None, :] > (observed_to - months)[:, None]
    shares[unseen] = np.nan
    return StaticPool(months, totals, shares)


def timing_curve(pool: StaticPool) -> Floats:
    """Share of the lifetime loss reached by each age: balance-weighted mean of complete vintages.

    Each age uses the vintages observed to the last age; the result ends at 1.

    Raises:
        ValueError: if no vintage has been observed to the last age, or it had no loss.
    """
    complete = ~np.isnan(pool.cumulative[:, -1])
    losses = (pool.cumulative[complete] * pool.original[complete, None]).sum(axis=0)
    if not complete.any() or losses[-1] <= 0:
        raise ValueError("no vintage with a loss has been observed to the last age")
    return np.asarray(losses / losses[-1])


def project_lifetime(pool: StaticPool, curve: Floats) -> Floats:
    """Projected lifetime rate of each vintage: rate to date ÷ share of the timing curve.

    NaN where the curve is still zero at the vintage's age (nothing can be said yet).
    """
    last_age = (~np.isnan(pool.cumulative)).sum(axis=1) - 1
    to_date = pool.cumulative[np.arange(len(last_age)), last_age]
    share = curve[last_age]
    projected = np.full(len(last_age), np.nan)
    np.divide(to_date, share, out=projected, where=share > 0)
    return projected
