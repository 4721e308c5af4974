"""A copy that meets another history: what convicts the log, made and checked on the spot.

An accusation needs two statements that the log's key signed. A parcel that merely does not lead to
its checkpoint is broken, not forked, and is named so.
"""

from collections.abc import Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import replace

from ledger.core.checkpoints import Checkpoint
from ledger.core.errors import LedgerError, ProofError
from ledger.core.fork import Branch, Fork, Step, fork_of_notes, verify_fork
from ledger.core.hashing import leaf_hash
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note, NoteKey, SignatureLine, verify_note
from ledger.core.proofs import verify_consistency
from ledger.core.tree import Frontier
from ledger.exchange import problems
from ledger.exchange.copy_tree import CopyTree, hashes_of, peaks_of
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.problems import ParcelError
from ledger.log_keys import copied_log_keys, told_log_keys
from ledger.models import Replica, ReplicaEntry, WitnessedLog
from ledger.problems import NoSuchEntry


def own_word(note: bytes, keys: Iterable[NoteKey]) -> bytes:
    """A note with the lines of the log's own keys that hold: no other line, whoever wrote it or
    broke it, hides what the log signed.

    Unchanged where there is none. Raises `MalformedError` if it is no note.
    """
    parsed, known = Note.parse(note), tuple(keys)
    lines = tuple(line for line in dict.fromkeys(parsed.lines) if _holds(parsed.text, line, known))
    return Note(parsed.text, lines).to_bytes() if lines else note


def _evidence(note: bytes, keys: LogKeys) -> bytes:
    """`own_word` with the lines of keys that a copy does not reach yet, too.

    Where the log's key changes, both sign: who knows the change goes by the newer one.
    """
    return own_word(note, {*keys.all, *told_log_keys(keys.first.name)})


def _holds(text: str, line: SignatureLine, keys: Sequence[NoteKey]) -> bool:
    if all((key.name, key.id) != (line.name, line.id) for key in keys):
        return False
    try:
        return bool(verify_note(Note(text, (line,)), keys))
    except LedgerError:
        return False


def fork_of_words(keys: LogKeys, held: bytes, shown: bytes) -> Fork | None:
    """Two checkpoints of one size as evidence, if the log signed both and their roots differ."""
    try:
        fork = fork_of_notes(_evidence(held, keys), _evidence(shown, keys))
        first, second = fork.branches
        if first.root != second.root:  # else no signature needs to be looked at
            verify_fork(fork, keys)
            return fork
    except LedgerError:
        return None
    return None


def fork_of_copy(replica: Replica, size: int, root: bytes, note: bytes) -> Fork | None:
    """A checkpoint of `size` ≤ the copy's, with another root than the copy's, as evidence."""
    keys = copied_log_keys(replica)
    try:
        own = CopyTree(replica.source).root(size)
        theirs = Branch(root, (), _evidence(note, keys))
        fork = Fork(size, (_own_branch(replica, size, own), theirs))
        verify_fork(fork, keys)
    except (LedgerError, NoSuchEntry):
        return None
    return fork


def look_for_forks(
    replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint
) -> ParcelError | None:
    """Whatever else is wrong with a parcel, what convicts its log is found before that is judged.

    Hashes alone decide: of entries, of proofs and of what was signed before. Raises `ParcelError`
    with the evidence; answers the first error that convicts nobody.
    """
    if parcel.start <= checkpoint.size < parcel.end:  # what is beyond it, nobody signed
        covered = parcel.leaves[: checkpoint.size - parcel.start]
        parcel = replace(parcel, leaves=covered, consistency=())
    first = None
    for check in (check_base, check_leaves, check_earlier_word):
        try:
            check(replica, parcel, checkpoint)
        except ParcelError as error:
            if error.fork is not None:
                raise
            first = first or error
    return first


def check_leaves(replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint) -> None:
    """Entries that are held must be the same bytes; those beyond must keep what was promised."""
    if not parcel.start <= replica.size:
        return
    held = ReplicaEntry.objects.filter(
        source=replica.source, index__gte=parcel.start, index__lt=parcel.end
    ).order_by("index")
    for place, leaf in enumerate(held.values_list("leaf", flat=True)):
        if bytes(leaf) != parcel.leaves[place]:
            raise refuse_other_entry(replica, parcel, checkpoint, parcel.start + place)
    end, overlay = peaks_of(replica.size, bytes(replica.peaks)), dict[int, bytes]()
    for index, leaf in enumerate(parcel.leaves[end.size - parcel.start :], start=end.size):
        overlay[index] = end.append(leaf_hash(leaf))
    for promised, note in _promises(replica):
        if not replica.size < promised.size <= parcel.end:
            continue
        found = CopyTree(replica.source, overlay).root(promised.size)
        if found != promised.root and _leads_to(end, parcel, checkpoint):
            steps = _through(replica, parcel, checkpoint, promised.size, overlay, end.root())
            ours = Branch(promised.root, (), note)
            raise _forked(replica, parcel, promised.size, ours, Branch(found, steps, b""))


