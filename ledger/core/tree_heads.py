"""What a checkpoint states: C2SP tlog-checkpoint v1.0.0, the text of its signed note."""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.hashing import HASH_SIZE

#: What a database's bigint and a signature's time hold.
MAX_NUMBER = 2**63 - 1


def parse_decimal(text: str) -> int:
    """An ASCII decimal without leading zeros, up to `MAX_NUMBER`."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise MalformedError(f"not a decimal number: {text[:40]!r}")
    if len(text) > 19 or int(text) > MAX_NUMBER:
        raise MalformedError("the number is too large")
    return int(text)


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """Origin, size and root of a log."""

    origin: str
    size: int
    root: bytes
    extensions: tuple[str, ...] = ()

    def text(self) -> str:
        """The note text."""
        return "".join(
            f"{line}\n" for line in (self.origin, self.size, b64(self.root), *self.extensions)
        )

    @classmethod
    def parse(cls, text: str) -> Checkpoint:
        """Read a note text strictly."""
        if not text.endswith("\n"):
            raise MalformedError("a checkpoint ends with a newline")
        lines = text[:-1].split("\n")
        if len(lines) < 3 or not all(lines):
            raise MalformedError("a checkpoint has at least three lines, none empty")
        root = unb64(lines[2], HASH_SIZE)
        return cls(lines[0], parse_decimal(lines[1]), root, tuple(lines[3:]))
