"""Under which checkpoint files and answers are made: one that who asks for a quorum accepts, too.

The newest one was sealed a moment ago, maybe, and nobody can have cosigned it yet.
"""

from dataclasses import dataclass

from ledger.models import Checkpoint
from ledger.selectors import entry, proof_file
from ledger.signed import newest_signed
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
    entry(index)  # `NoSuchEntry` for one that the log does not have
    checkpoint = chosen_checkpoint(index)
    return None if checkpoint is None else proof_file(index, checkpoint)
