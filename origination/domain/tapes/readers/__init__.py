"""Any tape file as text columns: told by its content, never by its name.

`open_tape(stream)` answers a `TapeText`; its `chunks()` reads the rows in bounded memory, as often
as asked. The stream must be seekable and stay open.
"""

from __future__ import annotations

from typing import IO, Final

from origination.domain.tapes.readers import assets, columns, text, workbook
from origination.domain.tapes.readers.shape import (
    CHUNK_ROWS,
    MAX_BYTES,
    MAX_ROWS,
    TapeText,
)
from origination.problems import NotATape
from origination.unpacking import unpacked_file

_OLD_EXCEL: Final = b"\xd0\xcf\x11\xe0"
_UTF8_MARK: Final = b"\xef\xbb\xbf"


def open_tape(stream: IO[bytes]) -> TapeText:
    """The table in a CSV, XLSX, Parquet or EX-102 XML file, also gzipped.

    Raises `NotATape`, `HalfAFile` or `TooLarge`, each saying where.
    """
    stream = unpacked_file(stream, limit=MAX_BYTES)
    start = stream.read(512)
    if start.startswith(columns.MAGIC):
        return columns.read_columns(stream)
    if start.startswith(workbook.MAGIC):
        return workbook.read_workbook(stream)
    if start.startswith(_OLD_EXCEL):
        raise NotATape(detail="It is an old Excel file (XLS) or an encrypted workbook.")
    if start.removeprefix(_UTF8_MARK).lstrip().startswith(b"<"):
        return assets.read_assets(stream)
    return text.read_text(stream)


__all__ = ["CHUNK_ROWS", "MAX_BYTES", "MAX_ROWS", "TapeText", "open_tape"]
