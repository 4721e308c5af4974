"""What was cosigned of a log, what is copied of it and what it shows now must be one history.

Where they are not, and the log signed both, that convicts it (`ledger.core.fork`): whichever way
the two came, over HTTP or in parcels, and in whatever order.
"""

from datetime import datetime
from uuid import UUID

from ledger.core.errors import LedgerError
from ledger.core.fork import Fork
from ledger.core.log_keys import HandedOver, LogKeys
from ledger.core.tree_heads import Checkpoint
from ledger.exchange.convictions import rule, standing_conviction, was_convicted_of
from ledger.exchange.copy_tree import CopyTree
from ledger.exchange.forks import fork_of_copy, fork_of_words
from ledger.exchange.problems import Contradiction
from ledger.log_keys import copied_log_keys, publisher_of
from ledger.models import Replica, WitnessedLog

#: Who decides by command: no account.
OPERATOR = UUID(int=0)


def owner_of(row: WitnessedLog) -> UUID | None:
    """Whose log it is, however it came to be watched; None for one of no institution here."""
    if row.source is not None:
        return row.source
    copied = Replica.objects.filter(origin=row.origin).first()
    if copied is not None:
        return copied.source
    return publisher_of(row.origin)


def rule_on(row: WitnessedLog, *, reason: str, at: datetime | str) -> None:
    """The operator, who had the log witnessed, goes on with the history that was cosigned here."""
    while (proof := standing_conviction(owner_of(row), row.origin)) is not None:
        rule(digest=proof.digest, reason=reason, by=OPERATOR, at=at)


def check_shown(row: WitnessedLog, note: bytes, checkpoint: Checkpoint, keys: LogKeys) -> None:
    """Raise `Contradiction` with its evidence if a checkpoint that the log signed convicts it.

    Compared with what was cosigned last (`row`, locked) and with the copy. One that it was
    convicted of before convicts nobody again: a person has decided.
    """
    if checkpoint.size == 0:
        return
    fork, detail = None, f"another tree of {checkpoint.size} entries was cosigned before"
    if row.size == checkpoint.size and row.note is not None:
        fork = fork_of_words(keys, bytes(row.note), note)
    if fork is None:
        detail = f"the {checkpoint.size} entries that are kept here lead to another root"
        fork = _fork_beside_copy(note, checkpoint, keys)
    if fork is not None and not was_convicted_of(owner_of(row), row.origin, checkpoint.text()):
        raise Contradiction(detail, fork)


def _fork_beside_copy(note: bytes, checkpoint: Checkpoint, keys: LogKeys) -> Fork | None:
    copied = Replica.objects.filter(origin=checkpoint.origin, checkpoint__isnull=False).first()
    if copied is None:
        return None
    if copied.checkpoint_size == checkpoint.size:
        return fork_of_words(keys, bytes(copied.checkpoint), note)
    if checkpoint.size > copied.size:
        return None
    if CopyTree(copied.source).root(checkpoint.size) == checkpoint.root:
        return None
    return fork_of_copy(copied, checkpoint.size, checkpoint.root, note)


def _is_of_another_key(replica: Replica, note: bytes) -> bool:
    """Whether the log's key of that size, as the copy's entries tell it, did not sign a note."""
    try:
        copied_log_keys(replica).open_reigning(note)
    except HandedOver:
        return True
    except LedgerError:
        return False
    return False


def check_copy(replica: Replica, row: WitnessedLog | None = None) -> None:
    """Raise `Contradiction` unless a copy agrees with what was cosigned of its log before.

    Where no `row` is given, which is to be cosigned next, its entries are taken also where what was
    cosigned turned out to be of a key that had handed over.
    """
    taking = row is None
    if row is None:
        row = WitnessedLog.objects.select_for_update().filter(origin=replica.origin).first()
    if row is None or not 0 < row.size <= replica.size:
        return
    if CopyTree(replica.source).root(row.size) != bytes(row.root):
        note = bytes(row.note or b"")
        if taking and _is_of_another_key(replica, note):
            return
        fork = fork_of_copy(replica, row.size, bytes(row.root), note)
        raise Contradiction(f"another tree of {row.size} entries was cosigned before", fork)
