"""What is anchored, and what an anchor has to answer. Pure.

The digest is the SHA-256 of the checkpoint's note text (origin, size and root, without signatures),
so whoever holds the checkpoint can make it again, and it reveals nothing else.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from hashlib import sha256
from typing import Protocol

from ledger.core.checkpoints import Checkpoint
from ledger.core.notes import Note


class AnchorError(Exception):
    """The anchor cannot be had now; `str()` says why. Asked again later unless `final`."""

    def __init__(self, detail: str, *, final: bool = False) -> None:
        super().__init__(detail)
        self.final = final


@dataclass(frozen=True, slots=True)
class Statement:
    """A checkpoint as it is shown to an anchor."""

    note: bytes

    @property
    def text(self) -> bytes:
        """The note text: what the digest is of."""
        return Note.parse(self.note).text.encode()

    @property
    def checkpoint(self) -> Checkpoint:
        """Origin, size and root."""
        return Checkpoint.parse(Note.parse(self.note).text)

    @property
    def digest(self) -> bytes:
        """SHA-256 of the note text."""
        return sha256(self.text).digest()

    @property
    def log(self) -> bytes:
        """SHA-256 of the origin."""
        return sha256(self.checkpoint.origin.encode()).digest()


@dataclass(frozen=True, slots=True)
class Standing:
    """What an anchor holds of a statement.

    `receipt` is all that is needed to prove or to ask again. `at` is the outsider's own time, known
    once `is_confirmed`. `reference` names the receipt for people.
    """

    receipt: bytes
    is_confirmed: bool
    reference: str
    at: datetime | None = None


class Anchor(Protocol):
    """Somebody outside. Both methods raise `AnchorError`."""

    def post(self, statement: Statement) -> Standing:
        """Show a statement. Doing it twice does no harm."""

    def check(self, statement: Statement, receipt: bytes) -> Standing:
        """Verify a receipt, asking where it cannot be verified by itself."""
