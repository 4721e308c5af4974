"""Checkpoints: C2SP tlog-checkpoint v1.0.0. The text of a signed note that states a tree head."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError, SignatureError
from ledger.core.hashing import HASH_SIZE
from ledger.core.notes import ED25519, Note, NoteKey, Verified, verify_note


def parse_decimal(text: str) -> int:
    """An ASCII decimal without leading zeros."""
    if not (text.isascii() and text.isdigit()) or (text[0] == "0" and text != "0"):
        raise MalformedError(f"not a decimal number: {text[:40]!r}")
    if len(text) > 19:
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


def open_checkpoint(
    data: bytes, log_key: NoteKey, cosigners: Iterable[NoteKey] = ()
) -> tuple[Checkpoint, tuple[Verified, ...]]:
    """Read a signed checkpoint that the log itself signed, with the known cosignatures.

    Raises `SignatureError` when the log's own signature is missing or any known one fails.
    """
    if log_key.kind != ED25519:
        raise SignatureError("a log signs with a plain Ed25519 key")
    note = Note.parse(data)
    verified = verify_note(note, (log_key, *cosigners))
    if all(item.key != log_key for item in verified):
        raise SignatureError(f"the log {log_key.name} did not sign the checkpoint")
    checkpoint = Checkpoint.parse(note.text)
    if checkpoint.origin != log_key.name:
        raise SignatureError(f"the checkpoint is of {checkpoint.origin}, not of {log_key.name}")
    return checkpoint, verified
