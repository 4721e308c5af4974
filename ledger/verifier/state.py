"""What an entry is judged by: the log, its keys and tapes as the entries before it say."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.core.audit import LogAuditor
from ledger.core.bundle import Header
from ledger.core.checkpoints import Checkpoint, open_checkpoint
from ledger.core.errors import LedgerError, ProofError, SignatureError, shortened
from ledger.core.keyring import KeyRing
from ledger.core.leaves import Leaf
from ledger.core.notes import MLDSA44_COSIGNATURE, Note, NoteKey, Verified
from ledger.core.payloads import Payload

Landmark = tuple[int, bytes, bytes | None]
"""Index, leaf and shown payload of an entry that later ones rest on."""


class Lie(Exception):
    """The first thing in a bundle that is not true: where, what, and why."""

    def __init__(self, where: str, part: str, detail: str) -> None:
        self.where = where
        self.part = part
        self.detail = shortened(detail, 1_000)
        super().__init__(f"{where}: {part}: {self.detail}")


SECOND_KEY = "an ML-DSA-44 key signs beside the log's Ed25519 key: give that one"


class OtherLog(Lie):
    """No key that the reader trusts judges the log that the file tells of: he took another."""


def check_trusted(
    where: str, part: str, origin: str, named: Iterable[NoteKey], trusted: Sequence[NoteKey]
) -> None:
    """Raise unless the reader trusts one of the keys that are `named` for the log, or none at all.

    `OtherLog`: his keys are of other logs. `ProofError`: this log has, or had, another key.
    """
    if not trusted or set(trusted) & set(named):
        return
    check_log(where, part, origin, trusted)
    if all(key.kind == MLDSA44_COSIGNATURE for key in trusted if key.name == origin):
        raise OtherLog(where, part, SECOND_KEY)
    raise ProofError("the log's key is not the one that you trust")


def check_log(where: str, part: str, origin: str, trusted: Iterable[NoteKey]) -> None:
    """Raise `OtherLog` unless one of these keys, if there are any, is of the log of that name."""
    names = sorted({key.name for key in trusted})
    if names and origin not in names:
        told = ", ".join(map(repr, names))
        raise OtherLog(
            where, part, f"this key is of another log: {told}; the file is of {origin!r}"
        )


@dataclass(frozen=True, slots=True)
class Opened:
    """A header whose keys were read."""

    header: Header
    log_keys: tuple[NoteKey, ...]
    cosigners: tuple[NoteKey, ...]

    @classmethod
    def of(cls, header: Header, pinned: Iterable[NoteKey]) -> Opened:
        """Raise unless the keys are of this log, and one that the reader trusts is among them."""
        keys = tuple(NoteKey.parse(text) for text in header.log_keys)
        if any(key.name != header.origin for key in keys):
            raise ProofError("a key of the log has another name than its origin")
        check_trusted("header", "header", header.origin, keys, tuple(pinned))
        return cls(header, keys, tuple(NoteKey.parse(text) for text in header.cosigners))


class LogState:
    """Keys and tapes of one log up to some entry."""

    def __init__(self, opened: Opened, *, portable: bool) -> None:
        self.opened = opened
        self.log_id = opened.header.log_id
        log_key = opened.log_keys[0]  # the first; entries hand over to the others
        self.auditor = LogAuditor(self.log_id, keys=KeyRing(portable=portable, log_key=log_key))

    def open_checkpoint(self, data: bytes, size: int) -> tuple[Checkpoint, tuple[Verified, ...]]:
        """A checkpoint of `size` entries that the log's key signed, with its cosignatures.

        Stricter than a signed note elsewhere: every line is by a key that the header names, once,
        so that no byte of an export says nothing. Where the key changed, the old one signs too.
        """
        opened, ring = self.opened, self.auditor.keys
        known = {(key.name, key.id) for key in (*opened.log_keys, *opened.cosigners)}
        for line in Note.parse(data).lines:
            if (line.name, line.id) not in known:
                raise SignatureError(f"the line of {line.name!r} is by no key of the header")
            known.remove((line.name, line.id))
        place, current = len(ring.rotations), ring.log_key
        if place >= len(opened.log_keys) or current is None or opened.log_keys[place] != current:
            raise SignatureError("the log's key here is not the one that the header names")
        others = [key for key in opened.log_keys if key != current]
        checkpoint, verified = open_checkpoint(data, current, (*others, *opened.cosigners))
        before = ring.key_before(size)
        if before is not None and all(item.key != before for item in verified):
            raise SignatureError("the key that was replaced did not sign it")
        return checkpoint, tuple(item for item in verified if item.time is not None)

    def catch_up(self, landmarks: Iterable[Landmark]) -> None:
        """Take in what entries of blocks that another process examines say.

        Whatever is wrong with one of them is that process's to tell, and nothing after it counts.
        """
        for index, data, shown in landmarks:
            try:
                leaf = Leaf.parse(data)
                payload = None if shown is None else Payload.parse(shown)
                self.auditor.learn_keys(index, leaf, payload)
                self.auditor.learn_tape(leaf)
            except LedgerError:
                return
