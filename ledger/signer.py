"""The log's signer: holds log keys and remembers, outside the database, what it signed last.

It signs a checkpoint only if that extends the last one it signed, so that a restored backup or a
second sealer can never make two histories. Its memory is written and synced before it answers.
"""

import fcntl
import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64, unb64
from ledger.core.errors import ProofError
from ledger.core.hashing import HASH_SIZE
from ledger.core.notes import ED25519, Note, NoteKey, sign_text
from ledger.core.proofs import verify_consistency
from ledger.keystore import read_or_create
from ledger.problems import RollbackRefused

ProofOf = Callable[[int, int], list[bytes]]
"""Answers the consistency proof between two sizes."""


class LogSigner:
    """Signs the checkpoints of one log."""

    def __init__(self, log_id: str) -> None:
        self._folder = Path(settings.KEY_DIR) / "logs" / log_id

    def key(self, origin: str) -> NoteKey:
        """The log's public key under its origin; the key is made on first use."""
        return NoteKey(origin, ED25519, self._secret().public)

    def sign(self, checkpoint: Checkpoint, proof_of: ProofOf) -> bytes:
        """The signed note; `RollbackRefused` if it does not extend the last one signed."""
        with self._locked():
            last = self._last()
            if last is not None:
                self._check(last, checkpoint, proof_of)
            note = Note(
                checkpoint.text(),
                (sign_text(checkpoint.text(), checkpoint.origin, self._secret()),),
            )
            if last is None or checkpoint.size > last[0]:
                self._remember(checkpoint)
            return note.to_bytes()

    @staticmethod
    def _check(last: tuple[int, bytes], checkpoint: Checkpoint, proof_of: ProofOf) -> None:
        size, root = last
        if checkpoint.size < size:
            raise RollbackRefused(
                detail="The log has %(size)s entries, but one of %(signed)s was signed before.",
                params={"size": checkpoint.size, "signed": size},
            )
        if size == 0:
            return
        try:
            proof = proof_of(size, checkpoint.size)
            verify_consistency(size, checkpoint.size, proof, root, checkpoint.root)
        except ProofError as error:
            raise RollbackRefused(
                detail="The log of %(size)s entries does not extend the signed one of %(signed)s.",
                params={"size": checkpoint.size, "signed": size},
            ) from error

    def _secret(self) -> SecretKey:
        return SecretKey(read_or_create(self._folder / "seed", 32))

    def _last(self) -> tuple[int, bytes] | None:
        path = self._folder / "last.json"
        if not path.exists():
            return None
        found = json.loads(path.read_text())
        return int(found["size"]), unb64(found["root"], HASH_SIZE)

    def _remember(self, checkpoint: Checkpoint) -> None:
        path, fresh = self._folder / "last.json", self._folder / "last.json.new"
        with fresh.open("w") as file:
            json.dump({"size": str(checkpoint.size), "root": b64(checkpoint.root)}, file)
            file.flush()
            os.fsync(file.fileno())
        os.replace(fresh, path)
        folder = os.open(self._folder, os.O_RDONLY)
        try:
            os.fsync(folder)
        finally:
            os.close(folder)

    @contextmanager
    def _locked(self) -> Iterator[None]:
        self._folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self._folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield
