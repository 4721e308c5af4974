"""What a cell of a workbook says, as text: shared texts, numbers, days by their style."""

from __future__ import annotations

import re
import zipfile
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal, InvalidOperation
from typing import Any, Final

_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
#: Built-in number formats that show a day (ECMA-376 part 1, 18.8.30; 27–58 in Chinese locales).
_DAY_FORMATS: Final = frozenset({*range(14, 18), 22, *range(27, 37), *range(50, 59)})
_QUOTED: Final = re.compile(r'"[^"]*"|\\.|\[[^\]]*\]')
_EPOCH: Final = date(1899, 12, 30)
_EPOCH_1904: Final = date(1904, 1, 1)

Parts = Callable[[zipfile.ZipFile, str, str], Iterator[Any]]


@dataclass(frozen=True)
class Cells:
    """Texts that cells share, which styles show a day, and the day that serial number 0 is."""

    shared: list[str]
    day_styles: frozenset[int]
    epoch: date

    def text(self, cell: Any) -> str:
        """The cell's text; numbers without their binary tail, days as YYYY-MM-DD."""
        kind = cell.get("t")
        if kind == "inlineStr":
            return "".join(cell.itertext()).strip()
        raw = cell.findtext(f"{_NS}v")
        if not raw:
            return ""
        if kind == "s":
            return self.shared[int(raw)]
        if kind in ("str", "d", "b"):
            return str(raw).strip()
        if kind == "e":
            return ""  # a formula that failed has no value
        if (style := cell.get("s")) and int(style) in self.day_styles:
            return self._day(raw)
        return _number(raw)

    def _day(self, raw: str) -> str:
        try:
            return (self.epoch + timedelta(days=int(float(raw)))).isoformat()
        except (ValueError, OverflowError):
            return raw


def cells_of(archive: zipfile.ZipFile, parts: Parts) -> Cells:
    """What the cells of a workbook refer to."""
    shared = [_shared_text(item) for item in parts(archive, "xl/sharedStrings.xml", "si")]
    own = {
        int(form.get("numFmtId")): _shows_day(form.get("formatCode", ""))
        for form in parts(archive, "xl/styles.xml", "numFmt")
    }
    styles = []
    for group in parts(archive, "xl/styles.xml", "cellXfs"):
        styles = [int(style.get("numFmtId", "0")) for style in group.iterchildren(f"{_NS}xf")]
    days = {place for place, form in enumerate(styles) if own.get(form, form in _DAY_FORMATS)}
    is_1904 = any(
        found.get("date1904") in ("1", "true")
        for found in parts(archive, "xl/workbook.xml", "workbookPr")
    )
    return Cells(shared, frozenset(days), _EPOCH_1904 if is_1904 else _EPOCH)


def column_number(where: str) -> int:
    """The column of a reference such as AB12, from 0."""
    number = 0
    for letter in where:
        if not letter.isalpha():
            break
        number = number * 26 + ord(letter) - 64
    return number - 1


def _shared_text(item: Any) -> str:
    """Plain or rich text without its phonetic runs."""
    return "".join(
        run.text or "" for run in item.iter(f"{_NS}t") if run.getparent().tag != f"{_NS}rPh"
    ).strip()


def _shows_day(form: str) -> bool:
    plain = _QUOTED.sub("", form).lower()
    return "y" in plain or ("d" in plain and "m" in plain) or "年" in form


def _number(raw: str) -> str:
    """0.089499999999999996 is 0.0895, 36.0 is 36, 1E-3 is 0.001."""
    if raw.isdigit():
        return raw
    try:
        value = Decimal(repr(float(raw)))
    except (ValueError, InvalidOperation):
        return raw
    if value == value.to_integral_value():
        return str(int(value))
    return format(value, "f")
