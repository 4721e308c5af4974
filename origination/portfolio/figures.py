"""The filtered book grouped by one thing at a time: leases and amounts in each currency."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date, datetime

import polars as pl

from origination.domain.buckets import AGES, LATENESS, age_of, lateness_of
from origination.portfolio.filtering import filtered
from origination.selectors.positions import Standings

#: What a book is grouped by, in the order of the page; each is a filter of the list, too.
GROUPED: Sequence[str] = ("product", "make", "province", "age", "late")


@dataclass(frozen=True, slots=True)
class Figures:
    """Leases that have `value` in common; amounts in minor units, `late_*` of those past due."""

    value: str
    leases: int
    financed_minor: int
    balance_minor: int
    owed_minor: int
    late_leases: int
    late_minor: int


@dataclass(frozen=True, slots=True)
class Portfolio:
    """One currency's leases in all, and by each of `GROUPED`; groups of nothing are left out."""

    currency: str
    total: Figures
    groups: Mapping[str, Sequence[Figures]]


def portfolios(chosen: Mapping[str, str], *, as_of: date, known_at: datetime) -> list[Portfolio]:
    """The filtered book as of a day, one a currency."""
    frame = _frame(chosen, as_of, known_at)
    found = []
    for currency in sorted(frame["currency"].unique()):
        own = frame.filter(pl.col("currency") == currency)
        [total] = _figures(own.with_columns(all=pl.lit("")), "all")
        groups = {name: _ordered(name, _figures(own, name)) for name in GROUPED}
        found.append(Portfolio(currency, total, groups))
    return found


def _frame(chosen: Mapping[str, str], as_of: date, known_at: datetime) -> pl.DataFrame:
    """The leases that are let through, with their group in each respect and their amounts."""
    columns = ("rid", "product", "vehicle_make", "province", "currency", "originated_on",
               "financed_amount_minor")  # fmt: skip
    rows = filtered(chosen, as_of=as_of, known_at=known_at).order_by().values_list(*columns)
    leases = pl.DataFrame(
        [(str(rid), *rest) for rid, *rest in rows.iterator()],
        schema=["rid", "product", "make", "province", "currency", "originated_on", "financed"],
        schema_overrides={"rid": pl.String, "originated_on": pl.Date, "financed": pl.Int64},
        orient="row",
    )
    if leases.is_empty():
        return leases
    standing = Standings.of(as_of=as_of, known_at=known_at).frame
    ages = {day: age_of(day, as_of) for day in leases["originated_on"].unique()}
    found = leases.join(standing, on="rid", how="left").fill_null(0)
    lates = {days: lateness_of(days) for days in found["days"].unique()}
    return found.with_columns(
        age=pl.col("originated_on").replace_strict(ages, return_dtype=pl.String),
        late=pl.col("days").replace_strict(lates, return_dtype=pl.String),
    )


def _figures(frame: pl.DataFrame, name: str) -> list[Figures]:
    is_late = pl.col("days") > 0
    grouped = frame.group_by(name).agg(
        pl.len().cast(pl.Int64),
        pl.col("financed").sum(),
        pl.col("balance").sum(),
        pl.col("owed").sum(),
        is_late.sum().cast(pl.Int64).alias("late_leases"),
        pl.col("balance").filter(is_late).sum().alias("late_balance"),
    )
    return [Figures(*row) for row in grouped.iter_rows()]


def _ordered(name: str, figures: list[Figures]) -> list[Figures]:
    """Ages and buckets as they follow each other, all else by what stands out."""
    if name in ("age", "late"):
        order = list(AGES if name == "age" else LATENESS)
        return sorted(figures, key=lambda row: order.index(row.value))
    return sorted(figures, key=lambda row: (-row.balance_minor, row.value))
