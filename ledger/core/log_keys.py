"""The keys that sign a log's checkpoints, in their order, and how one hands over to the next. Pure.

A log's key changes by a `log.key_rotated` entry at index i: the old key signs the new one's name at
that place. Checkpoints of at most i entries are the old key's; the one of i + 1 carries both
signatures; each later one the new key's (docs/bundle-format.md, Keys of the log).
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from ledger.core.checkpoints import Checkpoint, open_by_any, open_checkpoint
from ledger.core.ed25519 import verifier
from ledger.core.encoding import unb64
from ledger.core.errors import LedgerError, SignatureError
from ledger.core.notes import ED25519, MLDSA44_COSIGNATURE, Note, NoteKey, Verified

ROTATED = "log.key_rotated"


class HandedOver(SignatureError):
    """A key of the log signed a checkpoint of a size that is another key's."""


def rotation_text(origin: str, index: int, new: str, new_mldsa: str) -> bytes:
    """What the log's old key signs to hand over to a new one (vkeys), at one place only."""
    return f"lease-key-rotation/1\n{origin}\n{index}\n{new}\n{new_mldsa}\n".encode()


@dataclass(frozen=True, slots=True)
class Handover:
    """One change of a log's key: the fields of its entry, and where that stands."""

    index: int
    old: NoteKey
    new: NoteKey
    new_mldsa: str
    authority: bytes

    @classmethod
    def parse(cls, index: int, fields: Mapping[str, str], *, portable: bool = False) -> Handover:
        """Read and verify the fields of a `log.key_rotated` entry; `LedgerError` if they fail."""
        old = NoteKey.parse(fields.get("old", ""))
        new, new_mldsa = NoteKey.parse(fields.get("new", "")), fields.get("new_mldsa", "")
        if old.kind != ED25519 or new.kind != ED25519 or new.name != old.name:
            raise SignatureError("the new key is no Ed25519 key under the log's name")
        if new_mldsa:
            second = NoteKey.parse(new_mldsa)
            if second.kind != MLDSA44_COSIGNATURE or second.name != old.name:
                raise SignatureError("the second key is no ML-DSA-44 key under the log's name")
        authority = unb64(fields.get("authority", ""), 64)
        text = rotation_text(old.name, index, new.vkey(), new_mldsa)
        verifier(old.public, portable=portable).verify(text, authority)
        return cls(index, old, new, new_mldsa, authority)


@dataclass(frozen=True, slots=True)
class LogKeys:
    """A log's Ed25519 keys in order, each with the index of the entry that handed over to it.

    The first has none: -1.
    """

    reigns: tuple[tuple[int, NoteKey], ...]

    @classmethod
    def single(cls, key: NoteKey) -> LogKeys:
        """A log that has kept its first key."""
        return cls(((-1, key),))

    @property
    def first(self) -> NoteKey:
        """The key that the log began with."""
        return self.reigns[0][1]

    @property
    def newest(self) -> NoteKey:
        """The key that the newest hand-over leads to."""
        return self.reigns[-1][1]

    @property
    def all(self) -> tuple[NoteKey, ...]:
        """Every key, oldest first."""
        return tuple(key for _, key in self.reigns)

    @property
    def handed_over(self) -> tuple[int, ...]:
        """Indexes of the entries that handed over."""
        return tuple(index for index, _ in self.reigns[1:])

    def at(self, size: int) -> NoteKey:
        """The key that must stand under a checkpoint of `size` entries."""
        return next((key for index, key in reversed(self.reigns) if index < size), self.first)

    def open(
        self, note: bytes, cosigners: Iterable[NoteKey] = ()
    ) -> tuple[Checkpoint, tuple[Verified, ...]]:
        """`open_checkpoint` by the key that signs a log of the size that the note states."""
        size = Checkpoint.parse(Note.parse(note).text).size
        return open_checkpoint(note, self.at(size), cosigners)

    def open_reigning(self, note: bytes) -> Checkpoint:
        """The checkpoint in a note that somebody shows: proof only by the key that signs its size.

        `HandedOver` where only another key of the log signed it: whoever stole one that is not
        used any more could sign any tree.
        """
        try:
            return self.open(note)[0]
        except LedgerError as error:
            try:
                size = self.open_by_any(note).size
            except LedgerError:
                raise error from None
            raise HandedOver(
                f"another key of the log signed the tree of {size} entries than signs that size,"
                " which proves nothing"
            ) from error

    def open_by_any(self, note: bytes) -> Checkpoint:
        """The checkpoint in a note that any key of the log signed, as one that retired may have."""
        return open_by_any(note, reversed(self.all))
