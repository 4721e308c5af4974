"""Tapes checked as columns: the findings of `scalar.find` for every row, without a row loop."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Final

import numpy as np
import polars as pl

from origination.domain import identifiers
from origination.domain.lease_fields.findings import BADLY_WRITTEN, HOUSE_GUARDS, WARNINGS, Guards
from origination.domain.lease_fields.scalar import MONEY_FIELDS
from origination.domain.lease_fields.sums import Sums, cost_within, rents_fit
from origination.domain.lease_fields.vocabulary import BY_NAME, FIELDS, FORMS, FieldSpec, Kind
from origination.domain.schedule_columns import Bools, TermColumns

#: row (from 0), field, code: one line a finding.
FINDINGS_SCHEMA: Final = {"row": pl.UInt32(), "field": pl.String(), "code": pl.String()}
_RATIO_SCALE: Final = 10**4


def find_columns(frame: pl.DataFrame, *, guards: Guards = HOUSE_GUARDS) -> pl.DataFrame:
    """Everything wrong with every row: a frame of `FINDINGS_SCHEMA`, ordered by row and field.

    `frame` holds text columns named as in `FIELDS`, null or "" for empty; a missing column is
    empty in every row, a column of another name is an unknown field where it is not empty.
    """
    if frame.is_empty():
        return pl.DataFrame(schema=FINDINGS_SCHEMA)
    table = frame.select(
        (pl.col(spec.name).cast(pl.String) if spec.name in frame.columns else pl.lit(""))
        .fill_null("")
        .alias(spec.name)
        for spec in FIELDS
    )
    codes = {spec.name: _written(spec, table) for spec in FIELDS}
    written = table.select(
        pl.when(pl.Series(codes[name]).is_in(["", *WARNINGS]) & (pl.col(name) != ""))
        .then(pl.col(name))
        .alias(name)
        for name in table.columns
    )
    parts = [_lines(name, code) for name, code in codes.items()]
    parts += _compare(_typed(written), written, guards)
    parts += _unknown(frame)
    order = {spec.name: i for i, spec in enumerate(FIELDS)}
    place = pl.col("field").replace_strict(order, default=len(order), return_dtype=pl.Int32)
    return pl.concat(parts).unique().sort("row", place, "field", "code")


def find_written(frame: pl.DataFrame, specs: Sequence[FieldSpec]) -> pl.DataFrame:
    """What is badly written in the columns of `specs`, each by itself; absent ones are empty."""
    parts = [pl.DataFrame(schema=FINDINGS_SCHEMA)]
    for spec in specs:
        if spec.name in frame.columns:
            texts = frame.select(pl.col(spec.name).fill_null(""))
            parts.append(_lines(spec.name, _written(spec, texts)))
    return pl.concat(parts)


def find_duplicates(frame: pl.DataFrame, names: Sequence[str]) -> pl.DataFrame:
    """Rows whose value in one of the columns stands in another row too, all rows concerned."""
    parts = [pl.DataFrame(schema=FINDINGS_SCHEMA)]
    for name in names:
        doubled = frame[name].is_duplicated() & frame[name].fill_null("").ne("")
        parts.append(_where(doubled, name, "duplicate"))
    return pl.concat(parts)


def _where(mask: pl.Series, field: str, code: str) -> pl.DataFrame:
    """Findings where a mask is true (null is false)."""
    rows = mask.fill_null(False).arg_true()
    return pl.DataFrame(
        {"row": rows, "field": pl.repeat(field, len(rows), eager=True), "code": [code] * len(rows)},
        schema=FINDINGS_SCHEMA,
    )


def _lines(field: str, codes: pl.Series) -> pl.DataFrame:
    rows = (codes != "").arg_true()
    return pl.DataFrame(
        {"row": rows, "field": [field] * len(rows), "code": codes.gather(rows)},
        schema=FINDINGS_SCHEMA,
    )


def _written(spec: FieldSpec, table: pl.DataFrame) -> pl.Series:
    """For each row the code of what is wrong with the field's text, or ""."""
    text = pl.col(spec.name)
    if spec.kind is Kind.IDENTITY:
        bad = _identities(table)
    elif spec.kind is Kind.VIN:
        bad = _vins(table[spec.name])
    else:
        bad = table.select(_form(spec, text)).to_series()
    missing = pl.lit("required" if spec.required else "")
    return table.select(
        pl.when(text == "").then(missing).otherwise(pl.lit(bad)).alias(spec.name)
    ).to_series()


def _form(spec: FieldSpec, text: pl.Expr) -> pl.Expr:
    """The code of a badly written text, as an expression: the first of its tests that is true."""
    if spec.kind is Kind.CODE:
        return _first_true([(~text.is_in(list(spec.codes)), "unknown_code")])
    tests = [(~text.str.contains(f"^(?:{FORMS[spec.kind]})$"), BADLY_WRITTEN[spec.kind])]
    if spec.kind in (Kind.MINOR, Kind.WHOLE):
        value = text.cast(pl.Int64, strict=False)
        in_range = value.is_between(spec.low, spec.high)
        tests += [(value < 0, "negative"), (~in_range, "out_of_range")]
    elif spec.kind is Kind.RATE:
        negative = text.str.starts_with("-") & text.str.contains("[1-9]")
        at_most_one = text.str.contains(r"^-?(?:0(?:\.[0-9]*)?|1(?:\.0*)?)$")
        tests += [(negative, "negative"), (~at_most_one, "rate_too_high")]
    elif spec.kind is Kind.DATE:
        tests.append((text.str.to_date("%Y-%m-%d", strict=False).is_null(), "not_date"))
    elif spec.kind is Kind.TEXT:
        tests.append((text.str.len_chars() > spec.length, "too_long"))
    return _first_true(tests)


