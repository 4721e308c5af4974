"""The signer of the title registry's map: holds the roots' keys, remembers the root it signed last.

It signs one root for each epoch, and none of an epoch before its last: neither a restored database
nor a second process can make two stories. What it signed is remembered whole, durably before it
answers, so that the same root can be signed again where it was not stored.

Keys are files of 32 bytes, `title-map-roots.key` (version 1), `title-map-roots-2.key` and so on.
"""

from __future__ import annotations

import json
import logging
import re
from pathlib import Path

from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError
from ledger.core.notes import ED25519, NoteKey
from ledger.durable import replace_file, sync_folder
from ledger.keystore import read_or_create, read_secret, told_if_unwritable
from ledger.problems import BadSignerRequest, KeyFileDamaged, SignerMemoryDamaged
from ledger.signing.memory import Memory
from ledger.signing.root_rules import SaidRoot, check_root

log = logging.getLogger(__name__)
NAME = "title-map-roots"
#: The folder, beside those of logs, that its memory is in; its keys too where it runs apart.
FOLDER = "titles"
_SIZE = 32
_NAMED = re.compile(rf"{NAME}(?:-([2-9]|[1-9][0-9]{{1,5}}))?\.key", re.ASCII)


class RootSigner:
    """Signs the roots of the one map; `keys`, `memory`: the folders of its files."""

    def __init__(self, keys: Path, memory: Path) -> None:
        self._keys, self._folder = keys, memory
        self._memory, self._path = Memory(memory), memory / "last.json"

    def keys(self) -> dict[int, bytes]:
        """The public keys whose secrets are here, by version, oldest first."""
        return {version: self._secret(version).public for version in self._versions()}

    def make(self, version: int) -> None:
        """Make a version of the key, if there is none: the first, or the one after the newest."""
        with self._memory.locked():
            here = self._versions()
            if version in here:
                return
            if version != (here[-1] + 1 if here else 1):
                raise BadSignerRequest(detail="This is not the registry's next key.")
            if not here and self.last() is not None:
                raise KeyFileDamaged(
                    detail="The key file %(file)s is missing.", params={"file": f"{NAME}.key"}
                )
            read_or_create(self._file(version), _SIZE)

    def last(self) -> SaidRoot | None:
        """What was signed last; None if nothing was, or if the memory was lost."""
        try:
            found = json.loads(self._path.read_bytes())
            return SaidRoot.parse(found["text"], found["key"])
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError, LedgerError) as error:
            raise SignerMemoryDamaged(
                detail="The file %(file)s is damaged.",
                mend="Restore the file from its backup. Without one, remove it: the signer then "
                "goes on from the newest checkpoint in the database. Do so only if the database "
                "itself was not restored.",
                params={"file": str(self._path)},
            ) from error

    def sign(self, said: SaidRoot) -> tuple[bytes, bytes]:
        """The signature of its key, and of a hand-over that of the key before; else none.

        Raises `RootRefused` for what contradicts the memory, `KeyFileDamaged` where a key that
        belongs under it is not here.
        """
        with self._memory.locked():
            last = self.last()
            if last is None and said.root.epoch > 1:
                log.warning("the signer of the title registry lost its memory; it goes on anew")
            check_root(said, last)
            text = said.root.text().encode()
            signature = self._of(said.key).sign(text)
            old = self._of(said.old_key).sign(text) if said.root.change is not None else b""
            kept = json.dumps({"text": said.root.text(), "key": said.key.vkey()}).encode()
            if said != last:
                with told_if_unwritable(self._path):
                    replace_file(self._path, kept)
        return signature, old

    def retire(self) -> list[int]:
        """Destroy the keys from before the one that reigns since what was signed last."""
        with self._memory.locked():
            last, keys = self.last(), self.keys()
            reigning = [v for v, public in keys.items() if last and public == last.key.public]
            gone = [version for version in keys if reigning and version < reigning[0]]
            with told_if_unwritable(self._keys):
                for version in gone:
                    self._file(version).unlink(missing_ok=True)
                if gone:
                    sync_folder(self._keys)
        return gone

    def _of(self, key: NoteKey) -> SecretKey:
        for version, public in self.keys().items():
            if key == NoteKey(key.name, ED25519, public):
                return self._secret(version)
        raise KeyFileDamaged(
            detail="The key file %(file)s is missing.", params={"file": f"{NAME}.key: {key.vkey()}"}
        )

    def _secret(self, version: int) -> SecretKey:
        return SecretKey(read_secret(self._file(version), _SIZE))

    def _versions(self) -> list[int]:
        named = [_NAMED.fullmatch(path.name) for path in self._keys.glob(f"{NAME}*.key")]
        return sorted(int(found[1] or 1) for found in named if found)

    def _file(self, version: int) -> Path:
        return self._keys / (f"{NAME}.key" if version == 1 else f"{NAME}-{version}.key")
