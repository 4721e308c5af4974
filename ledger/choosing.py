"""Under which checkpoint files and answers are made: one that who asks for a quorum accepts, too.

The newest one was sealed a moment ago, maybe, and nobody can have cosigned it yet.
"""

from dataclasses import dataclass

from ledger.core.errors import LedgerError
from ledger.core.log_keys import LogKeys
from ledger.log_keys import own_log_keys
from ledger.models import Checkpoint
from ledger.selectors import proof_file
from ledger.witnessing.trust import newest_met


@dataclass(frozen=True)
class Reach:
    """Up to where a file or an answer goes.

    `later`: entries under newer checkpoints, which are left out. `is_met`: the checkpoint that it
    ends with meets the institution's trust policy.
    """

    checkpoint: Checkpoint
    later: int
    is_met: bool


def newest_signed() -> Checkpoint | None:
    """The newest checkpoint that a key of the log signed.

    The database lets nobody store one of another tree, but cannot tell who signed: where somebody
    stored a note of his own, going over the log names it, and files do without it.
    """
    keys = None  # a ledger that is lost, or was never opened, has none, and no checkpoint
    for row in Checkpoint.objects.order_by("-size").iterator(chunk_size=1):
        keys = keys or own_log_keys()
        if is_signed(row, keys):
            return row
    return None


def is_signed(checkpoint: Checkpoint, keys: LogKeys) -> bool:
    """Whether the key that signs a log of its size signed it."""
    try:
        keys.open(bytes(checkpoint.note))
    except LedgerError:
        return False
    return True


def reach(index: int = 0, *, newest: bool = False) -> Reach | None:
    """The newest checkpoint that covers an entry and meets the trust policy, else the newest.

    `newest`: the newest anyway, for who asks for no quorum. None while no checkpoint covers it.
    """
    latest = newest_signed()
    if latest is None or latest.size <= index:
        return None
    met = newest_met(index)
    if newest or met is None:
        return Reach(latest, 0, met is not None and met.size >= latest.size)
    return Reach(met, max(latest.size - met.size, 0), True)


def chosen_checkpoint(index: int) -> Checkpoint | None:
    """The checkpoint of that reach."""
    found = reach(index)
    return found and found.checkpoint


def chosen_proof_file(index: int) -> bytes | None:
    """The `.tlog-proof` of an entry under that checkpoint; None while none covers it."""
    return proof_file(index, chosen_checkpoint(index))
