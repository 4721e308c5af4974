"""A log that must not be signed: remembered in a file beside the signer's key, not in the database.

It is written when a witness is found to hold a tree of this log that the log does not have, which
is what a restored or forked database looks like from outside. An operator resolves it.
"""

import json
from abc import ABC, abstractmethod
from dataclasses import asdict, dataclass
from datetime import datetime
from pathlib import Path

from ledger.core.checkpoints import Checkpoint
from ledger.core.notes import Note
from ledger.durable import create_once, make_folder, replace_file, sync_folder
from ledger.problems import BadSignerRequest, LogFrozen

MAX_NAME = 400
MAX_SIZE = 2**63 - 1


@dataclass(frozen=True)
class Contradiction:
    """What a witness holds that the log does not have.

    `held`: the size of its tree. `note`: its checkpoint, where it showed one that our own key
    signed (`proven`); empty where there is only its word for it.
    """

    witness: str
    size: int
    held: int
    at: str
    note: str = ""

    @property
    def proven(self) -> bool:
        """Whether our own signature stands under the tree that it holds."""
        return bool(self.note)

    def check(self) -> None:
        """Raise `BadSignerRequest` naming the member that no cosigner's word has."""
        wrong = ""
        if not self.witness.isprintable() or not 0 < len(self.witness) <= MAX_NAME:
            wrong = "witness: a name of one line is expected"
        elif not 0 <= self.size <= MAX_SIZE or not 0 <= self.held <= MAX_SIZE:
            wrong = "size, held: a log has 0 to 2^63-1 entries"
        elif not is_instant(self.at):
            wrong = "at: a time is expected, as 2026-11-01T08:00:00+00:00"
        if wrong:
            raise BadSignerRequest(detail="%(reason)s.", params={"reason": wrong})


def is_instant(text: str) -> bool:
    """Whether this is a time in ISO 8601."""
    try:
        return bool(datetime.fromisoformat(text))
    except ValueError:
        return False


class AnyFreeze(ABC):
    """Whether a log is frozen, wherever that is remembered. Only its keeper resolves it."""

    @abstractmethod
    def read(self) -> Contradiction | None:
        """Why the log is frozen; None while it is not."""

    @abstractmethod
    def set(self, found: Contradiction) -> None:
        """Freeze the log, durably."""

    @abstractmethod
    def was_overruled(self, tree: Checkpoint) -> bool:
        """Whether an operator had the log signed on although somebody holds this tree."""

    def check(self) -> None:
        """Raise `LogFrozen` while the log is frozen."""
        if (found := self.read()) is None:
            return
        params = {"witness": found.witness, "held": found.held, "size": found.size}
        if found.proven:
            detail = (
                "%(witness)s holds a tree of %(held)s entries with this log's own signature, which "
                "the log of %(size)s entries does not extend."
            )
        else:
            detail = "%(witness)s says that it holds %(held)s entries; the log has %(size)s."
        raise LogFrozen(detail=detail, params=params)


class Freeze(AnyFreeze):
    """The file of one log's signer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "frozen.json"

    def read(self) -> Contradiction | None:
        """Why the log is frozen; None while it is not. A damaged file is a frozen log."""
        try:
            return Contradiction(**json.loads(self._path.read_bytes()))
        except FileNotFoundError:
            return None
        except (ValueError, TypeError):
            return Contradiction(witness="?", size=0, held=0, at="?")

    def set(self, found: Contradiction) -> None:
        """Freeze the log, durably; proof replaces a mere word, nothing else replaces anything."""
        make_folder(self._folder)
        content = json.dumps(asdict(found)).encode()
        before = self.read()
        if before is not None and found.proven and not before.proven:
            replace_file(self._path, content)
        else:
            create_once(self._path, content)

    def was_overruled(self, tree: Checkpoint) -> bool:
        """Whether an operator had the log signed on although somebody holds this tree."""
        for path in self._folder.glob("resolved-*.json"):
            kept = json.loads(path.read_bytes())
            if (
                kept.get("overruled")
                and kept["note"]
                and Note.parse(kept["note"].encode()).text == tree.text()
            ):
                return True
        return False

    def resolve(self, *, reason: str, at: str, overruled: bool = False) -> Path:
        """Let the log be signed again; what froze it is kept beside, with the operator's reason.

        `overruled`: although the log still does not have the tree that froze it. For who may write
        the signer's folder: no question over its socket does this.
        """
        kept = json.loads(self._path.read_bytes()) | {
            "resolved_at": at,
            "reason": reason,
            "overruled": overruled,
        }
        number = len(list(self._folder.glob("resolved-*.json"))) + 1
        target = self._folder / f"resolved-{number}.json"
        create_once(target, json.dumps(kept).encode())
        self._path.unlink()
        sync_folder(self._folder)
        return target
