"""When leases of one pool ended: left-truncated, right-censored ages, nothing else of the lease.

`Zi` is the age in months at the end of observation, `Yi` the age when the lease entered the pool
(earlier ends were never seen), `Di` 1 where the lease ended, 0 where it still ran.
"""

from __future__ import annotations

from typing import Final

import polars as pl

from origination.domain.dialects.shape import Column, Dialect, Figure, Form, gettext_noop
from origination.domain.lease_fields import FIELDS


def figures(table: pl.DataFrame) -> list[Figure]:
    """How many ended, and their ages."""
    ended = table.filter(pl.col("ended") == 1)
    share = len(ended) / len(table) if len(table) else 0.0
    return [
        Figure(gettext_noop("Leases that ended in view"), f"{len(ended):,} ({share:.1%})"),
        Figure(gettext_noop("Median age at the end, months"), _median(ended["age_months"])),
        Figure(gettext_noop("Median age at pool entry, months"), _median(table["entered_months"])),
    ]


def _median(values: pl.Series) -> str:
    return f"{float(values.median()):.1f}" if len(values) else "–"  # type: ignore[arg-type]


_AGES_ONLY: Final = gettext_noop("The file holds ages only.")

LEASE_TERMINATIONS: Final = Dialect(
    code="lease_terminations",
    title=gettext_noop("Terminations of leases: ages at entry and end"),
    columns=(
        Column("Zi", "age_months", Form.WHOLE, required=True, low=0, high=120),
        Column("Yi", "entered_months", Form.WHOLE, required=True, low=0, high=120),
        Column("Di", "ended", Form.FLAG, required=True),
    ),
    gives={},
    lacks={spec.name: _AGES_ONLY for spec in FIELDS if spec.required},
    figures=figures,
    checks=(("Yi", "months_out_of_order", pl.col("entered_months") > pl.col("age_months")),),
)
