"""What the platform says of its map in an epoch: a signed note, and an entry on every ledger.

The note's text, each line ended by a newline:

    title-root/1
    <origin: the name of the platform's key>
    epoch <decimal, from 1>
    root <base64 of 32 bytes>
    rights <decimal: how many stand in the map>
    vrf <base64 of the VRF's public key, 32 bytes>
    previous <base64 of the SHA-256 of the text before, or 32 zero bytes in epoch 1>
    sealed <YYYY-MM-DDTHH:MM:SS.ffffffZ, the platform's clock>

A root from which on other keys reign (a hand-over) is `title-root/2`, signed by the roots' keys of
before and after (one signature where that key stays), with three lines more:

    key <vkey of the roots' key from here on>
    old-key <vkey of the one before>
    old-vrf <base64 of the VRF's public key before>
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from hashlib import sha256

from ledger.core.checkpoints import parse_decimal
from ledger.core.ed25519 import verifier
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError, SignatureError
from ledger.core.hashing import HASH_SIZE
from ledger.core.notes import ED25519, Note, NoteKey, SignatureLine, verify_note

KIND = "registry.root"
VERSION, HANDOVER_VERSION = "title-root/1", "title-root/2"
FIRST = bytes(HASH_SIZE)
FIELDS = ("epoch", "root", "rights", "vrf_key", "previous", "sealed_at", "key", "signature")
#: Of a hand-over, besides.
OLD_FIELDS = ("old_key", "old_vrf_key", "old_signature")
_INSTANT = re.compile(r"(\d{4})-(\d\d)-(\d\d)T(\d\d):(\d\d):(\d\d)\.(\d{6})Z", re.ASCII)


def _instant(text: str) -> datetime:
    """A moment that is in the calendar, years 1 to 9999; `MalformedError` for anything else."""
    if (found := _INSTANT.fullmatch(text)) is None:
        raise MalformedError("the root was sealed at no instant")
    year, month, day, hour, minute, second, fraction = map(int, found.groups())
    try:
        return datetime(year, month, day, hour, minute, second, fraction, tzinfo=UTC)
    except ValueError as error:
        raise MalformedError("the root was sealed at no instant") from error


@dataclass(frozen=True, slots=True)
class Change:
    """Other keys reign from an epoch on: the roots' key from then on, and both of before."""

    key: NoteKey
    old_key: NoteKey
    old_vrf_key: bytes

    def text(self) -> str:
        """Its lines in what is signed."""
        return (
            f"key {self.key.vkey()}\nold-key {self.old_key.vkey()}\n"
            f"old-vrf {b64(self.old_vrf_key)}\n"
        )


@dataclass(frozen=True, slots=True)
class TitleRoot:
    """The map of one epoch. `sealed_at` is text as the ledger writes instants."""

    origin: str
    epoch: int
    root: bytes
    rights: int
    vrf_key: bytes
    previous: bytes
    sealed_at: str
    change: Change | None = None

    def text(self) -> str:
        """What is signed."""
        version = VERSION if self.change is None else HANDOVER_VERSION
        return (
            f"{version}\n{self.origin}\nepoch {self.epoch}\nroot {b64(self.root)}\n"
            f"rights {self.rights}\nvrf {b64(self.vrf_key)}\nprevious {b64(self.previous)}\n"
            f"sealed {self.sealed_at}\n"
            f"{'' if self.change is None else self.change.text()}"
        )

    def instant(self) -> datetime:
        """When it was sealed, as the platform says."""
        return _instant(self.sealed_at)

    def digest(self) -> bytes:
        """How the next epoch names this one."""
        return sha256(self.text().encode()).digest()


