"""What every reader answers: the header and the rows as text columns, a chunk at a time."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import polars as pl
import pyarrow as pa

from origination.problems import NotATape, TooLarge

#: Rows a chunk: also the rows of one transaction of an import.
CHUNK_ROWS: Final = 10_000
MAX_BYTES: Final = 4 * 1024**3  # unpacked; on disk, never in memory
MAX_ROWS: Final = 5_000_000
MAX_COLUMNS: Final = 400  # two fields of a form each; Django takes a thousand


@dataclass(frozen=True)
class TapeText:
    """A file's table. `read` gives its rows anew each time, in frames of any length."""

    format: str  # csv, xlsx, parquet, ex102
    encoding: str  # of text; empty for the others
    columns: tuple[str, ...]
    read: Callable[[], Iterator[pl.DataFrame]]

    def chunks(self, size: int = CHUNK_ROWS) -> Iterator[pl.DataFrame]:
        """All rows as text in frames of `size` rows (the last may be shorter), null for empty.

        Raises `NotATape` where there is no row or a zero byte, `TooLarge` past `MAX_ROWS`, and
        what the format's reader finds on the way.
        """
        row = 0
        for frame in _cut(map(_blank, self.read()), size):
            _refuse_zero_bytes(frame, row)
            row += len(frame)
            if row > MAX_ROWS:
                raise TooLarge(
                    detail="It has more than %(limit)s rows.", params={"limit": f"{MAX_ROWS:,}"}
                )
            yield frame
        if not row:
            raise NotATape(detail="It has a header and no rows.")


def as_frame(batch: pa.RecordBatch) -> pl.DataFrame:
    """Arrow's batch as a frame."""
    frame = pl.from_arrow(pa.Table.from_batches([batch]))
    assert isinstance(frame, pl.DataFrame)
    return frame


def checked_header(names: Sequence[str]) -> tuple[str, ...]:
    """The header without spaces around names; `NotATape` where names lack or stand twice.

    A first column without a name is the numbering of rows that R and pandas write: it is "#".
    """
    found = [name.strip() for name in names]
    if len(found) > 1 and not found[0]:
        found[0] = "#"
    if len(found) > MAX_COLUMNS:
        raise NotATape(detail="It has more than %(limit)s columns.", params={"limit": MAX_COLUMNS})
    for place, name in enumerate(found):
        if not name:
            raise NotATape(detail="Column %(column)s has no name.", params={"column": place + 1})
    if twice := [name for name, count in Counter(found).items() if count > 1]:
        raise NotATape(
            detail="Two columns have the name “%(column)s”.", params={"column": twice[0]}
        )
    return tuple(found)


def _blank(frame: pl.DataFrame) -> pl.DataFrame:
    return frame.with_columns(pl.col(pl.String).replace("", None))


def _cut(frames: Iterable[pl.DataFrame], size: int) -> Iterator[pl.DataFrame]:
    held: list[pl.DataFrame] = []
    count = 0
    for frame in frames:
        held.append(frame)
        count += len(frame)
        while count >= size:
            whole = pl.concat(held, rechunk=True)
            yield whole.head(size)
            held, count = [whole.slice(size)], count - size
    if count:
        yield pl.concat(held, rechunk=True)


def _refuse_zero_bytes(frame: pl.DataFrame, first: int) -> None:
    """No text has one, and no column of a database takes it."""
    zero = pl.any_horizontal(pl.all().str.contains("\0", literal=True).fill_null(False))
    rows = frame.select(zero.alias("zero"))["zero"].arg_true()
    if len(rows):
        raise zero_byte(first + rows[0] + 1)


def zero_byte(line: int) -> NotATape:
    """The refusal of a text with a zero byte."""
    return NotATape(
        detail="Line %(line)s holds a zero byte, which no text has.", params={"line": line}
    )
