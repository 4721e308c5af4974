"""CSV: UTF-8, UTF-16 with its mark, or GB18030 (GB 18030-2022); comma, semicolon, tab or bar.

The stream is decoded once from end to end before a row is read, so that a wrong byte, a zero byte
and a line that breaks off are named by their line; then Arrow reads it block by block.
"""

from __future__ import annotations

import codecs
import csv
import re
from collections.abc import Iterator
from typing import IO, Final

import polars as pl
import pyarrow as pa
from pyarrow import csv as arrow_csv

from origination.domain.tapes.readers.shape import (
    TapeText,
    as_frame,
    checked_header,
    zero_byte,
)
from origination.problems import HalfAFile, NotATape
from origination.unpacking import pieces_of

_BLOCK: Final = 8 << 20  # bytes read at once: no line is longer
_DELIMITERS: Final = ",;\t|"
_MARKS: Final = ((codecs.BOM_UTF8, "utf-8-sig"), (codecs.BOM_UTF16_LE, "utf-16"),
                 (codecs.BOM_UTF16_BE, "utf-16"))  # fmt: skip
_RAGGED: Final = re.compile(r"Row #(\d+): Expected (\d+) columns, got (\d+)")


class _Wrong(Exception):
    """The bytes are not of an encoding; holds the line."""


def read_text(stream: IO[bytes]) -> TapeText:
    """A CSV file; raises `NotATape` or `HalfAFile` with the line."""
    encoding, header = _decoded(stream)
    delimiter = max(_DELIMITERS, key=header.count)
    if not header.strip() or delimiter not in header:
        raise NotATape(detail="Its first line names no field that is known.")
    names = checked_header(next(csv.reader([header], delimiter=delimiter)))

    def read() -> Iterator[pl.DataFrame]:
        return _rows(stream, names, encoding, delimiter)

    return TapeText("csv", encoding, names, read)


def _decoded(stream: IO[bytes]) -> tuple[str, str]:
    """(encoding, first line), after the whole stream was decoded once."""
    stream.seek(0)
    start = stream.read(4)
    if not start:
        raise NotATape(detail="The file is empty.")
    marked = [encoding for mark, encoding in _MARKS if start.startswith(mark)]
    if marked:
        try:
            return marked[0], _walk(stream, marked[0])
        except _Wrong as wrong:
            raise NotATape(
                detail="Line %(line)s is not the text that the file's mark promises.",
                params={"line": wrong.args[0]},
            ) from wrong
    try:
        return "utf-8", _walk(stream, "utf-8")
    except _Wrong as wrong:
        line = wrong.args[0]
    try:
        return "gb18030", _walk(stream, "gb18030")
    except _Wrong as wrong:
        raise NotATape(
            detail="It is neither UTF-8 (line %(line)s) nor GB18030 text (line %(other)s).",
            params={"line": line, "other": wrong.args[0]},
        ) from wrong


def _walk(stream: IO[bytes], encoding: str) -> str:
    """The first line of a stream that is text from end to end; `_Wrong` names the line."""
    stream.seek(0)
    decoder = codecs.getincrementaldecoder(encoding)()
    line, header, text = 1, "", ""
    is_whole = False
    for piece in pieces_of(stream):
        try:
            text = decoder.decode(piece)
        except UnicodeDecodeError as error:
            raise _Wrong(line + error.object[: error.start].count(b"\n")) from error
        if (place := text.find("\0")) >= 0:
            raise zero_byte(line + text.count("\n", 0, place))
        if not is_whole:
            header += text
            is_whole = "\n" in text or "\r" in text
        line += text.count("\n")
    try:
        text = decoder.decode(b"", final=True) or text
    except UnicodeDecodeError as error:
        if encoding == "gb18030":
            raise _Wrong(line) from error
        raise HalfAFile(detail="The last line does not end.") from error
    if not header.strip():
        raise NotATape(detail="The file is empty.")
    if not text.endswith(("\n", "\r")) and is_whole:
        raise HalfAFile(detail="The last line does not end.")
    return re.split("[\r\n]", header.lstrip("\ufeff"), maxsplit=1)[0]


def _rows(
    stream: IO[bytes], names: tuple[str, ...], encoding: str, delimiter: str
) -> Iterator[pl.DataFrame]:
    stream.seek(len(codecs.BOM_UTF8) if encoding == "utf-8-sig" else 0)
    codec = "utf-8" if encoding == "utf-8-sig" else encoding
    text = pa.string()
    try:
        reader = arrow_csv.open_csv(
            pa.PythonFile(_Unclosed(stream), mode="r"),
            read_options=arrow_csv.ReadOptions(
                block_size=_BLOCK,
                column_names=list(names),
                skip_rows=1,
                encoding=codec,
                use_threads=False,  # rows have numbers then
            ),
            parse_options=arrow_csv.ParseOptions(delimiter=delimiter, newlines_in_values=True),
            convert_options=arrow_csv.ConvertOptions(
                column_types=dict.fromkeys(names, text), strings_can_be_null=False
            ),
        )
        frame = pl.DataFrame()
        for batch in reader:
            frame = as_frame(batch)
            yield frame
        _refuse_open_quote(frame)
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return
        raise _refusal(str(error)) from error


def _refusal(said: str) -> HalfAFile | NotATape:
    if found := _RAGGED.search(said):
        line, wanted, got = found.groups()
        return HalfAFile(
            detail="Line %(line)s has %(got)s fields and the header has %(wanted)s.",
            params={"line": line, "got": got, "wanted": wanted},
        )
    if "straddling" in said:
        return HalfAFile(detail="A text in quotation marks does not end.")
    return NotATape(detail="It cannot be read as CSV.")


def _refuse_open_quote(last: pl.DataFrame) -> None:
    """The reader takes a text whose quotation mark never closes up to the end of the file."""
    if len(last) and any((value or "").endswith("\n") for value in last.row(-1)):
        raise HalfAFile(detail="A text in quotation marks does not end.")


class _Unclosed:
    """A stream that Arrow may close without closing ours: it is read twice."""

    closed = False

    def __init__(self, stream: IO[bytes]) -> None:
        self.read, self.seek, self.tell = stream.read, stream.seek, stream.tell

    def close(self) -> None:
        """The owner closes it."""
