"""What a log's signer signed last, in a file outside the database; and its lock."""

import fcntl
import json
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from ledger.core.encoding import b64, unb64
from ledger.core.hashing import HASH_SIZE
from ledger.core.tree_heads import parse_decimal
from ledger.durable import make_folder, replace_file
from ledger.keystore import told_if_unwritable
from ledger.problems import SignerMemoryDamaged
from ledger.signing.rules import Signed


class Memory:
    """The files `last.json` and `lock` of one log's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self._path = folder, folder / "last.json"

    @contextmanager
    def locked(self) -> Iterator[None]:
        """While this lasts nobody else reads it to sign."""
        with told_if_unwritable(self._folder):
            make_folder(self._folder)
            lock = (self._folder / "lock").open("w")
        with lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def read(self) -> Signed | None:
        """What was signed last; None if nothing was, or if the memory was lost."""
        try:
            found = json.loads(self._path.read_bytes())
            return parse_decimal(found["size"]), unb64(found["root"], HASH_SIZE)
        except FileNotFoundError:
            return None
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SignerMemoryDamaged(
                detail="The file %(file)s is damaged.", params={"file": str(self._path)}
            ) from error

    def write(self, signed: Signed) -> None:
        """Remember, durably before this returns."""
        content = json.dumps({"size": str(signed[0]), "root": b64(signed[1])})
        with told_if_unwritable(self._path):
            replace_file(self._path, content.encode())
