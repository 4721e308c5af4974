"""A copy that meets another history: what convicts the log, made and checked on the spot.

An accusation needs two statements that the log's key signed. A parcel that merely does not lead to
its checkpoint is broken, not forked, and is named so.
"""

from collections.abc import Sequence

from ledger.core.checkpoints import Checkpoint
from ledger.core.errors import LedgerError, ProofError
from ledger.core.fork import Branch, Fork, Step, fork_of_notes, verify_fork
from ledger.core.hashing import HASH_SIZE, leaf_hash
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note
from ledger.core.proofs import verify_consistency
from ledger.exchange import problems
from ledger.exchange.copy_tree import CopyTree, peaks_of
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.problems import ParcelError
from ledger.log_keys import copied_log_keys
from ledger.models import Replica, ReplicaEntry
from ledger.problems import NoSuchEntry


def own_word(note: bytes, keys: LogKeys) -> bytes:
    """A note with the lines of the log's own keys alone: what others wrote below convicts nobody.

    Unchanged where there is none. Raises `MalformedError` if it is no note.
    """
    parsed = Note.parse(note)
    known = {(key.name, key.id) for key in keys.all}
    lines = tuple(dict.fromkeys(one for one in parsed.lines if (one.name, one.id) in known))
    return Note(parsed.text, lines).to_bytes() if lines else note


def fork_of_words(keys: LogKeys, held: bytes, shown: bytes) -> Fork | None:
    """Two checkpoints of one size as evidence, if the log signed both and their roots differ."""
    try:
        fork = fork_of_notes(own_word(held, keys), own_word(shown, keys))
        first, second = fork.branches
        if first.root != second.root:  # else no signature needs to be looked at
            verify_fork(fork, keys.all)
            return fork
    except LedgerError:
        return None
    return None


def fork_of_copy(replica: Replica, size: int, root: bytes, note: bytes) -> Fork | None:
    """A checkpoint of `size` ≤ the copy's, with another root than the copy's, as evidence."""
    keys = copied_log_keys(replica)
    try:
        own = CopyTree(replica.source).root(size)
        held = Branch(own, _own_steps(replica, size), bytes(replica.checkpoint))
        fork = Fork(size, (held, Branch(root, (), own_word(note, keys))))
        verify_fork(fork, keys.all)
    except (LedgerError, NoSuchEntry):
        return None
    return fork


def check_what_is_refused(replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint) -> None:
    """A parcel that is refused anyway convicts its log all the same, where it can.

    Raises `ParcelError` with the evidence.
    """
    if parcel.start <= replica.size and parcel.end <= checkpoint.size:
        try:
            check_base(replica, parcel, checkpoint)
            fresh_leaves(replica, parcel, checkpoint)
        except ParcelError as error:
            if error.fork is not None:
                raise
    check_earlier_word(replica, parcel, checkpoint)


def fresh_leaves(
    replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint
) -> Sequence[bytes]:
    """The parcel's leaves beyond the copy; those held already must be the same bytes."""
    known = replica.size - parcel.start
    held = ReplicaEntry.objects.filter(
        source=replica.source, index__gte=parcel.start, index__lt=parcel.end
    ).order_by("index")
    for place, leaf in enumerate(held.values_list("leaf", flat=True)):
        if bytes(leaf) != parcel.leaves[place]:
            raise refuse_other_entry(replica, parcel, checkpoint, parcel.start + place)
    return parcel.leaves[known:]


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
    keys = copied_log_keys(replica)
    detail = detail or f"its first {size} entries are not those that were signed before"
    try:
        fork = Fork(
            size,
            (
                Branch(own, _own_steps(replica, size), bytes(replica.checkpoint)),
                Branch(other, steps, own_word(parcel.checkpoint, keys)),
            ),
        )
        verify_fork(fork, keys.all)
    except (LedgerError, NoSuchEntry):
        return ParcelError(problems.FORKED, detail)
    return ParcelError(problems.FORKED, detail, fork)
