"""How a column's texts are written, and the expression that turns them into a field's own form.

Nothing passes through a float: decimals are moved in the text. A text that is not of its form
stays as it is, so that the field's own check names it with what the file says.
"""

from __future__ import annotations

from enum import StrEnum
from typing import Final

import polars as pl

from origination.domain.lease_fields import FieldSpec, Kind
from origination.domain.tapes.mapping.codes import code_table
from origination.domain.tapes.reported import gettext_noop as _n


class Written(StrEnum):
    """How texts are written in the file."""

    TEXT = "text"
    TOKEN = "token"  # cut to 30 characters by its source
    IDENTITY = "identity"
    CODE = "code"
    MINOR = "minor"
    MAJOR = "major"
    WAN = "wan"
    FRACTION = "fraction"
    PERCENT = "percent"
    NUMBER = "number"
    TENS = "tens"  # ten thousands
    YEARS = "years"
    DAY = "day"
    DAY_US = "day_us"
    DAY_EU = "day_eu"
    MONTH = "month"
    SERIAL = "serial"


LABELS: Final[dict[Written, str]] = {
    Written.TEXT: _n("As it stands"),
    Written.TOKEN: _n("Text, cut to 30 characters"),
    Written.IDENTITY: _n("Capital letters, without spaces"),
    Written.CODE: _n("Codes or their names"),
    Written.MINOR: _n("In fen (minor units)"),
    Written.MAJOR: _n("In yuan (major units)"),
    Written.WAN: _n("In ten thousand yuan"),
    Written.FRACTION: _n("As a fraction: 0.0895"),
    Written.PERCENT: _n("In per cent: 8.95"),
    Written.NUMBER: _n("A whole number"),
    Written.TENS: _n("In ten thousands"),
    Written.YEARS: _n("In years"),
    Written.DAY: _n("Year, month, day: 2024-02-29"),
    Written.DAY_US: _n("Month, day, year: 02/29/2024"),
    Written.DAY_EU: _n("Day, month, year: 29/02/2024"),
    Written.MONTH: _n("Month and year: 02/2024"),
    Written.SERIAL: _n("Excel's number of days: 45351"),
}
#: Forms that a field of each kind may be written in; the first is the house's own.
FORMS_OF: Final[dict[Kind, tuple[Written, ...]]] = {
    Kind.TEXT: (Written.TEXT, Written.TOKEN),
    Kind.CODE: (Written.CODE,),
    Kind.CURRENCY: (Written.CODE,),
    Kind.MINOR: (Written.MINOR, Written.MAJOR, Written.WAN),
    Kind.RATE: (Written.FRACTION, Written.PERCENT),
    Kind.WHOLE: (Written.NUMBER, Written.TENS, Written.YEARS),
    Kind.DATE: (Written.DAY, Written.DAY_US, Written.DAY_EU, Written.MONTH, Written.SERIAL),
    Kind.VIN: (Written.IDENTITY,),
    Kind.IDENTITY: (Written.IDENTITY,),
    Kind.PHONE: (Written.TEXT,),
    Kind.SHA256: (Written.TEXT,),
}
_MINOR_DIGITS: Final = {Written.MINOR: 0, Written.MAJOR: 2, Written.WAN: 6}
_MONEY_NOISE: Final = r"[,，\s¥￥$€元]|CNY|RMB"
_UNITS: Final = r"(?i)(个月|期|月|公里|千米|年|months?|km|years?)$"


def in_form(text: pl.Expr, spec: FieldSpec, form: Written) -> pl.Expr:
    """`text` (trimmed, null for nothing) as `spec` has it; what is not of the form stays."""
    if form in _MINOR_DIGITS:
        return _or_same(_moved_right(_clean_number(text), _MINOR_DIGITS[form]), text)
    if form in (Written.FRACTION, Written.PERCENT):
        return _or_same(_rate(_clean_number(text), 2 if form is Written.PERCENT else 0), text)
    if form in (Written.NUMBER, Written.TENS, Written.YEARS):
        return _or_same(_count(text, form), text)
    if form is Written.CODE:
        return _code(text, spec.name)
    if form is Written.IDENTITY:
        bare = text.str.replace_all(r"[\s-]", "").str.to_uppercase()
        return pl.when(bare.str.contains("^[0-9A-Z]{17,18}$")).then(bare).otherwise(text)
    if form in _DAYS:
        return _or_same(_DAYS[form](text), text)
    return text.str.replace_all(r"\s+", " ")


def _or_same(found: pl.Expr, text: pl.Expr) -> pl.Expr:
    return pl.coalesce(found, text)


def _clean_number(text: pl.Expr) -> pl.Expr:
    return text.str.replace_all(_MONEY_NOISE, "")


