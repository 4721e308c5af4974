"""Reading a tape: bytes to a frame of text columns, or a word on why it is none."""

import io

import polars as pl

from origination.domain.lease_fields import FIELDS
from origination.problems import HalfAFile, NotATape
from tenants.problems import FieldError

PARQUET_MAGIC = b"PAR1"
NAMES = [spec.name for spec in FIELDS]
REQUIRED = [spec.name for spec in FIELDS if spec.required]
MAX_BYTES = 2 * 1024**3


def read_tape(content: bytes) -> pl.DataFrame:
    """Every row as text, in the columns of `lease.recorded` that the file has.

    Raises `NotATape` (no table, or required columns missing, each named) or `HalfAFile`.
    """
    frame = _parquet(content) if content.startswith(PARQUET_MAGIC) else _csv(content)
    frame = frame.rename({name: name.strip().lower() for name in frame.columns})
    missing = [name for name in REQUIRED if name not in frame.columns]
    if missing:
        errors = [
            FieldError(name, "missing_column", "The tape has no such column.", "Add the column.")
            for name in missing
        ]
        raise NotATape(errors=errors)
    if frame.is_empty():
        raise NotATape(detail="It has a header and no rows.")
    blank = pl.col(pl.String).replace("", None)
    return frame.with_columns(pl.all().cast(pl.String)).with_columns(blank)


def _parquet(content: bytes) -> pl.DataFrame:
    if not content.endswith(PARQUET_MAGIC):
        raise HalfAFile
    try:
        return pl.read_parquet(io.BytesIO(content))
    except (pl.exceptions.PolarsError, OSError) as error:
        raise HalfAFile from error


def _csv(content: bytes) -> pl.DataFrame:
    content = content.removeprefix(b"\xef\xbb\xbf")
    if not content.strip():
        raise NotATape(detail="The file is empty.")
    try:
        header = content.split(b"\n", 1)[0].decode()
    except UnicodeDecodeError as error:
        raise NotATape(detail="It is not UTF-8 text.") from error
    if "," not in header or not set(_names(header)) & set(NAMES):
        raise NotATape(detail="Its first line names no field of a lease.")
    if not content.endswith((b"\n", b"\r")):
        raise HalfAFile(detail="The last line does not end.")
    try:
        return pl.read_csv(io.BytesIO(content), infer_schema=False, truncate_ragged_lines=False)
    except pl.exceptions.PolarsError as error:
        if "ragged" in str(error) or "fields" in str(error):
            raise HalfAFile(detail="A line has not as many fields as the header.") from error
        raise NotATape(detail="It cannot be read as CSV.") from error


def _names(header: str) -> list[str]:
    return [name.strip().strip('"').lower() for name in header.strip().split(",")]
