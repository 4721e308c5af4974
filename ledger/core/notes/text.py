"""The bytes of a note: text that ends in a newline, a blank line, signature lines."""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass

from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.notes.keys import check_name

MAX_SIGNATURES = 100
#: A hundred ML-DSA-44 lines under long names are 400 KB.
MAX_NOTE_BYTES = 1 << 20
_DASH = "\u2014 "
_CONTROL = re.compile(r"[\x00-\x09\x0b-\x1f]")  # a note is text in lines


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note: who, and the raw signature after the 4-byte key id."""

    name: str
    id: bytes
    signature: bytes

    def text(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {b64(self.id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> SignatureLine:
        """Read one line without its newline."""
        name, space, data = line.removeprefix(_DASH).rpartition(" ")
        if not line.startswith(_DASH) or not space:
            raise MalformedError(f"not a signature line: {line[:60]!r}")
        check_name(name)
        raw = unb64(data)
        if len(raw) < 5:
            raise MalformedError(f"the signature of {name!r} is too short")
        return cls(name, raw[:4], raw[4:])


def parse_lines(tail: str) -> tuple[SignatureLine, ...]:
    """Read signature lines, each with its newline, at least one."""
    if not tail.endswith("\n"):
        raise MalformedError("a signature line ends with a newline")
    lines = tail[:-1].split("\n")
    if len(lines) > MAX_SIGNATURES:
        raise MalformedError(f"more than {MAX_SIGNATURES} signatures")
    return tuple(SignatureLine.parse(line) for line in lines)


@dataclass(frozen=True, slots=True)
class Note:
    """Text and signature lines, not yet believed."""

    text: str
    lines: tuple[SignatureLine, ...]

    def to_bytes(self) -> bytes:
        """The note as it is stored and sent."""
        return (self.text + "\n" + "".join(line.text() for line in self.lines)).encode()

    def adding(self, lines: Iterable[SignatureLine]) -> Note:
        """With `lines` after its own: one line a key, and no more than readers take.

        A key's newer line takes the place of its older one. Where there are too many, those of the
        note that come last give way.
        """
        fresh = {(line.name, line.id): line for line in lines}
        kept: dict[tuple[str, bytes], SignatureLine] = {}
        for line in self.lines:
            kept.setdefault((line.name, line.id), line)
        others = [line for key, line in kept.items() if key not in fresh]
        return Note(self.text, (*others[: MAX_SIGNATURES - len(fresh)], *fresh.values()))

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read a note strictly; says nothing about its signatures."""
        if len(data) > MAX_NOTE_BYTES:
            raise MalformedError(f"a note has at most {MAX_NOTE_BYTES} bytes")
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise MalformedError("a note is UTF-8") from error
        if _CONTROL.search(whole):
            raise MalformedError("a note holds no control characters")
        text, blank, tail = whole.rpartition("\n\n")
        if not blank or not tail.endswith("\n"):
            raise MalformedError("a note is text, a blank line and signature lines")
        return cls(text + "\n", parse_lines(tail))
