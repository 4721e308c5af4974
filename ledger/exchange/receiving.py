"""The receiver's half: verify everything, then store it, all of a parcel or nothing."""

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

from ledger import vault
from ledger.core.audit import AuditError, LogAuditor, Taken, check_payload, tape_of
from ledger.core.checkpoints import Checkpoint
from ledger.core.envelope import items_aad, record_aad, unseal, wrap_key
from ledger.core.errors import DecryptionError, LedgerError, ProofError
from ledger.core.items import ItemShare, pack_places, share_from_bytes, unpack_places
from ledger.core.keyring import KeyRing
from ledger.core.leaves import Leaf
from ledger.core.notes import Note, NoteKey, Verified
from ledger.core.payloads import Payload
from ledger.core.proofs import verify_consistency
from ledger.core.sealing import open_by_any
from ledger.exchange import problems
from ledger.exchange.copy_tree import peaks_of
from ledger.exchange.erased_copies import erase_copies, erased_among, erasures_in
from ledger.exchange.forks import (
    check_base,
    check_earlier_word,
    check_promise,
    refuse_other_entry,
)
from ledger.exchange.handing_over import hand_over
from ledger.exchange.key_changes import follow_the_key
from ledger.exchange.parcels import EntriesParcel, split_keys
from ledger.exchange.problems import ParcelError
from ledger.exchange.registry import VerifiedBatch
from ledger.exchange.selectors import key_ring_of
from ledger.exchange.storing import insert_entries, insert_items, insert_payloads
from ledger.log_keys import copied_log_keys
from ledger.models import Replica, ReplicaEntry, ReplicaItems
from ledger.reading import read_leaf
from tenants.models import PublishedKey

_KIND = re.compile(r"[a-z0-9_.]{1,40}")
_MOVED = [
    "size", "peaks", "checkpoint", "checkpoint_size", "tail", "received_at", "behind_since",
    "vkey", "handovers",
]  # fmt: skip


@dataclass
class _Opened:
    """What a parcel turned out to hold."""

    payloads: dict[int, tuple[Leaf, bytes, bytes, Payload]] = field(default_factory=dict)
    items: list[tuple[int, Leaf, bytes, bytes, ItemShare]] = field(default_factory=list)


def receive_entries(
    *, replica: Replica, parcel: EntriesParcel, receiver: UUID, known_at: datetime
) -> None:
    """Verify and store one parcel under the replica's row lock, then hand it to projectors.

    Raises `ParcelError`; the caller's transaction then stores nothing of it.
    """
    checkpoint, signed = _checkpoint_of(replica, parcel)
    if parcel.start > replica.size:
        detail = f"entries {replica.size} to {parcel.start - 1} are missing before it"
        raise ParcelError(problems.GAP, detail)
    check_base(replica, parcel, checkpoint)
    leaves = _fresh_leaves(replica, parcel, checkpoint)
    check_earlier_word(replica, parcel, checkpoint)
    keys = _data_keys(parcel, receiver)
    sealed = dict(
        zip(parcel.payload_indexes, zip(parcel.payloads, keys, strict=False), strict=True)
    )
    opened = _Opened()

    def show(index: int, leaf: Leaf) -> Payload | None:
        if index not in sealed:
            return None
        ciphertext, key = sealed[index]
        payload = _open_payload(index, leaf, ciphertext, key)
        opened.payloads[index] = (leaf, ciphertext, key, payload)
        return payload

    before, taken = replica.size, []
    if leaves:
        taken, ring = _walk(replica, leaves, show)
        follow_the_key(replica, parcel, checkpoint, signed, ring)
    if parcel.leaves and parcel.end == replica.size:
        _check_root(replica, parcel, checkpoint)
    overlay = {item.index: item.nodes for item in taken}
    check_promise(replica, parcel, checkpoint, before, overlay)
    by_index = {item.index: item.leaf for item in taken}
    _open_earlier(replica, [index for index in sealed if index not in by_index], show)
    _open_items(replica, parcel, keys[len(parcel.payloads) :], by_index, opened)
    _store(replica, parcel, checkpoint, leaves, taken, opened, known_at)


