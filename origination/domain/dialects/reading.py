"""A file's texts read as a layout says: a typed table of the rows, and what is wrong with them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import polars as pl

from origination.domain.dialects.shape import WARNINGS, Column, Form, Layout
from origination.domain.lease_fields import FINDINGS_SCHEMA, Kind, find_duplicates
from origination.domain.lease_fields.vocabulary import FORMS

#: Written forms, matched whole, and the word for a text that is not.
_FORMS: Final[dict[Form, tuple[str, str]]] = {
    Form.AMOUNT: (r"-?[0-9]{1,12}(?:\.[0-9]{1,2})?", "not_amount"),
    Form.WHOLE: (r"-?[0-9]{1,9}(?:\.0)?", "not_whole"),
    Form.MINOR: (FORMS[Kind.MINOR], "not_minor"),
    Form.RATE: (r"-?[0-9]{1,3}(?:\.[0-9]{1,8})?", "not_fraction"),
    Form.FLAG: (r"[01](?:\.0)?", "not_flag"),
}
_NUMBERS: Final = (Form.AMOUNT, Form.WHOLE, Form.RATE, Form.MINOR)


@dataclass(frozen=True, slots=True)
class Reading:
    """`table` has one row for each row of the file, in our names; `findings` name what is wrong.

    A field that is wrong is null in the table; who keeps rows leaves out those with an error.
    """

    table: pl.DataFrame
    findings: pl.DataFrame

    def good(self) -> pl.DataFrame:
        """The rows without an error."""
        wrong = self.findings.filter(~pl.col("code").is_in(list(WARNINGS)))["row"]
        return self.table.with_row_index("row").filter(~pl.col("row").is_in(wrong)).drop("row")


def read(layout: Layout, frame: pl.DataFrame) -> Reading:
    """Read a frame of text columns. Columns that the layout does not have are left out."""
    present = [column for column in layout.columns if column.source in frame.columns]
    texts = frame.select(
        pl.col(column.source).cast(pl.String).str.strip_chars().replace(dict.fromkeys(layout.empty))
        for column in present
    )
    values = texts.select(_value(column).alias(column.name) for column in present)
    parts = [
        _of_code(texts.select(_wrong(column)).to_series(), column.source) for column in present
    ]
    if layout.key:
        parts.append(find_duplicates(texts, [layout.key]))
    parts += [
        _where(values.select(mask).to_series(), name, code) for name, code, mask in layout.checks
    ]
    findings = pl.concat(parts).sort("row", maintain_order=True)
    return Reading(values, findings)


def _value(column: Column) -> pl.Expr:
    text = pl.col(column.source)
    if column.form is Form.AMOUNT:
        return _minor(text)
    if column.form in (Form.WHOLE, Form.FLAG):
        return text.str.strip_suffix(".0").cast(pl.Int64, strict=False)
    if column.form is Form.RATE:
        return text.cast(pl.Decimal(18, 8), strict=False)
    if column.form is Form.MINOR:
        return text.cast(pl.Int64, strict=False)
    if column.form is Form.DATE:  # 01/02/2026 may be two days, and the year 1900 or 9999 is a slip
        written = pl.when(text.str.contains(f"^(?:{FORMS[Kind.DATE]})$")).then(text)
        return written.str.to_date("%Y-%m-%d", strict=False)
    if column.form is Form.MONTH:
        return ("01/" + text).str.to_date("%d/%m/%Y", strict=False)
    if column.form is Form.DAY:
        return text.str.to_date("%m/%d/%Y", strict=False)
    if column.form is Form.CODE:
        return text.replace_strict(dict(column.codes), default=None, return_dtype=pl.String)
    return text


def _minor(text: pl.Expr) -> pl.Expr:
    """Hundredths of a decimal text, exactly."""
    parts = text.str.extract_groups(r"^(-?)([0-9]{1,12})(?:\.([0-9]{1,2}))?$")
    whole = parts.struct.field("2").cast(pl.Int64, strict=False) * 100
    cents = parts.struct.field("3").fill_null("0").str.pad_end(2, "0").cast(pl.Int64, strict=False)
    return (whole + cents) * pl.when(parts.struct.field("1") == "-").then(-1).otherwise(1)


def _wrong(column: Column) -> pl.Expr:
    """The code of the first thing wrong with each text, or ""."""
    text, value = pl.col(column.source), _value(column)
    tests: list[tuple[pl.Expr, str]] = []
    if column.form in _FORMS:
        form, word = _FORMS[column.form]
        tests.append((~text.str.contains(f"^(?:{form})$"), word))
    elif column.form is Form.CODE:
        tests.append((~text.is_in(list(column.codes)), "unknown_code"))
    elif column.form is not Form.TEXT:
        tests.append((value.is_null(), f"not_{column.form.value}"))
    if column.length is not None:
        tests.append((~text.str.contains(f"^(?:{FORMS[Kind.TEXT]})$"), "not_text"))
        tests.append((text.str.len_chars() > column.length, "too_long"))
    if column.form in _NUMBERS:
        tests.append((value < 0, "below_zero" if column.may_be_negative else "negative"))
        tests += _bounds(column, value)
    missing = pl.lit("required" if column.required else "")
    said = pl.coalesce(*(pl.when(test).then(pl.lit(word)) for test, word in tests), pl.lit(""))
    return pl.when(text.is_null()).then(missing).otherwise(said)


def _bounds(column: Column, value: pl.Expr) -> list[tuple[pl.Expr, str]]:
    scale = 100 if column.form is Form.AMOUNT else 1
    tests = []
    if column.low is not None:
        tests.append((value < column.low * scale, "out_of_range"))
    if column.high is not None:
        tests.append((value > column.high * scale, "out_of_range"))
    return tests


def _of_code(codes: pl.Series, source: str) -> pl.DataFrame:
    rows = (codes != "").arg_true()
    found = {"row": rows, "field": [source] * len(rows), "code": codes.gather(rows)}
    return pl.DataFrame(found, schema=FINDINGS_SCHEMA)


def _where(mask: pl.Series, source: str, code: str) -> pl.DataFrame:
    rows = mask.fill_null(False).arg_true()
    found = {"row": rows, "field": [source] * len(rows), "code": [code] * len(rows)}
    return pl.DataFrame(found, schema=FINDINGS_SCHEMA)