def _parts(number: pl.Expr) -> tuple[pl.Expr, pl.Expr, pl.Expr]:
    """(sign, whole digits, decimals) of a decimal text; null where it is none."""
    groups = number.str.extract_groups(r"^(-?)([0-9]{1,15})(?:\.([0-9]*))?$")
    return (
        groups.struct.field("1"),
        groups.struct.field("2"),
        groups.struct.field("3").fill_null(""),
    )


def _moved_right(number: pl.Expr, digits: int) -> pl.Expr:
    """A decimal times 10^digits as a whole number; null where a fraction would be left."""
    sign, whole, decimals = _parts(number)
    decimals = decimals.str.strip_chars_end("0")
    fits = decimals.str.len_chars() <= digits
    joined = (whole + decimals.str.pad_end(digits, "0")).str.strip_chars_start("0")
    value = pl.when(joined == "").then(pl.lit("0")).otherwise(sign + joined)
    return pl.when(fits).then(value)


def _rate(number: pl.Expr, digits: int) -> pl.Expr:
    """A decimal divided by 10^digits, with at most six decimals (the rest rounded half up)."""
    sign, whole, decimals = _parts(number.str.strip_chars_end("%％‰"))
    padded = whole.str.zfill(digits + 1)
    exact = padded.str.head(-digits) + "." + padded.str.tail(digits) if digits else padded + "."
    text = sign + (exact + decimals).str.replace(r"^0+([0-9])", "$1")
    long = text.cast(pl.Decimal(38, 18), strict=False).round(6, mode="half_away_from_zero")
    is_long = decimals.str.len_chars() + digits > 6
    shown = pl.when(is_long).then(long.cast(pl.String)).otherwise(text)
    return shown.str.strip_chars_end("0").str.strip_chars_end(".")


def _count(text: pl.Expr, form: Written) -> pl.Expr:
    bare = _clean_number(text.str.replace(_UNITS, ""))
    if form is Written.TENS:
        return _moved_right(bare, 4)
    whole = _moved_right(bare, 0)
    if form is Written.YEARS:
        return (whole.cast(pl.Int64, strict=False) * 12).cast(pl.String)
    return whole


def _code(text: pl.Expr, field: str) -> pl.Expr:
    table = code_table(field)
    key = text.str.to_lowercase().str.replace_all(r"[^0-9a-z\p{Han}]", "")
    return _or_same(key.replace_strict(table, default=None, return_dtype=pl.String), text)


def _joined(year: pl.Expr, month: pl.Expr, day: pl.Expr) -> pl.Expr:
    return year + "-" + month.str.zfill(2) + "-" + day.str.zfill(2)


def _groups(text: pl.Expr, pattern: str) -> list[pl.Expr]:
    groups = text.str.extract_groups(pattern)
    return [groups.struct.field(str(place)) for place in (1, 2, 3)]


_YEAR: Final = "((?:19|20)[0-9]{2})"


def _day(text: pl.Expr) -> pl.Expr:
    apart = rf"^{_YEAR}[-/.年]([0-9]{{1,2}})[-/.月]([0-9]{{1,2}})日?(?:[ T].*)?$"
    together = rf"^{_YEAR}([0-9]{{2}})([0-9]{{2}})$"
    return pl.coalesce(_joined(*_groups(text, apart)), _joined(*_groups(text, together)))


def _day_us(text: pl.Expr) -> pl.Expr:
    month, day, year = _groups(text, r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})$")
    return _joined(year, month, day)


def _day_eu(text: pl.Expr) -> pl.Expr:
    day, month, year = _groups(text, r"^([0-9]{1,2})[-/.]([0-9]{1,2})[-/.]([0-9]{4})$")
    return _joined(year, month, day)


def _month(text: pl.Expr) -> pl.Expr:
    first = text.str.extract_groups(rf"^([0-9]{{1,2}})[-/.]{_YEAR}$")
    last = text.str.extract_groups(rf"^{_YEAR}(?:[-/.年]([0-9]{{1,2}})月?|([0-9]{{2}}))$")
    day = pl.lit("01")
    return pl.coalesce(
        _joined(first.struct.field("2"), first.struct.field("1"), day),
        _joined(
            last.struct.field("1"),
            pl.coalesce(last.struct.field("2"), last.struct.field("3")),
            day,
        ),
    )


def _serial(text: pl.Expr) -> pl.Expr:
    number = text.str.extract(r"^([0-9]{5})(?:\.[0-9]+)?$").cast(pl.Int32, strict=False)
    return (number - 25_569).cast(pl.Date).cast(pl.String)  # 25,569 days from 1899-12-30 to 1970


_DAYS: Final = {
    Written.DAY: _day,
    Written.DAY_US: _day_us,
    Written.DAY_EU: _day_eu,
    Written.MONTH: _month,
    Written.SERIAL: _serial,
}