def _checkpoint_of(
    replica: Replica, parcel: EntriesParcel
) -> tuple[Checkpoint, tuple[Verified, ...]]:
    if parcel.origin != replica.origin:
        raise ParcelError(problems.UNKNOWN_LOG, f"the parcel is of the log {parcel.origin!r}")
    try:
        keys, others = copied_log_keys(replica), _published_keys(replica)
        checkpoint, verified = keys.open(parcel.checkpoint, others)
        lines = Note.parse(parcel.checkpoint).lines
    except LedgerError as error:
        raise ParcelError(problems.BAD_CHECKPOINT, str(error)) from error
    if len(verified) != len(lines):  # it is kept as it came: nothing in it goes unchecked
        raise ParcelError(problems.BAD_CHECKPOINT, "somebody unknown signed the checkpoint too")
    if checkpoint.size < parcel.end:
        raise ParcelError(problems.BAD_CHECKPOINT, "the checkpoint does not cover the parcel")
    return checkpoint, verified


def _published_keys(replica: Replica) -> list[NoteKey]:
    """Whose lines may stand under a checkpoint: the log's keys, and institutions' cosigners."""
    own = PublishedKey.objects.filter(
        tenant=replica.source,
        purpose__in=(PublishedKey.LOG, PublishedKey.LOG_MLDSA),
        key__startswith=f"{replica.origin}+",
    )
    cosigners = PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER)
    return [NoteKey.parse(text) for text in (own | cosigners).values_list("key", flat=True)]


def _data_keys(parcel: EntriesParcel, receiver: UUID) -> list[bytes]:
    count = len(parcel.payloads) + len(parcel.items)
    try:
        context = parcel.context(str(receiver))
        return split_keys(open_by_any(vault.parcel_secrets(), parcel.sealed_keys, context), count)
    except LedgerError as error:
        raise ParcelError(problems.BAD_KEYS, str(error)) from error


