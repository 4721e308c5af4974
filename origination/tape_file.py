"""Reading a file: bytes to a frame of text columns, or a word on why it is no tape."""

import io
from collections.abc import Callable

import polars as pl

from origination.domain.dialects import Dialect, recognise
from origination.domain.lease_fields import FIELDS
from origination.problems import HalfAFile, NotATape, NotLines
from origination.unpacking import unpacked
from tenants.problems import FieldError, Invalid

PARQUET_MAGIC = b"PAR1"
NAMES = [spec.name for spec in FIELDS]
REQUIRED = [spec.name for spec in FIELDS if spec.required]


def read_table(content: bytes) -> pl.DataFrame:
    """Every row of a CSV or Parquet file as text; gzip is opened.

    Raises `NotATape` (no table of a known kind) or `HalfAFile`.
    """
    content = unpacked(content)
    frame = _parquet(content) if content.startswith(PARQUET_MAGIC) else _csv(content)
    if frame.is_empty():
        raise NotATape(detail="It has a header and no rows.")
    blank = pl.col(pl.String).replace("", None)
    return frame.with_columns(pl.all().cast(pl.String)).with_columns(blank)


def lease_columns(table: pl.DataFrame) -> pl.DataFrame:
    """The table in the columns of `lease.recorded`; `NotATape` names each that is missing."""
    frame = table.rename({name: name.strip().lower() for name in table.columns})
    if missing := [name for name in REQUIRED if name not in frame.columns]:
        raise NotATape(errors=missing_columns(missing))
    return frame


def missing_columns(names: list[str]) -> list[FieldError]:
    """Columns that a file should have, in words."""
    words = ("missing_column", "The file has no such column.", "Add the column.")
    return [FieldError(name, *words) for name in names]


def dialect_of(table: pl.DataFrame) -> Dialect | None:
    """The known kind of foreign table that this is, if it is one; `NotATape` if parts lack."""
    dialect = recognise(table.columns)
    if dialect is not None and (missing := dialect.missing(table.columns)):
        raise NotATape(errors=missing_columns(missing))
    return dialect


def _parquet(content: bytes) -> pl.DataFrame:
    if not content.endswith(PARQUET_MAGIC):
        raise HalfAFile
    try:
        frame = pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise HalfAFile from error
    texts = frame.select(pl.col(pl.String).str.contains("\0", literal=True).fill_null(False))
    rows = [found[0] for one in texts.get_columns() if len(found := one.arg_true())]
    if rows:
        raise _zero_byte(NotATape, min(rows) + 1)
    return frame


def read_text_table(content: bytes, columns: list[str]) -> pl.DataFrame:
    """A CSV whose first line names one of the columns, every text as it stands.

    Raises `NotLines` or `HalfAFile`.
    """
    frame = _csv(unpacked(content), lambda names: bool(set(names) & set(columns)), NotLines)
    if frame.is_empty():
        raise NotLines(detail="It has a header and no rows.")
    return frame


def _is_known(names: list[str]) -> bool:
    lowered = {name.lower() for name in names}
    return bool(lowered & set(NAMES)) or recognise(names) is not None


def _csv(
    content: bytes,
    is_known: Callable[[list[str]], bool] = _is_known,
    unknown: type[Invalid] = NotATape,
) -> pl.DataFrame:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise unknown(detail="The file is empty.")
    try:
        header = content.split(b"\n", 1)[0].decode()
    except UnicodeDecodeError as error:
        raise unknown(detail="It is not UTF-8 text.") from error
    if "," not in header or not is_known(_names(header)):
        raise unknown(detail="Its first line names no field that is known.")
    if (place := content.find(b"\0")) >= 0:
        raise _zero_byte(unknown, content.count(b"\n", 0, place) + 1)
    if not content.endswith((b"\n", b"\r")):
        raise HalfAFile(detail="The last line does not end.")
    try:
        return pl.read_csv(io.BytesIO(content), infer_schema=False, truncate_ragged_lines=False)
    except pl.exceptions.PolarsError as error:
        if "ragged" in str(error) or "fields" in str(error):
            raise HalfAFile(detail="A line has not as many fields as the header.") from error
        raise unknown(detail="It cannot be read as CSV.") from error


def _zero_byte(unknown: type[Invalid], line: int) -> Invalid:
    """No text has one, and no column of a database takes it."""
    return unknown(
        detail="Line %(line)s holds a zero byte, which no text has.", params={"line": line}
    )


def _names(header: str) -> list[str]:
    return [name.strip().strip('"') for name in header.strip().split(",")]
