"""Proves a bundle, block by block, and names the first lie.

What holds after `verify_bundle` returned: every entry is canonical and of this log; each was signed
by a key that the log itself had approved then, or is a row of a tape that such a key signed; the
entries lead to every checkpoint, which the log's key signed, in order; every disclosed payload,
field and item is what was signed; nothing was added, left out, reordered or damaged.
"""

from __future__ import annotations

import os
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ledger.core.blocks import HEAD
from ledger.core.bundle import BLOCK, END, HEADER, End, Header, open_bundle, read_body, read_frame
from ledger.core.errors import LedgerError, MalformedError
from ledger.core.notes import NoteKey
from ledger.verifier.examine import Examiner
from ledger.verifier.report import Report, Tally
from ledger.verifier.state import Lie, LogState, Opened

__all__ = ["Lie", "Report", "verify_bundle"]


def verify_bundle(
    stream: BinaryIO,
    *,
    pinned: NoteKey | Iterable[NoteKey] | None = None,
    portable: bool = True,
    tree_only: bool = False,
) -> Report:
    """Prove a bundle in this process; answers what was proven, raises `Lie` for the first untruth.

    `pinned` is the log key that the reader trusts; without it the bundle's own is taken, and the
    reader must compare it. `portable` checks signatures with pycryptodome only, `tree_only` none
    but those under checkpoints. (`verify_file` does the same in several processes.)
    """
    began = time.perf_counter()
    reading = Reading(stream, pinned)
    tally = Tally(reading.opened)
    examiner = Examiner(LogState(reading.opened, portable=portable), tree_only=tree_only)
    for span in reading.blocks():
        tally.add(examiner.examine(span.start, reading.body(span)))
    report = tally.report(reading.end)
    report.bytes_read, report.seconds = stream.tell(), time.perf_counter() - began
    return report


@dataclass(frozen=True, slots=True)
class Span:
    """A block in a stream: its first entry, its head's bytes, and how many bytes follow."""

    start: int
    head: bytes
    rest: int


class Reading:
    """Walks the records of a bundle; what it meets out of place is a `Lie`."""

    def __init__(self, stream: BinaryIO, pinned: NoteKey | Iterable[NoteKey] | None) -> None:
        self._stream = stream
        self._entries = 0
        self.end = End(0, 0)
        trusted = (pinned,) if isinstance(pinned, NoteKey) else tuple(pinned or ())
        try:
            open_bundle(stream)
            kind, length = self._next()
            if kind != HEADER:
                raise MalformedError("the header does not stand first")
            body = read_body(stream, length)
        except MalformedError as error:
            raise Lie("file", "format", str(error)) from error
        try:
            self.opened = Opened.of(Header.parse(body), trusted)
        except LedgerError as error:
            raise Lie("header", "header", str(error)) from error

    def _next(self) -> tuple[int, int]:
        frame = read_frame(self._stream)
        if frame is None:
            raise MalformedError("the file ends before its end record")
        return frame

    def blocks(self) -> Iterator[Span]:
        """Every block, the stream standing after its head; the caller reads or skips the rest.

        Sets `end` at last.
        """
        try:
            while (frame := self._next())[0] == BLOCK:
                head = read_body(self._stream, min(frame[1], HEAD.size))
                count = HEAD.unpack(head)[1] if len(head) == HEAD.size else 0
                yield Span(self._entries, head, frame[1] - len(head))
                self._entries += count
            if frame[0] != END:
                raise MalformedError("a second header")
            body = read_body(self._stream, frame[1])
            if self._stream.read(1):
                raise MalformedError("something follows the end record")
        except MalformedError as error:
            raise Lie(f"after {self._entries} entries", "format", str(error)) from error
        try:
            self.end = End.parse(body)
        except MalformedError as error:
            raise Lie("end", "end", str(error)) from error

    def body(self, span: Span) -> bytes:
        """The whole body of a block."""
        try:
            return span.head + read_body(self._stream, span.rest)
        except MalformedError:
            raise self._cut_short() from None

    def offset(self, span: Span) -> int:
        """Where in the file the body of the block at hand begins."""
        return self._stream.tell() - len(span.head)

    def skip(self, span: Span) -> None:
        """Pass over the rest of a block."""
        here = self._stream.tell()
        if self._stream.seek(0, os.SEEK_END) < here + span.rest:
            raise self._cut_short()
        self._stream.seek(here + span.rest)

    def _cut_short(self) -> Lie:
        return Lie(f"after {self._entries} entries", "format", "the file is cut short")
