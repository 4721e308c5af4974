"""A copy that meets another history: what convicts the log, made and checked on the spot.

An accusation needs two statements that the log's key signed. A parcel that merely does not lead to
its checkpoint is broken, not forked, and is named so.
"""

from collections.abc import Sequence

from ledger.core.checkpoints import Checkpoint
from ledger.core.errors import LedgerError, ProofError
from ledger.core.fork import Branch, Fork, Step, verify_fork
from ledger.core.hashing import HASH_SIZE, leaf_hash
from ledger.core.proofs import verify_consistency
from ledger.exchange import problems
from ledger.exchange.copy_tree import CopyTree, peaks_of
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.problems import ParcelError
from ledger.log_keys import copied_log_keys
from ledger.models import Replica
from ledger.problems import NoSuchEntry


def check_base(replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint) -> None:
    """The history that the parcel goes on from must be the one that is held here."""
    if parcel.start == 0:
        return
    try:
        verify_consistency(
            parcel.start, checkpoint.size, parcel.base_proof, parcel.base_root, checkpoint.root
        )
    except ProofError as error:
        detail = f"what goes before it does not lead to its checkpoint: {error}"
        raise ParcelError(problems.BAD_PROOF, detail) from error
    own = CopyTree(replica.source).root(parcel.start)
    if own != parcel.base_root:
        steps = _steps((checkpoint, parcel.base_proof), parcel.start)
        raise _forked(replica, parcel, parcel.start, own, parcel.base_root, steps)


def check_earlier_word(replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint) -> None:
    """A checkpoint of a size that is held, or that was signed before, is checked at once."""
    if replica.checkpoint is None:
        return
    if checkpoint.size <= replica.size:
        own = CopyTree(replica.source).root(checkpoint.size)
    elif checkpoint.size == replica.checkpoint_size:
        own = _held_head(replica).root
    else:
        return
    if own != checkpoint.root:
        raise _forked(replica, parcel, checkpoint.size, own, checkpoint.root, ())


def refuse_other_entry(
    replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint, index: int
) -> ParcelError:
    """Entry `index` is held with other bytes: the error that says whether the log forked."""
    frontier = CopyTree(replica.source).frontier(index)
    overlay: dict[int, bytes] = {}
    other = b""
    for place, leaf in enumerate(parcel.leaves[index - parcel.start :], start=index):
        overlay[place] = frontier.append(leaf_hash(leaf))
        other = other or frontier.root()
    detail = f"entry {index} was another before"
    try:
        verify_consistency(
            frontier.size, checkpoint.size, parcel.consistency, frontier.root(), checkpoint.root
        )
    except ProofError:
        beside = f"entry {index} was another before, and no checkpoint covers the new one"
        return ParcelError(problems.BAD_PROOF, beside)
    steps = _through(replica, parcel, checkpoint, index + 1, overlay, frontier.root())
    own = CopyTree(replica.source).root(index + 1)
    return _forked(replica, parcel, index + 1, own, other, steps, detail)


def check_promise(
    replica: Replica,
    parcel: EntriesParcel,
    checkpoint: Checkpoint,
    before: int,
    overlay: dict[int, bytes],
) -> None:
    """A checkpoint that reached beyond the copy (of `before` entries) must now turn out true."""
    if not before < replica.checkpoint_size <= replica.size:
        return
    size, promised = replica.checkpoint_size, _held_head(replica).root
    found = CopyTree(replica.source, overlay).root(size)
    if found != promised:
        end = peaks_of(replica.size, bytes(replica.peaks)).root()
        steps = _through(replica, parcel, checkpoint, size, overlay, end)
        raise _forked(replica, parcel, size, promised, found, steps)


def _held_head(replica: Replica) -> Checkpoint:
    return copied_log_keys(replica).open(bytes(replica.checkpoint))[0]


def _steps(last: tuple[Checkpoint, Sequence[bytes]], size: int) -> tuple[Step, ...]:
    checkpoint, proof = last
    return (
        () if checkpoint.size == size else (Step(checkpoint.size, checkpoint.root, tuple(proof)),)
    )


def _through(
    replica: Replica,
    parcel: EntriesParcel,
    checkpoint: Checkpoint,
    size: int,
    overlay: dict[int, bytes],
    end_root: bytes,
) -> tuple[Step, ...]:
    """From `size` through the parcel's end to its checkpoint, in the parcel's history."""
    steps: tuple[Step, ...] = ()
    if size < parcel.end:
        proof = CopyTree(replica.source, overlay).consistency(size, parcel.end)
        steps = (Step(parcel.end, end_root, tuple(proof)),)
    return steps + _steps((checkpoint, parcel.consistency), max(size, parcel.end))


def _own_steps(replica: Replica, size: int) -> tuple[Step, ...]:
    """From `size` to the checkpoint that is held, in the history that is held."""
    head, tree = _held_head(replica), CopyTree(replica.source)
    if size >= head.size:
        return ()
    if head.size <= replica.size:
        return (Step(head.size, head.root, tuple(tree.consistency(size, head.size))),)
    tail, steps = bytes(replica.tail), ()
    if size < replica.size:
        proof = tree.consistency(size, replica.size)
        steps = (Step(replica.size, tree.root(replica.size), tuple(proof)),)
    hashes = tuple(tail[at : at + HASH_SIZE] for at in range(0, len(tail), HASH_SIZE))
    return (*steps, Step(head.size, head.root, hashes))


def _forked(
    replica: Replica,
    parcel: EntriesParcel,
    size: int,
    own: bytes,
    other: bytes,
    steps: tuple[Step, ...],
    detail: str = "",
) -> ParcelError:
    """The refusal, with its evidence if that convicts in the eyes of anybody."""
    detail = detail or f"its first {size} entries are not those that were signed before"
    try:
        fork = Fork(
            size,
            (
                Branch(own, _own_steps(replica, size), bytes(replica.checkpoint)),
                Branch(other, steps, bytes(parcel.checkpoint)),
            ),
        )
        verify_fork(fork, copied_log_keys(replica).all)
    except (LedgerError, NoSuchEntry):
        return ParcelError(problems.FORKED, detail)
    return ParcelError(problems.FORKED, detail, fork)
