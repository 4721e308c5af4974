"""The log's signer: holds log keys and remembers, outside the database, what it signed last.

It signs each with two keys under the log's name: Ed25519, and ML-DSA-44 as a cosignature (0x06).
It signs a checkpoint only if that extends the last one it signed, and the newest that the database
holds, so that a restored backup, a lost memory or a second sealer can never make two histories.
Its memory is durable before it answers. Where a witness holds a tree of this log that the log does
not have, it is frozen, and signs nothing until an operator resolved that.

It trusts no caller and needs no database: it may be called in the process that seals, or stand
behind a socket (`server.py`).
"""

import logging
import re
from pathlib import Path

from ledger.core.checkpoints import open_checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.notes import ED25519, Note, NoteKey, cosign_text, cosigner_key, sign_text
from ledger.core.tree_heads import Checkpoint
from ledger.durable import create_once
from ledger.keystore import read_or_create, read_secret, told_if_unwritable
from ledger.problems import BadSignerRequest, SignerMoved
from ledger.signing.freeze import Freeze
from ledger.signing.memory import Memory
from ledger.signing.rules import Growth, Signed, check_extends

log = logging.getLogger(__name__)
SEED_SIZE = 32
#: What may be a folder's name: a log id is a UUID's 32 hexadecimal digits.
_LOG_ID = re.compile(r"[0-9a-f]{32}", re.ASCII)
MAX_STATEMENT = 1 << 11


class LogSigner:
    """Signs the checkpoints of one log."""

    def __init__(self, log_id: str, folder: Path) -> None:
        if not _LOG_ID.fullmatch(log_id):
            raise BadSignerRequest(detail="This is no log id.")
        self._log_id, self._folder = log_id, folder / log_id
        self._memory = Memory(self._folder)
        self.freeze = Freeze(self._folder)

    def create(self, origin: str) -> NoteKey:
        """The log's public key; its secret half is made if it does not exist yet."""
        self._check_origin(origin)
        read_or_create(self._folder / "seed", SEED_SIZE)
        self._pin(origin)
        return self.key(origin)

    def key(self, origin: str) -> NoteKey:
        """The log's public key under its origin; `KeyFileDamaged` if its secret is not here."""
        self._check_origin(origin)
        return NoteKey(origin, ED25519, self._secret().public)

    def create_second(self, origin: str) -> NoteKey:
        """The log's ML-DSA-44 key; its secret half is made if it does not exist yet."""
        self._check_origin(origin)
        read_or_create(self._folder / "mldsa-seed", SEED_SIZE)
        return self.second_key(origin)

    def second_key(self, origin: str) -> NoteKey:
        """The log's ML-DSA-44 key; `KeyFileDamaged` if its secret is not here."""
        self._check_origin(origin)
        return cosigner_key(origin, self._second())

    def last(self) -> Signed | None:
        """What was signed last; None if nothing was, or if the memory was lost."""
        return self._memory.read()

    def sign(
        self, checkpoint: Checkpoint, last: Growth | None, floor: Growth | None, *, time: int = 0
    ) -> bytes:
        """The signed note of a tree head; remembered before it is answered.

        `last` is what `last()` answered before the caller read the tree head, with the proof that
        the head extends it. `floor` is the same of the newest checkpoint that the database holds:
        where the memory was lost, or comes from an older backup than the database, the signer goes
        by that. Raises `SignerMoved` if another sealer was first (ask `last()` again),
        `RollbackRefused`, `SignerMemoryDamaged`, `KeyFileDamaged` or `LogFrozen`. `time` stands in
        the second signature (POSIX seconds; 0 states none).
        """
        self._check_origin(checkpoint.origin)
        with self._memory.locked():
            self.freeze.check()
            known = self.last()
            if known != (last and last.signed):
                raise SignerMoved
            if known is None and floor is not None:
                name = checkpoint.origin
                log.warning("the signer of %s lost its memory; the database's counts", name)
            check_extends(checkpoint, last, floor)
            self._pin(checkpoint.origin)
            note = self._note(checkpoint, time)
            self._memory.write((checkpoint.size, checkpoint.root))
        return note

    def signed_by_itself(self, note: bytes) -> Checkpoint:
        """The tree head in a note that this log's own key signed; `LedgerError` if it did not."""
        origin = Checkpoint.parse(Note.parse(note).text).origin
        return open_checkpoint(note, self.key(origin))[0]

    def vouch(self, text: bytes) -> bytes:
        """The log key's signature over a statement that is no checkpoint and begins with its name.

        Notes of the log begin with its origin, statements with `lease-key-`: neither is the other.
        """
        if not text.startswith(b"lease-key-") or len(text) > MAX_STATEMENT:
            raise BadSignerRequest(detail="This is no statement about a key.")
        return self._secret().sign(text)

    def _note(self, checkpoint: Checkpoint, time: int) -> bytes:
        text = checkpoint.text()
        lines = [sign_text(text, checkpoint.origin, self._secret())]
        if (self._folder / "mldsa-seed").exists():  # not yet in a log of before it had one
            lines.append(cosign_text(text, checkpoint.origin, self._second(), time))
        return Note(text, tuple(lines)).to_bytes()

    def _check_origin(self, origin: str) -> None:
        known = self._origin()
        if origin.rpartition("/")[2] != self._log_id or known not in (None, origin):
            raise BadSignerRequest(detail="This origin is not of this log.")

    def _origin(self) -> str | None:
        """The origin that the log was first signed under; None before, or in a log of before."""
        path = self._folder / "origin"
        return path.read_text() if path.exists() else None

    def _pin(self, origin: str) -> None:
        """One log, one name: nothing is ever signed under another one."""
        if self._origin() is None:
            with told_if_unwritable(self._folder):
                create_once(self._folder / "origin", origin.encode())

    def _secret(self) -> SecretKey:
        return SecretKey(read_secret(self._folder / "seed", SEED_SIZE))

    def _second(self) -> MlDsaSecretKey:
        return MlDsaSecretKey(read_secret(self._folder / "mldsa-seed", SEED_SIZE))
