"""Rows as a file that a spreadsheet opens: CSV with its mark, or XLSX, in bounded memory."""

import csv
import io
from collections.abc import Iterable, Sequence
from datetime import date
from decimal import Decimal
from enum import StrEnum
from typing import IO

import openpyxl
from openpyxl.cell import WriteOnlyCell

from origination.domain.tapes.writing import SHEET_ROWS

Value = str | int | Decimal | date | None
#: What a spreadsheet takes for the beginning of a formula, full-width forms included.
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n", "＝", "＋", "－", "＠")
_ONE_CELL = str.maketrans({chr(code): " " for code in range(32)})


class ListFormat(StrEnum):
    CSV = "csv"
    XLSX = "xlsx"


def write_list(
    form: ListFormat, header: Sequence[str], rows: Iterable[Sequence[Value]], stream: IO[bytes]
) -> int:
    """Write a header and rows as they come; how many rows."""
    return (_csv if form is ListFormat.CSV else _xlsx)(header, rows, stream)


def guarded(text: str) -> str:
    """A text that no spreadsheet reads as a formula: an apostrophe stands before one."""
    return f"'{text}" if text.startswith(_FORMULA) else text


def _csv(header: Sequence[str], rows: Iterable[Sequence[Value]], stream: IO[bytes]) -> int:
    text = io.TextIOWrapper(stream, encoding="utf-8-sig", newline="", write_through=True)
    writer, count = csv.writer(text), 0
    writer.writerow(header)
    for row in rows:
        writer.writerow(guarded(value) if isinstance(value, str) else value for value in row)
        count += 1
    text.flush()
    text.detach()
    return count


def _xlsx(header: Sequence[str], rows: Iterable[Sequence[Value]], stream: IO[bytes]) -> int:
    """Texts are text cells, so that none becomes a formula or a number; amounts are numbers."""
    book = openpyxl.Workbook(write_only=True)
    sheet, count = book.create_sheet("list"), 0
    sheet.append(list(header))
    for row in rows:
        if count == SHEET_ROWS:
            break
        cells = []
        for value in row:
            cell = WriteOnlyCell(sheet, value)
            if isinstance(value, str):
                cell.value = value.translate(_ONE_CELL)
                cell.data_type = "s"
            elif isinstance(value, Decimal):
                cell.number_format = "#,##0.00"
            elif isinstance(value, date):
                cell.number_format = "yyyy-mm-dd"
            cells.append(cell)
        sheet.append(cells)
        count += 1
    book.save(stream)
    return count
