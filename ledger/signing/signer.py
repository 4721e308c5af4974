"""The log's signer: holds log keys and remembers, outside the database, what it signed last.

It signs each with two keys under the log's name: Ed25519, and ML-DSA-44 as a cosignature (0x06).
It signs a checkpoint only if that extends the last one it signed, and the newest that the database
holds, so that a restored backup, a lost memory or a second sealer can never make two histories.
Its memory is durable before it answers. Where a witness holds a tree of this log that the log does
not have, it is frozen, and signs nothing until an operator resolved that.
"""

import fcntl
import json
import logging
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

from django.conf import settings

from ledger.core.checkpoints import Checkpoint, parse_decimal
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64, unb64
from ledger.core.errors import ProofError
from ledger.core.hashing import HASH_SIZE
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.notes import ED25519, Note, NoteKey, cosign_text, cosigner_key, sign_text
from ledger.core.proofs import verify_consistency
from ledger.durable import make_folder, replace_file
from ledger.keystore import read_or_create, read_secret, told_if_unwritable
from ledger.problems import NoSuchEntry, RollbackRefused, SignerMemoryDamaged
from ledger.signing.freeze import Freeze

ProofOf = Callable[[int, int], list[bytes]]
"""Answers the consistency proof between two sizes."""
Signed = tuple[int, bytes]
"""Size and root of a tree head that was signed."""

log = logging.getLogger(__name__)
SEED_SIZE = 32


class LogSigner:
    """Signs the checkpoints of one log."""

    def __init__(self, log_id: str) -> None:
        self._folder = Path(settings.KEY_DIR) / "logs" / log_id
        self._memory = self._folder / "last.json"
        self.freeze = Freeze(self._folder)
        self._has_turn = False

    def create(self, origin: str) -> NoteKey:
        """The log's public key; its secret half is made if it does not exist yet."""
        read_or_create(self._folder / "seed", SEED_SIZE)
        return self.key(origin)

    def key(self, origin: str) -> NoteKey:
        """The log's public key under its origin; `KeyFileDamaged` if its secret is not here."""
        return NoteKey(origin, ED25519, self._secret().public)

    def create_second(self, origin: str) -> NoteKey:
        """The log's ML-DSA-44 key; its secret half is made if it does not exist yet."""
        read_or_create(self._folder / "mldsa-seed", SEED_SIZE)
        return self.second_key(origin)

    def second_key(self, origin: str) -> NoteKey:
        """The log's ML-DSA-44 key; `KeyFileDamaged` if its secret is not here."""
        return cosigner_key(origin, self._second())

    @contextmanager
    def turn(self) -> Iterator[None]:
        """While this lasts nobody else signs for the log.

        The caller reads the tree head inside: one read before could be behind what another sealer
        signed meanwhile, and would look like a log that went back.
        """
        with told_if_unwritable(self._folder):
            make_folder(self._folder)
            lock = (self._folder / "lock").open("w")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            self._has_turn = True
            try:
                yield
            finally:
                self._has_turn = False

    def sign(
        self,
        checkpoint: Checkpoint,
        proof_of: ProofOf,
        floor: Signed | None = None,
        *,
        time: int = 0,
    ) -> bytes:
        """The signed note of a tree head; remembered before it is answered.

        `floor` is the newest checkpoint that the database holds. Where the memory was lost, or
        comes from an older backup than the database, it is what the signer goes by. Raises
        `RollbackRefused`, `SignerMemoryDamaged`, `KeyFileDamaged` or `LogFrozen`. `time` stands in
        the second signature (POSIX seconds; 0 states none).
        """
        assert self._has_turn
        self.freeze.check()
        last = self.last()
        if last is None and floor is not None:
            log.warning(
                "the signer of %s lost its memory; the database's counts", checkpoint.origin
            )
        check_extends(checkpoint, proof_of, last, floor)
        text = checkpoint.text()
        lines = [sign_text(text, checkpoint.origin, self._secret())]
        if (self._folder / "mldsa-seed").exists():  # not yet in a log of before it had one
            lines.append(cosign_text(text, checkpoint.origin, self._second(), time))
        note = Note(text, tuple(lines))
        self._remember(checkpoint)
        return note.to_bytes()

    def vouch(self, text: bytes) -> bytes:
        """The log key's signature over a statement that is no checkpoint and begins with its name.

        Notes of the log begin with its origin, statements with `lease-key-`: neither is the other.
        """
        assert text.startswith(b"lease-key-")
        return self._secret().sign(text)

    def _secret(self) -> SecretKey:
        return SecretKey(read_secret(self._folder / "seed", SEED_SIZE))

    def _second(self) -> MlDsaSecretKey:
        return MlDsaSecretKey(read_secret(self._folder / "mldsa-seed", SEED_SIZE))

    def last(self) -> Signed | None:
        """What was signed last; None if nothing was, or if the memory was lost."""
        try:
            found = json.loads(self._memory.read_bytes())
            return parse_decimal(found["size"]), unb64(found["root"], HASH_SIZE)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SignerMemoryDamaged(
                detail="The file %(file)s is damaged.", params={"file": str(self._memory)}
            ) from error

    def _remember(self, checkpoint: Checkpoint) -> None:
        content = json.dumps({"size": str(checkpoint.size), "root": b64(checkpoint.root)})
        with told_if_unwritable(self._memory):
            replace_file(self._memory, content.encode())


def check_extends(checkpoint: Checkpoint, proof_of: ProofOf, *signed: Signed | None) -> None:
    """Raise `RollbackRefused` unless the tree extends everything that was signed."""
    for size, root in filter(None, signed):
        if checkpoint.size < size:
            raise RollbackRefused(
                detail="The log has %(size)s entries, but one of %(signed)s was signed before.",
                params={"size": checkpoint.size, "signed": size},
            )
        try:
            proof = proof_of(size, checkpoint.size)
            verify_consistency(size, checkpoint.size, proof, root, checkpoint.root)
        except (ProofError, NoSuchEntry) as error:
            raise RollbackRefused(
                detail="The log of %(size)s entries does not extend the signed one of %(signed)s.",
                params={"size": checkpoint.size, "signed": size},
            ) from error
