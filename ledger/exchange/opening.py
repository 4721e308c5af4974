"""What a parcel's ciphertexts turn out to hold, opened and compared with what was signed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from uuid import UUID

from ledger import vault
from ledger.core.audit import check_payload
from ledger.core.envelope import items_aad, unseal
from ledger.core.errors import DecryptionError, LedgerError
from ledger.core.items import ItemShare, share_from_bytes
from ledger.core.leaves import Leaf
from ledger.core.payloads import Payload
from ledger.core.sealing import open_by_any
from ledger.exchange import problems
from ledger.exchange.parcels import EntriesParcel, split_keys
from ledger.exchange.problems import ParcelError
from ledger.models import Replica, ReplicaEntry
from ledger.reading import read_leaf


@dataclass
class Opened:
    """What a parcel turned out to hold."""

    payloads: dict[int, tuple[Leaf, bytes, bytes, Payload]] = field(default_factory=dict)
    items: list[tuple[int, Leaf, bytes, bytes, ItemShare]] = field(default_factory=list)


def data_keys(parcel: EntriesParcel, receiver: UUID) -> list[bytes]:
    count = len(parcel.payloads) + len(parcel.items)
    try:
        context = parcel.context(str(receiver))
        return split_keys(open_by_any(vault.parcel_secrets(), parcel.sealed_keys, context), count)
    except LedgerError as error:
        raise ParcelError(problems.BAD_KEYS, str(error)) from error


def open_payload(index: int, leaf: Leaf, ciphertext: bytes, key: bytes) -> Payload:
    return Payload.parse(leaf.open(ciphertext, key))


def _stored_leaves(replica: Replica, indexes: Sequence[int]) -> dict[int, Leaf]:
    rows = ReplicaEntry.objects.filter(source=replica.source, index__in=indexes)
    leaves = rows.values_list("index", "leaf")
    found = {index: read_leaf(index, bytes(leaf)) for index, leaf in leaves}
    if len(found) != len(set(indexes)):
        missing = min(set(indexes) - found.keys())
        raise ParcelError(problems.GAP, f"entry {missing} is not held yet")
    return found


def open_earlier(
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


def open_items(
    replica: Replica,
    parcel: EntriesParcel,
    keys: Sequence[bytes],
    leaves: dict[int, Leaf],
    opened: Opened,
) -> None:
    earlier = [index for index in parcel.item_indexes if index not in leaves]
    leaves = leaves | (_stored_leaves(replica, earlier) if earlier else {})
    for index, ciphertext, key in zip(parcel.item_indexes, parcel.items, keys, strict=True):
        leaf = leaves[index]
        try:
            leaf.check_key(key)
            share = share_from_bytes(unseal(key, ciphertext, items_aad(leaf.core.aad())))
            share.verify(leaf.core.items_root or b"", leaf.core.items_count)
        except (DecryptionError, LedgerError) as error:
            raise ParcelError(problems.BAD_ITEMS, f"entry {index}: {error}") from error
        opened.items.append((index, leaf, ciphertext, key, share))
