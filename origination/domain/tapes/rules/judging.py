"""Every rule over a chunk at once, and rules across all rows of a file."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

import polars as pl

from origination.domain.lease_fields import FINDINGS_SCHEMA, Severity
from origination.domain.tapes.reported import gettext_noop as _n
from origination.domain.tapes.rules import dates, lessee, money, servicing, vehicle
from origination.domain.tapes.rules.shape import N, Rule, W, typed

RULES: Final[tuple[Rule, ...]] = (
    *dates.RULES, *money.RULES, *lessee.RULES, *vehicle.RULES, *servicing.RULES,
)  # fmt: skip
_nobody: Final = pl.lit(False)
#: Rules that look at all rows of a file together (`judge_across`).
ACROSS: Final = (
    Rule(
        "identity_of_two_names", W, "lessee_id_number", _nobody,
        _n("Another row has the same identity number and another name."),
        _n("Write one name for one person; check the numbers."),
    ),
    Rule(
        "plate_of_two_vehicles", N, "plate", _nobody,
        _n("Another row has the same number plate and another VIN."),
        _n("Right where the number moved to another vehicle; else one of the two has another."),
    ),
    Rule(
        "phone_of_many", N, "lessee_phone", _nobody,
        _n("Four or more lessees have this telephone number."),
        _n("It may be a dealer's: write the lessee's own."),
    ),
)  # fmt: skip
BY_ID: Final[Mapping[str, Rule]] = {rule.id: rule for rule in (*RULES, *ACROSS)}
#: What `judge_across` looks at.
ACROSS_FIELDS: Final = (
    "contract_number", "vin", "lessee_id_number", "lessee_name", "plate", "lessee_phone",
)  # fmt: skip


def judge(table: pl.DataFrame, *, today: date) -> pl.DataFrame:
    """Rows (from 0) that break a rule, as `FINDINGS_SCHEMA`; `table` is mapped text."""
    seen = typed(table, pl.lit(today)).select(
        rule.broken.fill_null(False).alias(rule.id) for rule in RULES
    )
    parts = [pl.DataFrame(schema=FINDINGS_SCHEMA)]
    for rule in RULES:
        rows = seen[rule.id].arg_true()
        if len(rows):
            parts.append(_lines(rows, rule))
    return pl.concat(parts)


def judge_across(columns: pl.DataFrame) -> pl.DataFrame:
    """Rows that are wrong beside other rows; `columns` holds `ACROSS_FIELDS` (or hashes)."""
    tests = (
        ("lessee_id_number", "lessee_name", "identity_of_two_names", 2),
        ("plate", "vin", "plate_of_two_vehicles", 2),
        ("lessee_phone", "lessee_id_number", "phone_of_many", 4),
    )
    parts = [pl.DataFrame(schema=FINDINGS_SCHEMA)]
    for key, other, rule, least in tests:
        pairs = columns.select(key, other).drop_nulls().unique()
        often = pairs.group_by(key).len().filter(pl.col("len") >= least)[key]
        if len(often):
            rows = columns[key].is_in(often.implode()).fill_null(False).arg_true()
            parts.append(_lines(rows, BY_ID[rule]))
    return pl.concat(parts)


def severity_of(code: str) -> Severity | None:
    """The severity of a rule, None where the code is none of these."""
    rule = BY_ID.get(code)
    return rule.severity if rule else None


def _lines(rows: pl.Series, rule: Rule) -> pl.DataFrame:
    count = len(rows)
    found = {"row": rows, "field": [rule.field] * count, "code": [rule.id] * count}
    return pl.DataFrame(found, schema=FINDINGS_SCHEMA)
