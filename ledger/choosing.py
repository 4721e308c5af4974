"""Under which checkpoint files are made: one that whoever asks for a quorum accepts, too.

The newest one was sealed a moment ago, maybe, and nobody can have cosigned it yet.
"""

from dataclasses import dataclass

from ledger.models import Checkpoint
from ledger.selectors import checkpoint_covering, latest_checkpoint, proof_file
from ledger.witnessing.trust import newest_met


@dataclass(frozen=True)
class Reach:
    """Up to where an export goes.

    `later`: entries under newer checkpoints, which are left out. `is_met`: the checkpoint that it
    ends with meets the institution's trust policy.
    """

    checkpoint: Checkpoint
    later: int
    is_met: bool


def chosen_checkpoint(index: int) -> Checkpoint | None:
    """The newest checkpoint that covers an entry and meets the trust policy, else the newest."""
    return newest_met(index) or checkpoint_covering(index)


def chosen_proof_file(index: int) -> bytes | None:
    """The `.tlog-proof` of an entry under that checkpoint; None while none covers it."""
    return proof_file(index, chosen_checkpoint(index))


def reach(*, newest: bool = False) -> Reach | None:
    """Of an export; `newest`: of one that asks for no quorum. None before the first checkpoint."""
    latest, met = latest_checkpoint(), newest_met(0)
    if latest is None:
        return None
    if newest or met is None:
        return Reach(latest, 0, met is not None and met.size >= latest.size)
    return Reach(met, max(latest.size - met.size, 0), True)
