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
from ledger.signing.rules import Signed, Turns


class Memory:
    """The files `last.json` and `lock` of one log's folder."""

    def __init__(self, folder: Path) -> None:
        self._folder, self.path = folder, folder / "last.json"

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
        """What was signed last; None where there is no memory."""
        return self._read()[0]

    def turns(self) -> Turns:
        """Where the log's key had handed over in what was signed last."""
        return self._read()[1]

    def _read(self) -> tuple[Signed | None, Turns]:
        try:
            found = json.loads(self.path.read_bytes())
            signed = parse_decimal(found["size"]), unb64(found["root"], HASH_SIZE)
            return signed, tuple(map(parse_decimal, found.get("turns", ())))
        except FileNotFoundError:
            return None, ()
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise SignerMemoryDamaged(
                detail="The file %(file)s is damaged.", params={"file": str(self.path)}
            ) from error

    def write(self, signed: Signed, turns: Turns = ()) -> None:
        """Remember, durably before this returns."""
        found: dict[str, object] = {"size": str(signed[0]), "root": b64(signed[1])}
        content = json.dumps(found | ({"turns": list(map(str, turns))} if turns else {}))
        with told_if_unwritable(self.path):
            replace_file(self.path, content.encode())
