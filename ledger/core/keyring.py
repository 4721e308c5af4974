"""Which keys may sign at which place of a log, as the log's own `device.*` entries say.

A key signs from its approval until its revocation. One exception starts every log: its service key
signs its own enrolment and approval, entries 0 and 1. The other one is for a log that was restored
and whose service key was lost: the new one signs its own enrolment, and the log's key vouches for
it there (`authority`, an Ed25519 signature over `recovery_text`).

The log's own key changes by a `log.key_rotated` entry only: the old key signs the new one's name at
that place (`rotation_text`). The checkpoint that ends with this entry is signed by both, each later
one by the new key.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from ledger.core.ed25519 import verifier
from ledger.core.encoding import unb64
from ledger.core.errors import SignatureError
from ledger.core.keys import KeyRole, key_id
from ledger.core.log_keys import ROTATED, Handover, LogKeys
from ledger.core.notes import NoteKey
from ledger.core.verifiers import Verifier

ENROLLED, APPROVED, REVOKED = "device.enrolled", "device.approved", "device.revoked"
KINDS = frozenset((ENROLLED, APPROVED, REVOKED, ROTATED))


def recovery_text(origin: str, index: int, kid: str) -> bytes:
    """What the log's key signs to let a new service key in after a restore, at one place only."""
    return f"lease-key-recovery/1\n{origin}\n{index}\n{kid}\n".encode()


@dataclass(slots=True)
class KnownKey:
    """One key's life, by index of the entries that tell it."""

    kid: str
    role: str
    public: bytes
    enrolled: int
    approved: int | None = None
    revoked: int | None = None


@dataclass(slots=True)
class KeyRing:
    """The keys of one log, learnt in the order of its entries."""

    keys: dict[str, KnownKey] = field(default_factory=dict)
    portable: bool = False
    log_key: NoteKey | None = None
    rotations: list[tuple[int, NoteKey]] = field(default_factory=list)
    """Where the log's key changed, and the key that ended there."""
    _verifiers: dict[str, Verifier] = field(default_factory=dict)

    def learn(self, index: int, kind: str, fields: Mapping[str, str]) -> None:
        """Take in one entry of `KINDS` whose fields were verified."""
        if kind == ROTATED:
            self._rotate(index, fields)
        else:
            self._learn_device(index, kind, fields)

    def _rotate(self, index: int, fields: Mapping[str, str]) -> None:
        old = self.log_key
        if old is None or fields.get("old") != old.vkey():
            raise SignatureError("the key that hands over is not the log's key at this place")
        new = Handover.parse(index, fields, portable=self.portable).new
        if new in (old, *(before for _, before in self.rotations)):
            raise SignatureError("the new key was the log's key before")
        self.rotations.append((index, old))
        self.log_key = new

    @property
    def log_keys(self) -> LogKeys:
        """All keys that the log's checkpoints were signed with, as far as it was read."""
        if self.log_key is None:
            raise SignatureError("no key of the log is known")
        keys = (*(old for _, old in self.rotations), self.log_key)
        places = (-1, *(index for index, _ in self.rotations))
        return LogKeys(tuple(zip(places, keys, strict=True)))

    def key_before(self, size: int) -> NoteKey | None:
        """The old key that must sign beside the new one under a checkpoint of this size, if any."""
        if self.rotations and self.rotations[-1][0] == size - 1:
            return self.rotations[-1][1]
        return None

    def _learn_device(self, index: int, kind: str, fields: Mapping[str, str]) -> KnownKey:
        kid = fields.get("kid", "")
        if kind == ENROLLED:
            public = unb64(fields.get("public_key", ""), 32)
            if key_id(public) != kid:
                raise SignatureError(f"the key {kid!r} is not the id of its public key")
            if kid in self.keys:
                raise SignatureError(f"the key {kid} is enrolled twice")
            known = self.keys[kid] = KnownKey(kid, fields.get("role", ""), public, index)
            if index == 0 and known.role == KeyRole.SERVICE:
                known.approved = 0
            elif "authority" in fields:
                self._check_authority(index, known, fields["authority"])
                known.approved = index
            return known
        found = self.keys.get(kid)
        if found is None:
            raise SignatureError(f"the key {kid!r} was never enrolled")
        if kind == APPROVED:
            if found.revoked is not None:
                raise SignatureError(f"the key {kid} is approved after its revocation")
            found.approved = index if found.approved is None else found.approved
        else:
            found.revoked = index if found.revoked is None else found.revoked
        return found

    def _check_authority(self, index: int, known: KnownKey, signature: str) -> None:
        if self.log_key is None or known.role != KeyRole.SERVICE:
            raise SignatureError("only the log's key vouches for a key, and for a service key")
        text = recovery_text(self.log_key.name, index, known.kid)
        verifier(self.log_key.public, portable=self.portable).verify(text, unb64(signature, 64))

    def verifier_at(self, index: int, kid: str) -> Verifier:
        """The verifier of a key that may sign entry `index`; `SignatureError` if it may not."""
        found = self.keys.get(kid)
        if found is None:
            raise SignatureError(f"the key {kid!r} was never enrolled in this log")
        if found.approved is None or found.approved > index:
            raise SignatureError(f"the key {kid} was not approved then")
        if found.revoked is not None and found.revoked < index:
            raise SignatureError(f"the key {kid} was revoked by entry {found.revoked}")
        if kid not in self._verifiers:
            self._verifiers[kid] = verifier(found.public, portable=self.portable)
        return self._verifiers[kid]
