"""A book as a tape file: frames of text columns written as they come, in bounded memory.

What is written is read again by `readers` to the same texts.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from enum import StrEnum
from typing import IO, Final

import openpyxl
import polars as pl
import pyarrow as pa
from openpyxl.cell import WriteOnlyCell
from openpyxl.worksheet._write_only import WriteOnlyWorksheet
from pyarrow import parquet

from origination.domain.tapes.autolease import write_autolease

#: Rows of a sheet (ECMA-376), less the header.
SHEET_ROWS: Final = 1_048_575


class TapeFormat(StrEnum):
    """What a book is exported as."""

    CSV = "csv"
    XLSX = "xlsx"
    PARQUET = "parquet"
    EX102 = "xml"


MEDIA: Final = {
    TapeFormat.CSV: "text/csv; charset=utf-8",
    TapeFormat.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
    TapeFormat.PARQUET: "application/vnd.apache.parquet",
    TapeFormat.EX102: "application/xml",
}


def write_tape(
    form: TapeFormat, columns: Sequence[str], frames: Iterable[pl.DataFrame], stream: IO[bytes]
) -> int:
    """Write frames that all have `columns`, texts with null for none; how many rows."""
    if form is TapeFormat.CSV:
        return _csv(columns, frames, stream)
    if form is TapeFormat.XLSX:
        return _xlsx(columns, frames, stream)
    if form is TapeFormat.PARQUET:
        return _parquet(columns, frames, stream)
    rows = (row for frame in frames for row in frame.iter_rows(named=True))
    return write_autolease(rows, stream)


def _csv(columns: Sequence[str], frames: Iterable[pl.DataFrame], stream: IO[bytes]) -> int:
    count = 0
    stream.write(b"\xef\xbb\xbf")  # by which Excel knows UTF-8
    header = pl.DataFrame(schema=dict.fromkeys(columns, pl.String))
    stream.write(header.write_csv().encode())
    for frame in frames:
        stream.write(frame.write_csv(include_header=False).encode())
        count += len(frame)
    return count


def _xlsx(columns: Sequence[str], frames: Iterable[pl.DataFrame], stream: IO[bytes]) -> int:
    """Every cell a text: an identity number is no number, and no text becomes a formula."""
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("tape")
    sheet.append(_cells(sheet, columns))
    count = 0
    for frame in frames:
        for row in frame.iter_rows():
            sheet.append(_cells(sheet, row))
        count += len(frame)
    book.save(stream)
    return count


def _cells(sheet: WriteOnlyWorksheet, texts: Iterable[str | None]) -> list[object]:
    cells: list[object] = []
    for text in texts:
        if text is None:
            cells.append(None)
            continue
        cell = WriteOnlyCell(sheet, text)
        cell.data_type = "s"
        cells.append(cell)
    return cells


def _parquet(columns: Sequence[str], frames: Iterable[pl.DataFrame], stream: IO[bytes]) -> int:
    schema = pa.schema([(name, pa.string()) for name in columns])
    count = 0
    with parquet.ParquetWriter(stream, schema, compression="zstd") as writer:
        for frame in frames:
            writer.write_table(frame.to_arrow().cast(schema))
            count += len(frame)
    return count
