"""A pool's assets cut by what matters, for its page: the same strata as in its circular."""

from __future__ import annotations

from decimal import Decimal
from uuid import UUID

import polars as pl
from django.db.models import Count, Sum

from pools.circular.content import Stratification
from pools.circular.words import STRATIFICATIONS, VALUES, word
from pools.models import Pool

_LISTED = 12  # strata shown of one cut: the largest, or all of a range


def tables_of(cuts: list[Stratification]) -> list[dict]:
    """Each cut with its title and rows; a province has its map instead."""
    return [
        {"title": word(STRATIFICATIONS, cut.code), "rows": _rows(cut)}
        for cut in cuts
        if cut.code != "province"
    ]


def _rows(cut: Stratification) -> list[dict]:
    whole = sum(stratum.balance_minor for stratum in cut.strata) or 1
    return [
        {
            "label": word(VALUES, stratum.label),
            "assets": stratum.assets,
            "balance_minor": stratum.balance_minor,
            "share": Decimal(stratum.balance_minor) / whole,
            "rate": stratum.weighted_rate,
        }
        for stratum in cut.strata[:_LISTED]
    ]


def by_province(cuts: list[Stratification]) -> dict[str, int]:
    """Balance by two-digit province code."""
    [provinces] = [cut for cut in cuts if cut.code == "province"]
    return {stratum.label: stratum.balance_minor for stratum in provinces.strata}


def means(members: pl.DataFrame) -> dict[str, float]:
    """Balance-weighted means of rate, remaining months and probability; number of obligors."""
    balance = pl.col("balance_minor")
    names = ("annual_rate", "remaining", "age", "probability")
    weighted = {name: (pl.col(name) * balance).sum() / balance.sum() for name in names}
    return members.select(**weighted, obligors=pl.col("obligor").n_unique()).row(0, named=True)


def parts(pool: Pool) -> dict[UUID, dict[str, int]]:
    """Each lessor's part of a pool: number of assets and their balance."""
    rows = pool.members.order_by().values("source")
    return {
        row["source"]: {"assets": row["count"], "balance_minor": row["sum"]}
        for row in rows.annotate(count=Count("pk"), sum=Sum("balance_minor"))
    }