def _fresh_leaves(
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


def _open_payload(index: int, leaf: Leaf, ciphertext: bytes, key: bytes) -> Payload:
    if sha256(ciphertext).digest() != leaf.ct_sha256:
        raise ProofError("the ciphertext is not the one that was signed")
    return Payload.parse(unseal(key, ciphertext, _aad(leaf)))


def _aad(leaf: Leaf) -> bytes:
    core = leaf.core
    return record_aad(log_id=core.log_id, rid=core.rid, version=core.ts, kind=core.kind)


def _stored_leaves(replica: Replica, indexes: Sequence[int]) -> dict[int, Leaf]:
    rows = ReplicaEntry.objects.filter(source=replica.source, index__in=indexes)
    leaves = rows.values_list("index", "leaf")
    found = {index: read_leaf(index, bytes(leaf)) for index, leaf in leaves}
    if len(found) != len(set(indexes)):
        missing = min(set(indexes) - found.keys())
        raise ParcelError(problems.GAP, f"entry {missing} is not held yet")
    return found


def _open_earlier(
    replica: Replica, indexes: Sequence[int], show: Callable[[int, Leaf], Payload | None]
) -> None:
    """Payloads of entries that came with an earlier parcel."""
    if not indexes:
        return
    for index, leaf in _stored_leaves(replica, indexes).items():
        try:
            payload = show(index, leaf)
            if payload is not None:
                check_payload(leaf, payload)
        except LedgerError as error:
            raise ParcelError(problems.BAD_PAYLOAD, f"entry {index}: {error}") from error


def _open_items(
    replica: Replica,
    parcel: EntriesParcel,
    keys: Sequence[bytes],
    leaves: dict[int, Leaf],
    opened: _Opened,
) -> None:
    earlier = [index for index in parcel.item_indexes if index not in leaves]
    leaves = leaves | (_stored_leaves(replica, earlier) if earlier else {})
    for index, ciphertext, key in zip(parcel.item_indexes, parcel.items, keys, strict=True):
        leaf = leaves[index]
        try:
            share = share_from_bytes(unseal(key, ciphertext, items_aad(_aad(leaf))))
            share.verify(leaf.core.items_root or b"", leaf.core.items_count)
        except (DecryptionError, LedgerError) as error:
            raise ParcelError(problems.BAD_ITEMS, f"entry {index}: {error}") from error
        opened.items.append((index, leaf, ciphertext, key, share))


def _store(
    replica: Replica,
    parcel: EntriesParcel,
    checkpoint: Checkpoint,
    leaves: Sequence[bytes],
    taken: Sequence[Taken],
    opened: _Opened,
    known_at: datetime,
) -> None:
    if taken:
        columns = (
            [item.index for item in taken],
            [item.leaf.core.kind for item in taken],
            [UUID(item.leaf.core.rid) for item in taken],
            list(leaves),
            [item.nodes for item in taken],
        )
        insert_entries(replica.source, columns, known_at)
        if replica.size >= replica.checkpoint_size:
            replica.checkpoint, replica.checkpoint_size = parcel.checkpoint, checkpoint.size
            replica.tail = b"".join(parcel.consistency)
    replica.received_at = known_at
    if checkpoint.size <= replica.size:
        replica.behind_since = None
    elif taken or replica.behind_since is None:
        replica.behind_since = known_at
    replica.save(update_fields=_MOVED)
    _erase(replica, opened, known_at)
    kek = vault.current_kek()
    _store_payloads(replica, opened, kek, known_at)
    _store_items(replica, opened, kek, known_at)


def _erase(replica: Replica, opened: _Opened, known_at: datetime) -> None:
    """Destroy what the parcel tells of, then drop from it what may not come (again)."""
    told = ((index, leaf, payload) for index, (leaf, _, _, payload) in opened.payloads.items())
    erase_copies(replica, erasures_in(told), known_at)
    erased = erased_among(replica, [*opened.payloads, *(item[0] for item in opened.items)])
    opened.payloads = {i: found for i, found in opened.payloads.items() if i not in erased}
    opened.items = [item for item in opened.items if item[0] not in erased]


def _store_payloads(replica: Replica, opened: _Opened, kek: vault.Kek, known_at: datetime) -> None:
    if not opened.payloads:
        return
    found = sorted(opened.payloads.items())
    columns = (
        [index for index, _ in found],
        [ciphertext for _, (_, ciphertext, _, _) in found],
        [wrap_key(kek.key, key, _aad(leaf)) for _, (leaf, _, key, _) in found],
    )
    fresh = insert_payloads(replica.source, columns, kek.version, known_at)
    by_kind: dict[str, list[tuple[int, Leaf, Payload]]] = {}
    for index, (leaf, _, _, payload) in found:
        if index in fresh:
            by_kind.setdefault(leaf.core.kind, []).append((index, leaf, payload))
    # in one order whatever the parcel's: a yes locks pools, a no also writes (pools/deals/pledging)
    for kind, records in sorted(by_kind.items()):
        hand_over(
            VerifiedBatch(
                source=replica.source,
                kind=kind,
                known_at=known_at,
                indexes=[index for index, _, _ in records],
                rids=[leaf.core.rid for _, leaf, _ in records],
                stamps=[leaf.core.ts for _, leaf, _ in records],
                fields=[payload.fields for _, _, payload in records],
            )
        )


def _store_items(replica: Replica, opened: _Opened, kek: vault.Kek, known_at: datetime) -> None:
    for index, leaf, ciphertext, key, share in opened.items:
        held: set[int] = set()
        rows = ReplicaItems.objects.filter(source=replica.source, index=index)
        for places in rows.values_list("places", flat=True):
            held.update(unpack_places(bytes(places)))
        fresh = [at for at, place in enumerate(share.places) if place not in held]
        if not fresh:
            continue
        wrapped = wrap_key(kek.key, key, items_aad(_aad(leaf)))
        places = share.places[fresh[0]], pack_places(share.places)
        columns = (index, ciphertext, wrapped, *places)
        insert_items(replica.source, columns, kek.version, known_at)
        items = share.items if len(fresh) == len(share.places) else share.items.take(fresh)
        hand_over(
            VerifiedBatch(
                source=replica.source,
                kind=leaf.core.kind,
                known_at=known_at,
                indexes=[index],
                rids=[leaf.core.rid],
                stamps=[leaf.core.ts],
                fields=[],
                items=items.columns,
            )
        )