def _first_true(tests: Sequence[tuple[pl.Expr, str]]) -> pl.Expr:
    """The word of the first test that is true, else ""."""
    return pl.coalesce(*(pl.when(test).then(pl.lit(word)) for test, word in tests), pl.lit(""))


def _coded(texts: pl.Series, form: str, test: Callable[[pl.Series], Bools], bad: str) -> pl.Series:
    """`bad` where a text has not the form, "?" where it has and fails the test, else ""."""
    formed = texts.str.contains(f"^(?:{form})$")
    codes = np.where(formed.to_numpy(), "", bad).astype(object)
    own = np.flatnonzero(formed.to_numpy())
    if len(own):
        codes[own[~test(texts.gather(own))]] = "?"
    return pl.Series(codes, dtype=pl.String)


def _vins(vins: pl.Series) -> pl.Series:
    codes = _coded(vins, FORMS[Kind.VIN], identifiers.vin_checks, "not_vin")
    checked = vins.str.slice(0, 1).is_in(list(identifiers.CHECKED_REGIONS))
    sure = pl.select(
        pl.when(checked).then(pl.lit("vin_check_digit")).otherwise(pl.lit("vin_check_digit_unsure"))
    ).to_series()
    return codes.zip_with(codes != "?", sure)


def _identities(table: pl.DataFrame) -> pl.Series:
    numbers, kinds = table["lessee_id_number"], table["lessee_kind"]
    born = numbers.str.slice(6, 8)
    real = (born.str.to_date("%Y%m%d", strict=False).is_not_null()) & (born >= "19000101")
    persons = numbers.zip_with(real.fill_null(False), pl.Series([""]))
    person = _coded(
        persons, identifiers.RESIDENT_PATTERN, identifiers.resident_checks, "not_identity"
    )
    company = _coded(
        numbers, identifiers.CREDIT_CODE_PATTERN, identifiers.credit_code_checks, "not_identity"
    )
    codes = pl.select(
        pl.when(pl.lit(kinds) == "person")
        .then(pl.lit(person))
        .when(pl.lit(kinds) == "company")
        .then(pl.lit(company))
        .otherwise(pl.lit(""))
    ).to_series()
    return codes.replace("?", "identity_check_digit")


def _typed(written: pl.DataFrame) -> pl.DataFrame:
    """The well-written fields that are compared with each other, as numbers and dates."""
    return written.select(
        *(
            pl.col(spec.name).cast(pl.Int64)
            for spec in FIELDS
            if spec.kind in (Kind.MINOR, Kind.WHOLE)
        ),
        *(
            pl.col(spec.name).str.to_date("%Y-%m-%d", strict=False)
            for spec in FIELDS
            if spec.kind is Kind.DATE
        ),
        product=pl.col("product"),
    )


def _compare(table: pl.DataFrame, written: pl.DataFrame, guards: Guards) -> list[pl.DataFrame]:
    """Fields against each other, where both are well written."""
    price, financed = table["vehicle_price_minor"], table["financed_amount_minor"]
    limits = {name: guards.limit(name) * _RATIO_SCALE for name in BY_NAME["product"].codes}
    limit = table["product"].replace_strict(
        {name: int(value) for name, value in limits.items()}, return_dtype=pl.Int64, default=None
    )
    originated, first = table["originated_on"], table["first_payment_on"]
    maturity = table["maturity_on"]
    months = (maturity.dt.year() - first.dt.year()) * 12 + (
        maturity.dt.month().cast(pl.Int32) - first.dt.month().cast(pl.Int32)
    )
    short = table["term_months"] - months
    in_order = maturity >= first
    return [
        _where(table["residual_minor"] > price, "residual_minor", "residual_above_price"),
        _where(
            financed * _RATIO_SCALE > limit * price,
            "financed_amount_minor",
            "financed_above_value",
        ),
        _where(table["deposit_minor"] > financed, "deposit_minor", "deposit_above_financed"),
        _where(first < originated, "first_payment_on", "dates_out_of_order"),
        _where(maturity < first, "maturity_on", "dates_out_of_order"),
        _where(in_order & ~short.is_in([0, 1]), "term_months", "term_unlike_dates"),
        *_compare_sums(table, written, guards),
    ]


def _compare_sums(table: pl.DataFrame, written: pl.DataFrame, guards: Guards) -> list[pl.DataFrame]:
    whole = written.select(pl.all_horizontal(pl.col(name).is_not_null() for name in MONEY_FIELDS))
    rows = whole.to_series().arg_true()
    if rows.is_empty():
        return []
    deposit, fee = (
        table[name].gather(rows).fill_null(0).to_numpy() for name in ("deposit_minor", "fee_minor")
    )
    sums = Sums.of(TermColumns.of_frame(written[rows]), deposit, fee)
    fits = rents_fit(sums)
    dear = fits & ~cost_within(sums, guards.cost_cap)
    found = []
    for mask, field, code in (
        (~fits, "rent_minor", "rent_unlike_terms"),
        (dear, "annual_nominal_rate", "cost_above_cap"),
    ):
        lines = _where(pl.Series(mask), field, code)
        found.append(lines.with_columns(row=rows.gather(lines["row"])))
    return found


def _unknown(frame: pl.DataFrame) -> list[pl.DataFrame]:
    names = [name for name in frame.columns if name not in BY_NAME]
    return [
        _where(frame[name].cast(pl.String).fill_null("").ne(""), name, "unknown_field")
        for name in names
    ]


__all__ = ["FINDINGS_SCHEMA", "find_columns", "find_duplicates", "find_written"]
