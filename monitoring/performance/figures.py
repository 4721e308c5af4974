"""Pool figures: default and loss rates, delinquency averages, excess spread."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]

MONTHS_A_YEAR = 12
DEFAULT_AFTER_DAYS = 90


@dataclass(frozen=True, slots=True)
class DefaultColumns:
    """违约资产 is sticky: an asset that once defaulted stays defaulted, also when later cured.

    ``since`` is the day number of the reporting date at which it was first seen, −1 for never;
    ``balance`` its principal at that date, gross of recoveries (minor units).
    """

    since: npt.NDArray[np.int32]
    balance: Ints

    @classmethod
    def none(cls, assets: int) -> DefaultColumns:
        """Nobody has defaulted."""
        return cls(np.full(assets, -1, np.int32), np.zeros(assets, np.int64))

    @property
    def is_default(self) -> Bools:
        return np.asarray(self.since >= 0)


def mark_defaults(
    before: DefaultColumns,
    *,
    days_past_due: npt.NDArray[np.integer],
    balance: Ints,
    as_of: int,
    after_days: int = DEFAULT_AFTER_DAYS,
    other: Bools | None = None,
) -> DefaultColumns:
    """Add the assets that are in default at ``as_of``; nobody ever leaves.

    Args:
        after_days: more than this many days past due is a default (deal data).
        other: assets disposed of, written off, sued over or restructured, as the deal says.
    """
    now = days_past_due > after_days
    if other is not None:
        now = now | other
    new = now & ~before.is_default
    return DefaultColumns(
        since=np.where(new, np.int32(as_of), before.since).astype(np.int32),
        balance=np.where(new, balance, before.balance),
    )


def cumulative_default_rate(defaults: DefaultColumns, denominator_minor: int) -> float:
    """累计违约率 = Σ balance when defaulted, gross ÷ (initial + revolving purchases, per deal)."""
    return _ratio(int(defaults.balance.sum()), denominator_minor)


def cumulative_net_loss_rate(
    defaulted_minor: int, recovered_minor: int, original_minor: int
) -> float:
    """CNL = Σ (defaulted − recovered) ÷ original balance."""
    return _ratio(defaulted_minor - recovered_minor, original_minor)


def delinquency_rate(
    days_past_due: npt.NDArray[np.integer], balance: Ints, *, over_days: int
) -> float:
    """Share of current balance that is more than ``over_days`` days past due; 0 for no balance."""
    total = int(balance.sum())
    return _ratio(int(balance[days_past_due > over_days].sum()), total) if total else 0.0


def trailing_average(values: Sequence[float], periods: int = 3) -> float | None:
    """Mean of the last ``periods`` values; None until there are so many."""
    if periods < 1:
        raise ValueError(f"periods must be at least 1, not {periods}")
    return sum(values[-periods:]) / periods if len(values) >= periods else None


def excess_spread(
    *,
    yield_minor: int,
    note_interest_minor: int,
    fees_minor: int,
    net_loss_minor: int,
    opening_minor: int,
    closing_minor: int,
) -> float:
    """(yield collected − note interest − fees − net losses) ÷ average balance, × 12.

    One month's amounts in minor units; the average of opening and closing balance.

    Raises:
        ValueError: when there was no balance.
    """
    net = yield_minor - note_interest_minor - fees_minor - net_loss_minor
    return MONTHS_A_YEAR * _ratio(2 * net, opening_minor + closing_minor)


def weighted_average(values: npt.NDArray[np.floating], balance: Ints) -> float:
    """Σ value × balance ÷ Σ balance: WAC, remaining term, seasoning."""
    total = int(balance.sum())
    if total <= 0:
        raise ValueError("an average weighted by balance needs a balance")
    return float(np.dot(values.astype(np.float64), balance.astype(np.float64)) / total)


def _ratio(numerator: int, denominator: int) -> float:
    if denominator <= 0:
        raise ValueError(f"the denominator must be above zero, not {denominator}")
    return numerator / denominator
