"""Reads of the copies that this tenant keeps of others' logs."""

from collections.abc import Iterable
from uuid import UUID

from django.db.models import QuerySet

from ledger import vault
from ledger.core.envelope import items_aad, unseal, unwrap_key
from ledger.core.errors import LedgerError
from ledger.core.items import ItemShare, share_from_bytes
from ledger.core.keyring import KINDS, KeyRing
from ledger.core.payloads import Payload
from ledger.core.tlog_proof import TlogProof
from ledger.exchange import problems
from ledger.exchange.copy_tree import CopyTree
from ledger.log_keys import copied_log_keys
from ledger.models import (
    ErasureAnswer,
    Outbox,
    Refusal,
    Replica,
    ReplicaEntry,
    ReplicaItems,
    ReplicaPayload,
    Restoration,
)
from ledger.problems import NoSuchEntry, PayloadErased, PayloadUnreadable
from ledger.reading import read_leaf
from tenants.context import current_tenant
from tenants.models import Relationship


def replicas() -> QuerySet[Replica]:
    """Every copy this tenant keeps."""
    return Replica.objects.order_by("origin")


def is_shown_logs() -> bool:
    """Whether any institution sends its log here."""
    return Relationship.objects.filter(receiver=current_tenant(), is_active=True).exists()


def refusals(*, other: UUID | None = None) -> QuerySet[Refusal]:
    """Refused parcels, newest first."""
    found = Refusal.objects.order_by("-pk")
    return found if other is None else found.filter(other=other)


def told_refusals(outbox: Outbox) -> QuerySet[Refusal]:
    """Refusals of our log that a counterparty told and that stand open, as it counts them."""
    if outbox.refused_since is None:
        return Refusal.objects.none()
    told = refusals(other=outbox.to_tenant).filter(by_us=False, at__gte=outbox.refused_since)
    found = told.exclude(code__in=problems.STANDSTILLS)
    return found if found.exists() else told


def last_refusal(outbox: Outbox) -> Refusal | None:
    """Why a counterparty does not take our log, told last; that it stands still says no why."""
    told = refusals(other=outbox.to_tenant).filter(by_us=False)
    since = told.filter(at__gte=outbox.refused_since) if outbox.refused_since else told.none()
    return since.exclude(code__in=problems.STANDSTILLS).first() or told.first()


def answers_to(index: int) -> dict[UUID, ErasureAnswer]:
    """What counterparties answered to the erasure of an entry's content."""
    return {row.to_tenant: row for row in ErasureAnswer.objects.filter(index=index)}


def replica_entries(source: UUID) -> QuerySet[ReplicaEntry]:
    """Entries of a copy, in order."""
    return ReplicaEntry.objects.filter(source=source).order_by("index")


def _plain(sealed, aad: bytes, keks: dict[int, bytes]) -> bytes:
    if sealed.erased_at is not None:
        raise PayloadErased
    version = sealed.kek_version
    if version not in keks:
        keks[version] = vault.kek_of(version).key
    try:
        key = unwrap_key(keks[version], bytes(sealed.wrapped_key), aad)
        return unseal(key, bytes(sealed.ciphertext), aad)
    except LedgerError as error:
        raise PayloadUnreadable(
            detail="The copy of entry %(index)s does not open.", params={"index": sealed.index}
        ) from error


def replica_payloads(source: UUID, indexes: Iterable[int]) -> dict[int, Payload]:
    """Decrypted payloads by index, with their salts; those not shared or erased are left out."""
    wanted = list(indexes)
    rows = ReplicaPayload.objects.filter(source=source, index__in=wanted, erased_at=None)
    leaves = ReplicaEntry.objects.filter(source=source, index__in=wanted)
    held = {index: bytes(leaf) for index, leaf in leaves.values_list("index", "leaf")}
    keks: dict[int, bytes] = {}
    return {
        row.index: Payload.parse(
            _plain(row, read_leaf(row.index, held[row.index]).core.aad(), keks)
        )
        for row in rows.order_by("index")
    }


def replica_shares(source: UUID, index: int) -> list[ItemShare]:
    """What was shared of a batch in a copy, in the order in which it came; erased ones left out."""
    entry = ReplicaEntry.objects.filter(source=source, index=index).first()
    if entry is None:
        raise NoSuchEntry(detail="The copy has no entry %(index)s.", params={"index": index})
    aad = items_aad(read_leaf(index, bytes(entry.leaf)).core.aad())
    keks: dict[int, bytes] = {}
    rows = ReplicaItems.objects.filter(source=source, index=index, erased_at=None)
    return [share_from_bytes(_plain(row, aad, keks)) for row in rows.order_by("pk")]


def replica_items(source: UUID, index: int) -> dict[str, list[str]]:
    """All shared items of a batch in a copy, as columns, each item once."""
    columns: dict[str, list[str]] = {}
    seen: set[int] = set()
    for share in replica_shares(source, index):
        fresh = [at for at, place in enumerate(share.places) if place not in seen]
        seen.update(share.places)
        for name, values in share.items.columns.items():
            columns.setdefault(name, []).extend(values[at] for at in fresh)
    return columns


def key_ring_of(replica: Replica) -> KeyRing:
    """The keys of a copied log, learnt again from its own entries."""
    ring = KeyRing(log_key=copied_log_keys(replica).first)
    entries = replica_entries(replica.source).filter(kind__in=KINDS).order_by()
    kinds = dict(entries.values_list("index", "kind"))
    for index, payload in replica_payloads(replica.source, kinds).items():
        ring.learn(index, kinds[index], payload.fields)
    return ring


def handovers_of(replica: Replica) -> list[dict[str, str]]:
    """The changes of a copied log's key, as its entries tell them, with their index."""
    told = replica_payloads(replica.source, [change["index"] for change in replica.handovers])
    return [{**payload.fields, "index": str(index)} for index, payload in told.items()]


def replica_inclusion_proof(source: UUID, index: int, size: int) -> list[bytes]:
    """Inclusion proof from the copy's own nodes."""
    return CopyTree(source).inclusion(index, size)


def replica_proof_file(source: UUID, index: int) -> bytes | None:
    """The `.tlog-proof` of an entry of a copy; None while no complete checkpoint covers it."""
    replica = Replica.objects.get(source=source)
    if not replica_entries(source).filter(index=index).exists():
        raise NoSuchEntry(detail="The copy has no entry %(index)s.", params={"index": index})
    if not index < replica.checkpoint_size <= replica.size:
        return None
    hashes = tuple(replica_inclusion_proof(source, index, replica.checkpoint_size))
    return TlogProof(index, hashes, bytes(replica.checkpoint)).to_bytes()


def restored_entries() -> int:
    """How many entries of this log came back from a copy: when they were received is not known."""
    taken = Restoration.objects.filter(by_us=True, state=Restoration.State.TAKEN)
    return taken.order_by("-pk").values_list("entries", flat=True).first() or 0
