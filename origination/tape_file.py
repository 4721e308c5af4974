"""Files by their header: known kinds of others' tables, and small CSV files of lines."""

import io
from collections.abc import Sequence

import polars as pl

from origination.domain.dialects import Dialect, recognise
from origination.problems import HalfAFile, NotATape, NotLines
from origination.unpacking import unpacked
from tenants.problems import FieldError


def missing_columns(names: list[str]) -> list[FieldError]:
    """Columns that a file should have, in words."""
    words = ("missing_column", "The file has no such column.", "Add the column.")
    return [FieldError(name, *words) for name in names]


def dialect_of(columns: Sequence[str]) -> Dialect | None:
    """The known kind of foreign table that this is, if it is one; `NotATape` if parts lack."""
    dialect = recognise(columns)
    if dialect is not None and (missing := dialect.missing(columns)):
        raise NotATape(errors=missing_columns(missing))
    return dialect


def read_text_table(content: bytes, columns: list[str]) -> pl.DataFrame:
    """A CSV whose first line names one of the columns, every text as it stands.

    Raises `NotLines` or `HalfAFile`.
    """
    frame = _csv(unpacked(content), set(columns))
    if frame.is_empty():
        raise NotLines(detail="It has a header and no rows.")
    return frame


def _csv(content: bytes, columns: set[str]) -> pl.DataFrame:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise NotLines(detail="The file is empty.")
    try:
        header = content.split(b"\n", 1)[0].decode()
    except UnicodeDecodeError as error:
        raise NotLines(detail="It is not UTF-8 text.") from error
    if "," not in header or not columns & set(_names(header)):
        raise NotLines(detail="Its first line names no field that is known.")
    if (place := content.find(b"\0")) >= 0:
        raise NotLines(
            detail="Line %(line)s holds a zero byte, which no text has.",
            params={"line": content.count(b"\n", 0, place) + 1},
        )
    if not content.endswith((b"\n", b"\r")):
        raise HalfAFile(detail="The last line does not end.")
    try:
        return pl.read_csv(io.BytesIO(content), infer_schema=False, truncate_ragged_lines=False)
    except pl.exceptions.PolarsError as error:
        if "ragged" in str(error) or "fields" in str(error):
            raise HalfAFile(detail="A line has not as many fields as the header.") from error
        raise NotLines(detail="It cannot be read as CSV.") from error


def _names(header: str) -> list[str]:
    return [name.strip().strip('"') for name in header.strip().split(",")]
