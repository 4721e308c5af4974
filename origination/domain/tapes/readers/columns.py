"""Parquet: rows batch by batch as text, whatever types the columns have."""

from __future__ import annotations

from collections.abc import Iterator
from typing import IO, Final

import polars as pl
import pyarrow as pa
from pyarrow import parquet

from origination.domain.tapes.readers.shape import (
    CHUNK_ROWS,
    MAX_BYTES,
    MAX_ROWS,
    TapeText,
    as_frame,
    checked_header,
)
from origination.problems import HalfAFile, NotATape, TooLarge

MAGIC: Final = b"PAR1"


def read_columns(stream: IO[bytes]) -> TapeText:
    """A Parquet file; raises `HalfAFile`, `NotATape` (nested columns) or `TooLarge`."""
    stream.seek(-len(MAGIC), 2)
    if stream.read() != MAGIC:
        raise HalfAFile
    stream.seek(0)
    try:
        file = parquet.ParquetFile(stream)
    except (pa.ArrowException, OSError) as error:
        raise HalfAFile from error
    meta = file.metadata
    if sum(meta.row_group(i).total_byte_size for i in range(meta.num_row_groups)) > MAX_BYTES:
        raise TooLarge(params={"limit": MAX_BYTES // 1024**2})
    if meta.num_rows > MAX_ROWS:
        raise TooLarge(detail="It has more than %(limit)s rows.", params={"limit": f"{MAX_ROWS:,}"})
    for field in file.schema_arrow:
        if pa.types.is_nested(field.type) or pa.types.is_binary(field.type):
            raise NotATape(
                detail="Column “%(column)s” holds no plain values.", params={"column": field.name}
            )
    names = checked_header(file.schema_arrow.names)

    def read() -> Iterator[pl.DataFrame]:
        try:
            for batch in file.iter_batches(batch_size=CHUNK_ROWS):
                frame = as_frame(batch)
                frame = frame.rename(dict(zip(frame.columns, names, strict=True)))
                yield frame.select(
                    _as_text(name, dtype).alias(name) for name, dtype in frame.schema.items()
                )
        except (pa.ArrowException, OSError) as error:
            raise HalfAFile from error

    return TapeText("parquet", "", names, read)


def _as_text(name: str, dtype: pl.DataType) -> pl.Expr:
    column = pl.col(name)
    if dtype == pl.Boolean:
        return pl.when(column).then(pl.lit("1")).when(~column).then(pl.lit("0"))
    if dtype.is_float():  # 36.0 is 36, 0.0895 stays
        whole = (column == column.floor()) & (column.abs() < 2**53)
        return (
            pl.when(column.is_nan())
            .then(None)
            .when(whole)
            .then(column.cast(pl.Int64, strict=False).cast(pl.String))
            .otherwise(column.cast(pl.String))
        )
    if isinstance(dtype, pl.Datetime):  # midnight is a day
        day = column.dt.strftime("%Y-%m-%d")
        return pl.when(column.dt.time() == pl.time(0)).then(day).otherwise(column.cast(pl.String))
    return column.cast(pl.String)
