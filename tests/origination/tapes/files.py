"""The same small table in every format that a tape may come in."""

import io
import zipfile

import openpyxl
import polars as pl

from origination.domain.tapes.autolease import write_autolease


def csv_of(frame, encoding="utf-8", separator=","):
    return frame.write_csv(separator=separator).encode(encoding)


def parquet_of(frame):
    stream = io.BytesIO()
    frame.write_parquet(stream)
    return stream.getvalue()


def xlsx_of(frame, *, above=()):
    book = openpyxl.Workbook()
    sheet = book.active
    for line in (*above, frame.columns, *frame.rows()):
        sheet.append(list(line))
    stream = io.BytesIO()
    book.save(stream)
    return stream.getvalue()


def xml_of(*rows):
    stream = io.BytesIO()
    write_autolease(rows, stream)
    return stream.getvalue()


def repacked(workbook, name, change):
    """A workbook with one part changed: `change` maps its bytes."""
    stream = io.BytesIO()
    with (
        zipfile.ZipFile(io.BytesIO(workbook)) as old,
        zipfile.ZipFile(stream, "w", zipfile.ZIP_DEFLATED) as new,
    ):
        for part in old.namelist():
            content = old.read(part)
            new.writestr(part, change(content) if part == name else content)
    return stream.getvalue()


TABLE = pl.DataFrame(
    {"合同编号": ["A-1", "A-2"], "车架号": ["V1", None], "利率": ["0.0895", "0.1"]}
)
