"""What a rule is: fields of one row beside each other, as an expression over a chunk's columns."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from origination.domain.lease_fields import Kind, Severity
from origination.domain.tapes.reported import TARGETS, gettext_noop

E, W, N = Severity.ERROR, Severity.WARNING, Severity.NOTE
lit = pl.lit


@dataclass(frozen=True, slots=True)
class Rule:
    """`broken` is true where the row breaks the rule; null (a field is empty) breaks nothing.

    `field` is the one to look at first. `says` and `mend` are English sources for translation.
    """

    id: str
    severity: Severity
    field: str
    broken: pl.Expr
    says: str
    mend: str


def months(start: pl.Expr, end: pl.Expr) -> pl.Expr:
    """Calendar months from one day to another, days left out."""
    years = end.dt.year() - start.dt.year()
    return years * 12 + end.dt.month().cast(pl.Int32) - start.dt.month().cast(pl.Int32)


_WHOLE: Final = (Kind.MINOR, Kind.WHOLE)


def typed(table: pl.DataFrame, today: pl.Expr) -> pl.DataFrame:
    """Texts as numbers, days and rates; what is badly written or absent is null.

    Adds `today` and `born` (of persons, from their number).
    """
    present = set(table.columns)
    columns = [_typed(name, present) for name in TARGETS]
    born = pl.col("lessee_id_number").str.slice(6, 8).str.to_date("%Y%m%d", strict=False)
    is_person = pl.col("lessee_kind") == "person"
    return table.select(columns).with_columns(
        today=today,
        born=pl.when(is_person & (pl.col("lessee_id_number").str.len_chars() == 18)).then(born),
    )


def _typed(name: str, present: set[str]) -> pl.Expr:
    spec = TARGETS[name]
    text = pl.col(name) if name in present else pl.lit(None, pl.String)
    if spec.kind in _WHOLE:
        value = text.cast(pl.Int64, strict=False)
    elif spec.kind is Kind.DATE:
        value = text.str.to_date("%Y-%m-%d", strict=False)
    elif spec.kind is Kind.RATE:
        value = text.cast(pl.Float64, strict=False)
    else:
        value = text
    return value.alias(name)


SEVERITY_WORDS: Final = {
    E: gettext_noop("Error"),
    W: gettext_noop("Warning"),
    N: gettext_noop("Note"),
}
