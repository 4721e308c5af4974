"""Cutting a pool into strata, in columns. Pure: polars."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from decimal import Decimal

import polars as pl

from pools.circular.content import Stratification, Stratum

_RATE_PLACES = Decimal("0.000001")


def by_category(
    frame: pl.DataFrame, column: str, *, code: str, labels: Mapping[str, str] | None = None
) -> Stratification:
    """One stratum a value of `column`, the largest balance first.

    Args:
        frame: columns `balance_minor` (int), `annual_rate` (float) and `column` (text).
        labels: what a value is called; a value without a label is shown as it is.
    """
    grouped = _sums(frame.group_by(pl.col(column).cast(pl.String).fill_null("").alias("key")))
    rows = grouped.sort(["balance_minor", "key"], descending=[True, False]).iter_rows(named=True)
    names = labels or {}
    return Stratification(code, [_stratum(names.get(row["key"], row["key"]), row) for row in rows])


def by_range(
    frame: pl.DataFrame,
    column: str,
    *,
    code: str,
    edges: Sequence[float],
    labels: Sequence[str],
) -> Stratification:
    """Strata [edge, next edge) of a number, in order; the first and last are open.

    Every stratum is listed, also an empty one between others. Raises ValueError unless there is one
    label more than edges and the edges rise.
    """
    if len(labels) != len(edges) + 1 or any(a >= b for a, b in zip(edges, edges[1:], strict=False)):
        raise ValueError(f"{code}: edges must rise and have one label more than edges")
    numbers = pl.lit(pl.Series("edges", edges)).search_sorted(pl.col("value"), side="right")
    keyed = frame.with_columns(value=pl.col(column).cast(pl.Float64)).with_columns(key=numbers)
    rows = {row["key"]: row for row in _sums(keyed.group_by("key")).iter_rows(named=True)}
    present = sorted(rows)
    if not present:
        return Stratification(code, [])
    span = range(present[0], present[-1] + 1)
    return Stratification(code, [_stratum(labels[key], rows.get(key, _EMPTY)) for key in span])


_EMPTY = {"assets": 0, "balance_minor": 0, "weighted_rate": 0.0}


def _sums(groups: pl.dataframe.group_by.GroupBy) -> pl.DataFrame:
    balance = pl.col("balance_minor")
    return groups.agg(
        assets=pl.len(),
        balance_minor=balance.sum(),
        weighted_rate=(pl.col("annual_rate") * balance).sum() / balance.sum(),
    )


def _stratum(label: str, row: Mapping[str, float]) -> Stratum:
    rate = row["weighted_rate"]
    finite = rate == rate  # a stratum without balance has no mean
    return Stratum(
        label=label,
        assets=int(row["assets"]),
        balance_minor=int(row["balance_minor"]),
        weighted_rate=Decimal(str(rate if finite else 0)).quantize(_RATE_PLACES),
    )
