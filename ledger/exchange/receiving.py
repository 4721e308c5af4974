"""The receiver's half: verify everything, then store it, all of a parcel or nothing."""

import re
from collections.abc import Callable, Sequence
from datetime import datetime
from uuid import UUID

from ledger.core.audit import AuditError, LogAuditor, Taken, tape_of
from ledger.core.checkpoints import Checkpoint
from ledger.core.errors import LedgerError, ProofError
from ledger.core.keyring import KeyRing
from ledger.core.leaves import Leaf
from ledger.core.notes import Note, NoteKey, Verified
from ledger.core.payloads import Payload
from ledger.core.proofs import verify_consistency
from ledger.exchange import problems
from ledger.exchange.copy_tree import peaks_of
from ledger.exchange.forks import look_for_forks, own_word
from ledger.exchange.keeping import keep
from ledger.exchange.key_changes import follow_the_key
from ledger.exchange.opening import Opened, data_keys, open_earlier, open_items, open_payload
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.problems import ParcelError
from ledger.exchange.selectors import key_ring_of
from ledger.log_keys import copied_log_keys
from ledger.models import Replica, ReplicaEntry
from ledger.reading import read_leaf
from tenants.models import PublishedKey

_KIND = re.compile(r"[a-z0-9_.]{1,40}")


def receive_entries(
    *, replica: Replica, parcel: EntriesParcel, receiver: UUID, known_at: datetime
) -> None:
    """Verify and store one parcel under the replica's row lock, then hand it to projectors.

    Raises `ParcelError`; the caller's transaction then stores nothing of it.
    """
    checkpoint, signed, objection = _checkpoint_of(replica, parcel)
    wrong = look_for_forks(replica, parcel, checkpoint)
    if (error := objection or wrong) is not None:
        raise error
    leaves = parcel.leaves[replica.size - parcel.start :]
    keys = data_keys(parcel, receiver)
    sealed = dict(
        zip(parcel.payload_indexes, zip(parcel.payloads, keys, strict=False), strict=True)
    )
    opened = Opened()

    def show(index: int, leaf: Leaf) -> Payload | None:
        if index not in sealed:
            return None
        ciphertext, key = sealed[index]
        payload = open_payload(index, leaf, ciphertext, key)
        opened.payloads[index] = (leaf, ciphertext, key, payload)
        return payload

    taken: list[Taken] = []
    if leaves:
        taken, ring = _walk(replica, leaves, show)
        follow_the_key(replica, parcel, checkpoint, signed, ring)
    if parcel.leaves and parcel.end == replica.size:
        _check_root(replica, parcel, checkpoint)
    by_index = {item.index: item.leaf for item in taken}
    open_earlier(replica, [index for index in sealed if index not in by_index], show)
    open_items(replica, parcel, keys[len(parcel.payloads) :], by_index, opened)
    keep(replica, parcel, checkpoint, leaves, taken, opened, known_at)


def _checkpoint_of(
    replica: Replica, parcel: EntriesParcel
) -> tuple[Checkpoint, tuple[Verified, ...], ParcelError | None]:
    """What the log signed, each line below it, and why the parcel is not taken all the same."""
    keys, stranger = copied_log_keys(replica), None
    if parcel.origin != replica.origin:
        detail = f"the parcel is of the log {parcel.origin!r}"
        stranger = ParcelError(problems.UNKNOWN_LOG, detail)
    try:
        checkpoint, verified = keys.open(own_word(parcel.checkpoint, keys.all))
    except LedgerError as error:
        raise stranger or ParcelError(problems.BAD_CHECKPOINT, str(error)) from error
    if stranger is not None:
        return checkpoint, verified, stranger
    try:
        _, verified = keys.open(parcel.checkpoint, _published_keys(replica))
        lines = Note.parse(parcel.checkpoint).lines
    except LedgerError as error:
        return checkpoint, verified, ParcelError(problems.BAD_CHECKPOINT, str(error))
    detail = ""
    if len(verified) != len(lines):  # it is kept as it came: nothing in it goes unchecked
        detail = "somebody unknown signed the checkpoint too"
    elif checkpoint.size < parcel.end:
        detail = "the checkpoint does not cover the parcel"
    if detail:
        return checkpoint, verified, ParcelError(problems.BAD_CHECKPOINT, detail)
    if parcel.start > replica.size:
        detail = f"entries {replica.size} to {parcel.start - 1} are missing before it"
        return checkpoint, verified, ParcelError(problems.GAP, detail)
    return checkpoint, verified, None


def _published_keys(replica: Replica) -> list[NoteKey]:
    """Whose lines may stand under a checkpoint: the log's keys, and institutions' cosigners."""
    own = PublishedKey.objects.filter(
        tenant=replica.source,
        purpose__in=(PublishedKey.LOG, PublishedKey.LOG_MLDSA),
        key__startswith=f"{replica.origin}+",
    )
    cosigners = PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER)
    return [NoteKey.parse(text) for text in (own | cosigners).values_list("key", flat=True)]


def _auditor(replica: Replica) -> LogAuditor:
    frontier = peaks_of(replica.size, bytes(replica.peaks))
    entries = ReplicaEntry.objects.filter(source=replica.source, kind="tape.imported")
    tapes = {}
    for index, leaf in entries.values_list("index", "leaf"):
        parsed = read_leaf(index, bytes(leaf))
        if (tape := tape_of(parsed)) is not None:
            tapes[parsed.core.rid] = tape
    return LogAuditor(replica.log_id, frontier, key_ring_of(replica), tapes)


def _walk(
    replica: Replica, leaves: Sequence[bytes], show: Callable[[int, Leaf], Payload | None]
) -> tuple[list[Taken], KeyRing]:
    auditor, taken = _auditor(replica), list[Taken]()
    for data in leaves:
        index = auditor.frontier.size
        try:
            taken.append(auditor.take(data, lambda leaf, index=index: show(index, leaf)))
        except AuditError as error:
            payload = error.part == "fields_root"
            code = problems.BAD_PAYLOAD if payload else problems.BAD_ENTRY
            raise ParcelError(code, str(error)) from error
        kind = taken[-1].leaf.core.kind
        if not _KIND.fullmatch(kind):
            raise ParcelError(problems.BAD_ENTRY, f"entry {index}: {kind[:60]!r} is no kind")
    replica.size = auditor.frontier.size
    replica.peaks = b"".join(auditor.frontier.peaks)
    return taken, auditor.keys


def _check_root(replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint) -> None:
    root = peaks_of(replica.size, bytes(replica.peaks)).root()
    try:
        verify_consistency(replica.size, checkpoint.size, parcel.consistency, root, checkpoint.root)
    except ProofError as error:
        detail = f"its entries do not lead to the root that was signed: {error}"
        raise ParcelError(problems.BAD_PROOF, detail) from error
