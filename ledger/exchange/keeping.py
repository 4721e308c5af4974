"""Storing what a parcel brought and proved, and handing it to those who read it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from ledger import receipts, vault
from ledger.core.audit import Taken
from ledger.core.checkpoints import Checkpoint
from ledger.core.envelope import items_aad, wrap_key
from ledger.core.items import pack_places, unpack_places
from ledger.core.leaves import Leaf
from ledger.core.payloads import Payload
from ledger.exchange.erased_copies import erase_copies, erased_among, erasures_in
from ledger.exchange.handing_over import hand_over
from ledger.exchange.opening import Opened
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.registry import VerifiedBatch
from ledger.exchange.storing import insert_entries, insert_items, insert_payloads
from ledger.models import Replica, ReplicaItems

_MOVED = [
    "size", "peaks", "checkpoint", "checkpoint_size", "tail", "received_at", "behind_since",
    "vkey", "handovers", "cover", "cover_tail",
]  # fmt: skip


def keep(
    replica: Replica,
    parcel: EntriesParcel,
    checkpoint: Checkpoint,
    leaves: Sequence[bytes],
    taken: Sequence[Taken],
    opened: Opened,
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
        _keep_note(replica, parcel, checkpoint)
    replica.received_at = known_at
    if checkpoint.size <= replica.size:
        replica.behind_since = None
    elif taken or replica.behind_since is None:
        replica.behind_since = known_at
    replica.save(update_fields=_MOVED)
    _erase(replica, opened, known_at)
    kek = vault.current_kek()
    _store_payloads(replica, opened, kek, known_at)
    shares = _store_items(replica, opened, kek, known_at)
    if taken or opened.payloads or shares:
        told = receipts.taken_in(replica.size, opened.payloads, shares)
        receipts.put(replica.source, told)


def _keep_note(replica: Replica, parcel: EntriesParcel, checkpoint: Checkpoint) -> None:
    """The note that the entries came under; a promise that they do not reach yet is kept beside."""
    tail = b"".join(parcel.consistency)
    if replica.size < replica.checkpoint_size != checkpoint.size:
        replica.cover, replica.cover_tail = parcel.checkpoint, tail
        return
    if replica.size >= replica.checkpoint_size:
        replica.checkpoint, replica.checkpoint_size = parcel.checkpoint, checkpoint.size
    replica.tail, replica.cover, replica.cover_tail = tail, None, b""


def _erase(replica: Replica, opened: Opened, known_at: datetime) -> None:
    """Destroy what the parcel tells of, then drop from it what may not come (again)."""
    told = ((index, leaf, payload) for index, (leaf, _, _, payload) in opened.payloads.items())
    erase_copies(replica, erasures_in(told), known_at)
    erased = erased_among(replica, [*opened.payloads, *(item[0] for item in opened.items)])
    opened.payloads = {i: found for i, found in opened.payloads.items() if i not in erased}
    opened.items = [item for item in opened.items if item[0] not in erased]


def _store_payloads(replica: Replica, opened: Opened, kek: vault.Kek, known_at: datetime) -> None:
    if not opened.payloads:
        return
    found = sorted(opened.payloads.items())
    columns = (
        [index for index, _ in found],
        [ciphertext for _, (_, ciphertext, _, _) in found],
        [wrap_key(kek.key, key, leaf.core.aad()) for _, (leaf, _, key, _) in found],
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


def _store_items(
    replica: Replica, opened: Opened, kek: vault.Kek, known_at: datetime
) -> list[tuple[int, int]]:
    """Answers index and first place of each share that was new."""
    stored: list[tuple[int, int]] = []
    for index, leaf, ciphertext, key, share in opened.items:
        held: set[int] = set()
        rows = ReplicaItems.objects.filter(source=replica.source, index=index)
        for places in rows.values_list("places", flat=True):
            held.update(unpack_places(bytes(places)))
        fresh = [at for at, place in enumerate(share.places) if place not in held]
        if not fresh:
            continue
        wrapped = wrap_key(kek.key, key, items_aad(leaf.core.aad()))
        places = share.places[fresh[0]], pack_places(share.places)
        columns = (index, ciphertext, wrapped, *places)
        insert_items(replica.source, columns, kek.version, known_at)
        stored.append((index, share.places[fresh[0]]))
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
    return stored
