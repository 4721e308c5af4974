"""XLSX (ISO/IEC 29500 SpreadsheetML), the first visible sheet, row by row.

Written here because a tape has up to a million rows: openpyxl makes an object of every cell and
takes several times as long. Shared texts are held in memory once; nothing else is.
"""

from __future__ import annotations

import zipfile
from collections.abc import Callable, Iterator
from typing import IO, Any, Final

import polars as pl

from origination.domain.tapes.readers.guarded import Limited, elements, release
from origination.domain.tapes.readers.shape import (
    CHUNK_ROWS,
    MAX_BYTES,
    TapeText,
    checked_header,
)
from origination.domain.tapes.readers.workbook_cells import Cells, cells_of, column_number
from origination.problems import HalfAFile, NotATape, TooLarge

MAGIC: Final = b"PK\x03\x04"
_NS: Final = "{http://schemas.openxmlformats.org/spreadsheetml/2006/main}"
_REL: Final = "{http://schemas.openxmlformats.org/officeDocument/2006/relationships}id"
_LOOKED_AT: Final = 50  # rows in which a header must stand


def read_workbook(stream: IO[bytes]) -> TapeText:
    """An XLSX file; raises `NotATape`, `HalfAFile` or `TooLarge` (a bomb)."""
    archive = _archive(stream)
    sheet = _first_sheet(archive)
    cells = cells_of(archive, _part)
    start, header = _header(archive, sheet, cells)
    names = checked_header(header)

    def read() -> Iterator[pl.DataFrame]:
        return _frames(archive, sheet, cells, names, start)

    return TapeText("xlsx", "", names, read)


def _archive(stream: IO[bytes]) -> zipfile.ZipFile:
    stream.seek(0)
    try:
        archive = zipfile.ZipFile(stream)
    except (zipfile.BadZipFile, OSError) as error:
        raise HalfAFile(detail="The archive breaks off or is damaged.") from error
    parts = archive.infolist()
    if sum(part.file_size for part in parts) > MAX_BYTES or len(parts) > 10_000:
        raise TooLarge(params={"limit": MAX_BYTES // 1024**2})
    if any(part.flag_bits & 1 for part in parts):
        raise NotATape(detail="The workbook is encrypted; save it without a password.")
    if "xl/workbook.xml" not in archive.namelist():
        raise NotATape(detail="It is an archive, but no XLSX workbook.")
    return archive


def _part(archive: zipfile.ZipFile, name: str, tag: str) -> Iterator[Any]:
    """Elements of one part as they end, each let go afterwards; none where the part lacks."""
    try:
        with archive.open(name) as part:
            for _event, element in elements(Limited(part, MAX_BYTES), ("end",), _NS + tag):
                yield element
                release(element)
    except KeyError:
        return
    except (zipfile.BadZipFile, EOFError, OSError) as error:
        raise HalfAFile(detail="The archive breaks off or is damaged.") from error


def _first_sheet(archive: zipfile.ZipFile) -> str:
    shown = [
        sheet.get(_REL)
        for sheet in _part(archive, "xl/workbook.xml", "sheet")
        if sheet.get("state", "visible") == "visible"
    ]
    if not shown:
        raise NotATape(detail="The workbook shows no sheet.")
    with archive.open("xl/_rels/workbook.xml.rels") as part:
        for _event, relation in elements(Limited(part, MAX_BYTES), ("end",)):
            if relation.get("Id") == shown[0]:
                target = relation.get("Target").lstrip("/")
                return target if target.startswith("xl/") else f"xl/{target}"
    raise HalfAFile(detail="The archive breaks off or is damaged.")


def _rows(archive: zipfile.ZipFile, sheet: str, cells: Cells) -> Iterator[dict[int, str]]:
    """Rows as {column from 0: text}, blank cells left out."""
    if sheet not in archive.namelist():
        raise HalfAFile(detail="The archive breaks off or is damaged.")
    cell_tag = f"{_NS}c"
    text_of: Callable[[Any], str] = cells.text
    for row in _part(archive, sheet, "row"):
        found: dict[int, str] = {}
        place = 0
        for cell in row.iterchildren(cell_tag):
            where = cell.get("r")
            place = column_number(where) if where else place
            if text := text_of(cell):
                found[place] = text
            place += 1
        yield found


def _header(archive: zipfile.ZipFile, sheet: str, cells: Cells) -> tuple[int, list[str]]:
    """(rows before the data, names): the first row with two texts; titles above it are passed."""
    for place, row in enumerate(_rows(archive, sheet, cells)):
        if len(row) > 1:
            names = [row.get(column, "") for column in range(max(row) + 1)]
            return place + 1, names
        if place > _LOOKED_AT:
            break
    raise NotATape(detail="The first sheet has no header line.")


def _frames(
    archive: zipfile.ZipFile, sheet: str, cells: Cells, names: tuple[str, ...], start: int
) -> Iterator[pl.DataFrame]:
    schema = dict.fromkeys(names, pl.String)
    width = len(names)
    held: list[list[str | None]] = []
    for place, row in enumerate(_rows(archive, sheet, cells)):
        if place < start or not row:
            continue
        if max(row) >= width:
            raise NotATape(
                detail="Row %(row)s has more cells than the header has names.",
                params={"row": place + 1},
            )
        held.append([row.get(column) for column in range(width)])
        if len(held) == CHUNK_ROWS:
            yield pl.DataFrame(held, schema=schema, orient="row")
            held = []
    if held:
        yield pl.DataFrame(held, schema=schema, orient="row")
