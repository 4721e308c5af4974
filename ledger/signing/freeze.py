"""A log that must not be signed: remembered in a file beside the signer's key, not in the database.

It is written when a witness is found to hold a tree of this log that the log does not have, which
is what a restored or forked database looks like from outside. An operator resolves it. Where there
is only somebody's word for that tree, it holds a day from when it was said last: anybody who may
ask the signer can say so.
"""

import json
from abc import ABC, abstractmethod
from contextlib import suppress
from dataclasses import asdict, dataclass
from datetime import UTC, datetime, timedelta
from pathlib import Path

from ledger.core.checkpoints import Checkpoint
from ledger.core.notes import Note
from ledger.durable import create_once, make_folder, replace_file, sync_folder
from ledger.problems import BadSignerRequest, LogFrozen
from ledger.signing.rules import Growth

#: How long a word without proof stands after it was said last, by the signer's own clock. A witness
#: that goes on saying it is asked each hour at the latest.
WORD_HOLDS = timedelta(days=1)
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


def _now() -> datetime:
    return datetime.now(UTC)


def _is_over(until: str) -> bool:
    return bool(until) and is_instant(until) and datetime.fromisoformat(until) <= _now()


class AnyFreeze(ABC):
    """Whether a log is frozen, wherever that is remembered. Only its keeper resolves it."""

    @abstractmethod
    def read(self) -> Contradiction | None:
        """Why the log is frozen; None while it is not."""

    @abstractmethod
    def set(self, found: Contradiction, ours: Growth | None = None) -> None:
        """Freeze the log, durably.

        `ours`: what the log has at the size that somebody holds, with the proof that what was
        signed last extends it, for a keeper who has no log to look into.
        """

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
            detail = (
                "%(witness)s says that it holds %(held)s entries, and shows no proof; the log has "
                "%(size)s. A day after this was said last, the log goes on by itself."
            )
        problem = LogFrozen(detail=detail, params=params)
        problem.proven = found.proven
        raise problem


class Freeze(AnyFreeze):
    """The file of one log's signer."""

    def __init__(self, folder: Path) -> None:
        self._folder = folder
        self._path = folder / "frozen.json"

    def read(self) -> Contradiction | None:
        """Why the log is frozen; None while it is not. A damaged file is a frozen log."""
        found, until = self._kept()
        return None if found is None or _is_over(until) else found

    def _kept(self) -> tuple[Contradiction | None, str]:
        """What the file says, and until when that holds; empty for ever."""
        try:
            kept = json.loads(self._path.read_bytes())
            return Contradiction(**{k: v for k, v in kept.items() if k != "until"}), kept.get(
                "until", ""
            )
        except FileNotFoundError:
            return None, ""
        except (ValueError, TypeError, AttributeError):
            return Contradiction(witness="?", size=0, held=0, at="?"), ""

    def set(self, found: Contradiction, ours: Growth | None = None) -> None:
        """Freeze the log, durably; proof replaces a mere word, nothing replaces proof.

        A word that is said again holds longer; of two, the one of more entries is kept.
        """
        make_folder(self._folder)
        before, until = self._kept()
        if before is not None and _is_over(until):
            with suppress(FileNotFoundError):  # somebody else was first
                self.resolve(reason="nobody said it again for a day", at=_now().isoformat())
            before = None
        if found.proven:
            content = json.dumps(asdict(found)).encode()
        else:
            word = before if before is not None and before.held >= found.held else found
            told = asdict(word) | {"until": (_now() + WORD_HOLDS).isoformat()}
            content = json.dumps(told).encode()
        if before is None:
            create_once(self._path, content)
        elif not before.proven and (found.proven or until):
            replace_file(self._path, content)

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