def _promises(replica: Replica) -> Iterator[tuple[Checkpoint, bytes]]:
    """What the log signed beyond what is held of it: in parcels, or over HTTP for our witness."""
    keys = copied_log_keys(replica)
    row = WitnessedLog.objects.filter(origin=replica.origin).first()
    for note in (replica.checkpoint, replica.cover, row and row.note):
        if note is not None:
            word = _evidence(bytes(note), keys)
            with suppress(LedgerError):  # by a key that the copy does not reach yet, or no more
                yield keys.open_reigning(word), word


def _leads_to(end: Frontier, parcel: EntriesParcel, checkpoint: Checkpoint) -> bool:
    try:
        verify_consistency(
            end.size, checkpoint.size, parcel.consistency, end.root(), checkpoint.root
        )
    except ProofError:
        return False
    return True


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
    theirs = Branch(parcel.base_root, _steps((checkpoint, parcel.base_proof), parcel.start), b"")
    if parcel.start <= replica.size:
        own = CopyTree(replica.source).root(parcel.start)
        if own != parcel.base_root:
            ours = _own_branch(replica, parcel.start, own)
            raise _forked(replica, parcel, parcel.start, ours, theirs)
        return
    for promised, note in _promises(replica):
        if promised.size == parcel.start and promised.root != parcel.base_root:
            ours = Branch(promised.root, (), note)
            raise _forked(replica, parcel, parcel.start, ours, theirs)


def check_earlier_word(replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint) -> None:
    """A checkpoint of a size that is held, or that was signed before, is checked at once."""
    theirs = Branch(checkpoint.root, (), b"")
    if 0 < checkpoint.size <= replica.size:
        own = CopyTree(replica.source).root(checkpoint.size)
        if own != checkpoint.root:
            ours = _own_branch(replica, checkpoint.size, own)
            raise _forked(replica, parcel, checkpoint.size, ours, theirs)
    for promised, note in _promises(replica):
        if promised.size == checkpoint.size and promised.root != checkpoint.root:
            ours = Branch(promised.root, (), note)
            raise _forked(replica, parcel, checkpoint.size, ours, theirs)


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
    ours = _own_branch(replica, index + 1, CopyTree(replica.source).root(index + 1))
    return _forked(replica, parcel, index + 1, ours, Branch(other, steps, b""), detail)


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


def _own_branch(replica: Replica, size: int, root: bytes) -> Branch:
    """From `size` to the checkpoint that the entries came under, in the history that is held."""
    keys, tree = copied_log_keys(replica), CopyTree(replica.source)
    covered = replica.cover is not None
    note = _evidence(bytes((replica.cover if covered else replica.checkpoint) or b""), keys)
    head, steps = keys.open(note)[0], ()
    if size >= head.size:
        return Branch(root, (), note)
    if head.size <= replica.size:
        step = Step(head.size, head.root, tuple(tree.consistency(size, head.size)))
        return Branch(root, (step,), note)
    if size < replica.size:
        proof = tree.consistency(size, replica.size)
        steps = (Step(replica.size, tree.root(replica.size), tuple(proof)),)
    tail = bytes(replica.cover_tail if covered else replica.tail)
    step = Step(head.size, head.root, tuple(hashes_of(tail)))
    return Branch(root, (*steps, step), note)


def _forked(
    replica: Replica,
    parcel: EntriesParcel,
    size: int,
    ours: Branch,
    theirs: Branch,
    detail: str = "",
) -> ParcelError:
    """The refusal, with its evidence if that convicts in the eyes of anybody."""
    keys = copied_log_keys(replica)
    detail = detail or f"its first {size} entries are not those that were signed before"
    try:
        fork = Fork(size, (ours, replace(theirs, note=_evidence(parcel.checkpoint, keys))))
        verify_fork(fork, keys)
    except (LedgerError, NoSuchEntry):
        return ParcelError(problems.FORKED, detail)
    return ParcelError(problems.FORKED, detail, fork)
