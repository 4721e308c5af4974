"""How a pool stands against its limits, and how much of it is in excess.

Pure; balances are whole minor units and shares are compared exactly. An asset that is in several
excesses counts once, with the largest part of it that any limit takes off.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_UP, Decimal

import numpy as np
import polars as pl

from pools.eligibility.rules import AverageLimit, CountLimit, GroupLimit, Operator, RuleSet

Limit = GroupLimit | AverageLimit | CountLimit


@dataclass(frozen=True, slots=True)
class LimitResult:
    """One limit: the figure, its bound, what it concerns, and the balance above it."""

    limit: Limit
    value: Decimal
    bound: Decimal
    group: str
    holds: bool
    excess_minor: int = 0

    @property
    def id(self) -> str:
        return self.limit.id

    @property
    def reason(self) -> str:
        return self.limit.reason


@dataclass(frozen=True, slots=True)
class Concentration:
    """All limits of a pool, and what is in excess once no asset counts twice."""

    results: tuple[LimitResult, ...]
    excess_minor: int
    pool_minor: int

    @property
    def holds(self) -> bool:
        return all(result.holds for result in self.results)


_SIX = Decimal("0.000001")


def _share(part: int, whole: int) -> Decimal:
    return (Decimal(part) / whole).quantize(_SIX) if whole else Decimal(0)


def group_totals(frame: pl.DataFrame, field: str, balance: str) -> pl.DataFrame:
    """Columns `group` (text) and `minor` (int), largest first, ties by name."""
    return (
        frame.group_by(pl.col(field).cast(pl.String).fill_null("").alias("group"))
        .agg(pl.col(balance).sum().alias("minor"))
        .sort(["minor", "group"], descending=[True, False])
    )


def _group_result(limit: GroupLimit, totals: pl.DataFrame, pool: int) -> LimitResult:
    if limit.only:
        totals = totals.filter(pl.col("group").is_in(list(limit.only)))
    top = totals.head(limit.top)
    held = int(top["minor"].sum())
    allowed = limit.share * pool
    if limit.top == 1:
        over = [max(Decimal(0), minor - allowed) for minor in totals["minor"].to_list()]
        excess = sum(over, Decimal(0))
    else:
        excess = max(Decimal(0), held - allowed)
    return LimitResult(
        limit,
        _share(held, pool),
        limit.share,
        ", ".join(top["group"].to_list()),
        held <= allowed,
        int(excess.to_integral_value(ROUND_UP)),
    )


def weighted_mean(frame: pl.DataFrame, field: str, balance: str) -> Decimal:
    """Σ value·balance ÷ Σ balance, nine places; assets without a value are left out."""
    known = frame.filter(pl.col(field).is_not_null())
    weights = known[balance].cast(pl.Float64).to_numpy()
    if not len(weights) or not weights.sum():
        return Decimal(0)
    mean = float(np.average(known[field].cast(pl.Float64).to_numpy(), weights=weights))
    return Decimal(repr(mean)).quantize(Decimal("1e-9"))


def concentration(
    frame: pl.DataFrame, rules: RuleSet, *, balance: str = "balance_minor"
) -> Concentration:
    """Hold a pool (rows of `frame`) against every limit of `rules`."""
    pool = int(frame[balance].sum())
    results: list[LimitResult] = []
    cut = np.zeros(frame.height)
    for limit in rules.groups:
        totals = group_totals(frame, limit.field, balance)
        results.append(_group_result(limit, totals, pool))
        cut = np.maximum(cut, _cut_of(frame, limit, totals, pool, results[-1]))
    for mean in rules.averages:
        value = weighted_mean(frame, mean.field, balance)
        at_most = mean.operator is Operator.AT_MOST
        holds = not frame.height or (value <= mean.bound if at_most else value >= mean.bound)
        results.append(LimitResult(mean, value, mean.bound, "", holds))
    for count in rules.counts:
        number = frame[count.field].n_unique() if frame.height else 0
        results.append(
            LimitResult(count, Decimal(number), Decimal(count.at_least), "",
                        number >= count.at_least)
        )  # fmt: skip
    excess = int(np.ceil(np.dot(cut, frame[balance].cast(pl.Float64).to_numpy()) - 1e-6))
    return Concentration(tuple(results), min(max(excess, 0), pool), pool)


def _cut_of(
    frame: pl.DataFrame, limit: GroupLimit, totals: pl.DataFrame, pool: int, result: LimitResult
) -> np.ndarray[tuple[int], np.dtype[np.float64]]:
    """Share of each asset that the limit takes off: the excess of its group, spread evenly."""
    if result.excess_minor == 0:
        return np.zeros(frame.height)
    if limit.only:
        totals = totals.filter(pl.col("group").is_in(list(limit.only)))
    if limit.top > 1:
        totals = totals.head(limit.top)
        share = result.excess_minor / float(totals["minor"].sum())
        cuts = totals.select("group", pl.lit(share).alias("cut"))
    else:
        allowed = float(limit.share * pool)
        minor = pl.col("minor").cast(pl.Float64)
        cuts = totals.select("group", ((minor - allowed).clip(0) / minor).fill_nan(0).alias("cut"))
    keys = frame.select(pl.col(limit.field).cast(pl.String).fill_null("").alias("group"))
    joined = keys.join(cuts, on="group", how="left", maintain_order="left")
    return joined["cut"].fill_null(0.0).to_numpy()
