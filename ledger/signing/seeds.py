"""The secret halves of a log's keys: files in the signer's folder, a pair a version.

Version 1 is `seed` (Ed25519) and `mldsa-seed` (ML-DSA-44), a later one `seed-2`, `mldsa-seed-2` and
so on. A retired one is gone; its public half stays in `retired.json`, to know what it signed.
"""

from __future__ import annotations

import json
import re
from pathlib import Path

from ledger.core.ed25519 import SecretKey
from ledger.core.errors import MalformedError
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.notes import ED25519, NoteKey, cosigner_key
from ledger.durable import replace_file, sync_folder
from ledger.keystore import read_or_create, read_secret, told_if_unwritable
from ledger.problems import KeyFileDamaged, LogKeyMissing

SEED_SIZE = 32
_NAMED = re.compile(r"seed(?:-([2-9]|[1-9][0-9]{1,5}))?", re.ASCII)


class Seeds:
    """The key files of one log."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder

    def versions(self) -> list[int]:
        """Versions whose Ed25519 secret is here, oldest first."""
        named = [_NAMED.fullmatch(path.name) for path in self._folder.glob("seed*")]
        return sorted(int(found[1] or 1) for found in named if found)

    def first(self, version: int) -> SecretKey:
        """The Ed25519 secret; `KeyFileDamaged` if it is not here."""
        return SecretKey(self._read("seed", version))

    def second(self, version: int) -> MlDsaSecretKey:
        """The ML-DSA-44 secret; `KeyFileDamaged` if it is not here."""
        return MlDsaSecretKey(self._read("mldsa-seed", version))

    def has_second(self, version: int) -> bool:
        """Whether there is an ML-DSA-44 secret: logs of before began without."""
        return self._path("mldsa-seed", version).exists()

    def make_first(self, version: int) -> SecretKey:
        """The Ed25519 secret, made if it does not exist yet; never again after it retired."""
        path = self._path("seed", version)
        if not path.exists() and any(newer > version for newer in self.versions()):
            raise KeyFileDamaged(
                detail="The key file %(file)s was replaced by a newer one.",
                params={"file": path.name},
            )
        return SecretKey(read_or_create(path, SEED_SIZE))

    def make_second(self, version: int) -> MlDsaSecretKey:
        """The ML-DSA-44 secret, made if it does not exist yet."""
        return MlDsaSecretKey(read_or_create(self._path("mldsa-seed", version), SEED_SIZE))

    def retire_before(self, version: int, name: str) -> list[int]:
        """Destroy the secrets of versions below; which those were. `name`: the log's origin."""
        gone = [old for old in self.versions() if old < version]
        if not gone:
            return []
        self.first(version), self.second(version)  # what takes over must be here, whole
        kept = {_told(*item) for item in self.retired()} | {
            _told(old, NoteKey(name, ED25519, self.first(old).public)) for old in gone
        }
        with told_if_unwritable(self._folder):
            replace_file(self._retired, json.dumps(sorted(kept)).encode())
            for old in gone:
                for kind in ("mldsa-seed", "seed"):  # the one that tells of the version goes last
                    self._path(kind, old).unlink(missing_ok=True)
            sync_folder(self._folder)
        return gone

    def retired(self) -> list[tuple[int, NoteKey]]:
        """The public Ed25519 keys whose secrets were destroyed, with their versions.

        0 for one that was destroyed before versions were kept.
        """
        try:
            texts = json.loads(self._retired.read_bytes())
            parts = [text.rpartition(" ") for text in texts]
            return [(int(version or 0), NoteKey.parse(vkey)) for version, _, vkey in parts]
        except FileNotFoundError:
            return []
        except (ValueError, TypeError, AttributeError, MalformedError) as error:
            raise KeyFileDamaged(
                detail="The file %(file)s is damaged.", params={"file": self._retired.name}
            ) from error

    def second_key(self, name: str, version: int) -> NoteKey:
        """The ML-DSA-44 public key under the log's name."""
        return cosigner_key(name, self.second(version))

    @property
    def _retired(self) -> Path:
        return self._folder / "retired.json"

    def _read(self, kind: str, version: int) -> bytes:
        path = self._path(kind, version)
        try:
            return read_secret(path, SEED_SIZE)
        except KeyFileDamaged as error:
            if path.exists():
                raise
            raise LogKeyMissing(params={"file": path.name}) from error

    def _path(self, kind: str, version: int) -> Path:
        return self._folder / (kind if version == 1 else f"{kind}-{version}")


def _told(version: int, key: NoteKey) -> str:
    return f"{version} {key.vkey()}" if version else key.vkey()
