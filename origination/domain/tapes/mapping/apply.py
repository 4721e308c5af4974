"""A chunk of a file in the fields of a lease: mapped texts, what is kept beside, what is absent."""

from __future__ import annotations

from dataclasses import dataclass

import polars as pl

from origination.domain import identifiers
from origination.domain.tapes.mapping.forms import in_form
from origination.domain.tapes.mapping.shape import ASSET_NUMBER, TapeMapping
from origination.domain.tapes.reported import TARGETS

_ESMA = r"^ND[1-5](?:-[0-9]{4}-[0-9]{2}-[0-9]{2})?$"  # ND4 may carry a day


@dataclass(frozen=True)
class Mapped:
    """`table`: text columns named as fields, null for none. `extra`: columns that are no field.

    `said`: the same fields as the file says them. `absent`: (row, field, code) of every cell that
    says 'no data', with the code it says.
    """

    table: pl.DataFrame
    said: pl.DataFrame
    extra: pl.DataFrame
    absent: pl.DataFrame


def apply_mapping(rows: pl.DataFrame, mapping: TapeMapping) -> Mapped:
    """The rows as `mapping` reads them. Columns of the mapping that the rows lack are empty."""
    fields = {name: place for name, place in mapping.fields.items() if place.column in rows.columns}
    texts = rows.select(
        pl.col(place.column).str.strip_chars().replace("", None).alias(name)
        for name, place in fields.items()
    )
    says_nothing = texts.select(_is_no_data(mapping).fill_null(False))
    own = texts.select(
        pl.when(~says_nothing[name]).then(pl.col(name)).alias(name) for name in texts.columns
    )
    table = own.select(
        (
            pl.col(name)
            if name == ASSET_NUMBER
            else in_form(pl.col(name), TARGETS[name], place.form)
        ).alias(name)
        for name, place in fields.items()
    )
    table = table.with_columns(
        pl.lit(value).alias(name) for name, value in mapping.constants if name not in fields
    )
    beside = [
        place.column for place in mapping.places if not place.field and place.column in rows.columns
    ]
    table = _derived(table, rows.height)
    others = [table[name] for name in table.columns if name not in texts.columns]
    absent = _absent(texts, says_nothing)
    return Mapped(table, texts.with_columns(others), rows.select(beside), absent)


def _is_no_data(mapping: TapeMapping) -> pl.Expr:
    upper = pl.all().str.to_uppercase()
    return upper.is_in([text.upper() for text in mapping.no_data]) | upper.str.contains(_ESMA)


def _absent(texts: pl.DataFrame, says_nothing: pl.DataFrame) -> pl.DataFrame:
    schema = {"row": pl.UInt32(), "field": pl.String(), "code": pl.String()}
    parts = [pl.DataFrame(schema=schema)]
    for name in texts.columns:
        rows = says_nothing[name].arg_true()
        if len(rows):
            codes = texts[name].gather(rows)
            parts.append(
                pl.DataFrame({"row": rows, "field": [name] * len(rows), "code": codes}, schema)
            )
    return pl.concat(parts)


def _derived(table: pl.DataFrame, height: int) -> pl.DataFrame:
    """What follows from another field where no column says it: the kind of lessee."""
    if not table.width:
        table = pl.DataFrame({"contract_number": [None] * height}, {"contract_number": pl.String})
    if "lessee_kind" in table.columns or "lessee_id_number" not in table.columns:
        return table
    number = pl.col("lessee_id_number")
    person = number.str.contains(f"^{identifiers.RESIDENT_PATTERN}$")
    return table.with_columns(
        lessee_kind=pl.when(person)
        .then(pl.lit("person"))
        .when(number.str.contains(f"^{identifiers.CREDIT_CODE_PATTERN}$"))
        .then(pl.lit("company"))
    )