@dataclass(frozen=True, slots=True)
class SignedRoot:
    """A root with the signature of the platform's key; `verify` says whether it holds.

    `old_signature`: of a hand-over, by the roots' key of before.
    """

    root: TitleRoot
    key: NoteKey
    signature: bytes
    old_signature: bytes = b""

    def fields(self) -> dict[str, str]:
        """The fields of a `registry.root` entry: all that the note is made of, once each."""
        found = {
            "epoch": str(self.root.epoch),
            "root": b64(self.root.root),
            "rights": str(self.root.rights),
            "vrf_key": b64(self.root.vrf_key),
            "previous": b64(self.root.previous),
            "sealed_at": self.root.sealed_at,
            "key": self.key.vkey(),
            "signature": b64(self.signature),
        }
        if (change := self.root.change) is not None:
            found |= {
                "old_key": change.old_key.vkey(),
                "old_vrf_key": b64(change.old_vrf_key),
                "old_signature": b64(self.old_signature),
            }
        return found

    @classmethod
    def of_fields(cls, fields: Mapping[str, str]) -> SignedRoot:
        """Inverse of `fields`; `MalformedError` unless these are exactly they."""
        hands_over = fields.keys() == {*FIELDS, *OLD_FIELDS}
        if not hands_over and fields.keys() != set(FIELDS):
            raise MalformedError("an entry of the registry's root has other fields")
        key = NoteKey.parse(fields["key"])
        _instant(fields["sealed_at"])
        root = TitleRoot(
            origin=key.name,
            epoch=parse_decimal(fields["epoch"]),
            root=unb64(fields["root"], HASH_SIZE),
            rights=parse_decimal(fields["rights"]),
            vrf_key=unb64(fields["vrf_key"], 32),
            previous=unb64(fields["previous"], HASH_SIZE),
            sealed_at=fields["sealed_at"],
            change=_change(key, fields) if hands_over else None,
        )
        if root.epoch < 1:
            raise MalformedError("the first epoch is 1")
        old_signature = unb64(fields["old_signature"], 64) if hands_over else b""
        return cls(root, key, unb64(fields["signature"], 64), old_signature)

    @property
    def signers(self) -> frozenset[NoteKey]:
        """Whose word it is once `verify` has not refused it."""
        change = self.root.change
        return frozenset({self.key} if change is None else {self.key, change.old_key})

    @property
    def changes_key(self) -> bool:
        """Whether it hands over to another roots' key (not only to another VRF's)."""
        return len(self.signers) > 1

    def note(self) -> bytes:
        """The signed note, for whoever wants to show it to others."""
        lines = [SignatureLine(self.key.name, self.key.id, self.signature)]
        if (change := self.root.change) is not None and self.changes_key:
            old = change.old_key
            lines.append(SignatureLine(old.name, old.id, self.old_signature))
        return Note(self.root.text(), tuple(lines)).to_bytes()

    def verify(self, key: NoteKey | None = None, *, portable: bool = False) -> None:
        """`SignatureError` unless its key signed it, which is `key` where one is trusted.

        A hand-over must be signed by the key of before, too.
        """
        if self.key.kind != ED25519:
            raise SignatureError("the registry's key is no Ed25519 key")
        if key is not None and key != self.key:
            raise SignatureError("the registry's key is not the one that you trust")
        change = self.root.change
        if change is not None and self.changes_key and change.old_key.id == self.key.id:
            raise SignatureError("both keys of the hand-over have one id in a note")
        verify_note(Note.parse(self.note()), (self.key,), portable=portable)
        if self.root.change is not None:
            self._verify_change(self.root.change, portable)

    def _verify_change(self, change: Change, portable: bool) -> None:
        old = change.old_key
        if old.kind != ED25519 or old.name != self.key.name:
            raise SignatureError("the key before is no Ed25519 key of the registry")
        if (old, change.old_vrf_key) == (self.key, self.root.vrf_key):
            raise SignatureError("the hand-over changes no key")
        if old == self.key and self.old_signature != self.signature:
            raise SignatureError("one key signed the hand-over twice")
        try:
            text = self.root.text().encode()
            verifier(old.public, portable=portable).verify(text, self.old_signature)
        except SignatureError as error:
            raise SignatureError(
                "the registry's key of before did not sign the hand-over"
            ) from error

    def follows(self, before: SignedRoot) -> bool:
        """Whether it names `before` as the epoch right before it."""
        last = before.root
        return self.root.epoch == last.epoch + 1 and self.root.previous == last.digest()


def _change(key: NoteKey, fields: Mapping[str, str]) -> Change:
    return Change(key, NoteKey.parse(fields["old_key"]), unb64(fields["old_vrf_key"], 32))
