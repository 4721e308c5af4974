"""Reads of the phone's room: devices, receipts, photos."""

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from uuid import UUID

from django.db.models import QuerySet

from ledger import selectors as ledger
from ledger.core.envelope import unseal, unwrap_key
from ledger.core.fields import ordered_names
from ledger.core.keys import KeyRole
from ledger.core.leaves import Leaf
from ledger.log_keys import own_handovers, own_log_keys
from ledger.models import Entry, Erasure, Pending, SigningKey
from ledger.models.keys import KeyState
from ledger.reading import read_leaf
from ledger.signed import signed_covering
from ledger.vault import kek_of
from mobile_api.models import Photo
from mobile_api.problems import (
    DeviceOfAnother,
    DevicePending,
    DeviceRevoked,
    DeviceUnknown,
    RecordUnknown,
)
from tenants.problems import NotFound

LEASE = "lease.recorded"
QUOTE = "quote.recorded"
APPLICATION = "application.recorded"
CONTACT = "contact.recorded"


def devices() -> QuerySet[SigningKey]:
    """Phones of this lessor, newest first."""
    return SigningKey.objects.filter(role=KeyRole.DEVICE).order_by("-enrolled_at", "kid")


def devices_to_approve() -> QuerySet[SigningKey]:
    """Phones that wait for a manager."""
    return devices().filter(state=KeyState.PENDING)


def device(kid: str) -> SigningKey:
    """One phone by its key id."""
    found = devices().filter(kid=kid).first()
    if found is None:
        raise NotFound(title="No such phone is enrolled.", mend="Enrol the phone first.")
    return found


def check_device(kid: str, holder: UUID) -> None:
    """Raises a `Problem` that names its state, unless it is an approved phone of this person."""
    key = devices().filter(kid=kid).first()
    if key is None:
        raise DeviceUnknown(params={"kid": kid})
    if key.holder_id != holder:
        raise DeviceOfAnother
    if key.state == KeyState.PENDING:
        raise DevicePending
    if key.state == KeyState.REVOKED:
        raise DeviceRevoked


def log_identity() -> dict[str, object]:
    """The log that this tenant's phones write to, and the key that signs its checkpoints.

    With it the changes of that key: a phone that pinned an earlier one is led to it.
    """
    head = ledger.head()
    if head is None:
        return {"log_id": "", "log_key": "", "log_key_handovers": []}
    latest = ledger.latest_checkpoint()
    key = own_log_keys().at(0 if latest is None else latest.size)
    handovers = own_handovers()
    return {"log_id": head.log_id, "log_key": key.vkey(), "log_key_handovers": handovers}


def entry_of(kind: str, rid: UUID | str, ts: str | None = None) -> Entry | None:
    """The entry that recorded a lease or a quote; by `ts` that of a version of an application."""
    found = ledger.entries(kind=kind, rid=rid)
    return (found.filter(ts=ts) if ts else found).first()


def waiting(kind: str, rid: UUID | str) -> Pending | None:
    """The entry of a record that waits for its place in the log; to be asked before it is there."""
    return ledger.waiting(kind=kind, rid=rid)


def signature_of(entry: Entry | Pending) -> bytes | None:
    """The device's signature inside an entry's leaf; None for a row of a tape."""
    if isinstance(entry, Pending):  # no place yet
        return Leaf.parse(bytes(entry.leaf)).signature
    return read_leaf(entry.index, bytes(entry.leaf)).signature


@dataclass(frozen=True)
class Receipt:
    """All that a phone needs to check by itself that its record is in the log."""

    rid: str
    index: int
    leaf: bytes
    proof: list[bytes]
    checkpoint: str


def receipt(kind: str, rid: UUID | str, ts: str | None = None) -> Receipt | None:
    """The proof of a record's entry, by `ts` of a version's; None while no checkpoint covers it."""
    entry = entry_of(kind, rid, ts)
    if entry is None:
        raise RecordUnknown
    return _receipt_of(entry)


def _receipt_of(entry: Entry) -> Receipt | None:
    checkpoint = signed_covering(entry.index)
    if checkpoint is None:
        return None
    return Receipt(
        rid=str(entry.rid),
        index=entry.index,
        leaf=bytes(entry.leaf),
        proof=ledger.inclusion_proof(entry.index, checkpoint.size),
        checkpoint=ledger.signed_note(checkpoint).decode(),
    )


@dataclass(frozen=True)
class Erased:
    """A record whose content was erased, with the entry that says so: opened, and its proof."""

    rid: str
    told: Receipt
    fields: Mapping[str, str]
    salts: Mapping[str, bytes]


def erased_leases(rids: Collection[UUID], holder: UUID) -> list[Erased]:
    """Those of a person's records that were erased and whose erasure a checkpoint covers."""
    kids = devices().filter(holder_id=holder).values("kid")
    own = Entry.objects.filter(
        kind__in=(LEASE, APPLICATION, QUOTE, CONTACT), rid__in=rids, kid__in=kids
    )
    entries = own.order_by("index")
    of = dict(entries.values_list("index", "rid"))
    found = []
    for erasure in Erasure.objects.filter(index__in=of).order_by("index"):
        told = _receipt_of(ledger.entry(erasure.told_by))
        if told is not None:
            payload = ledger.record(erasure.told_by).payload
            names, salt = ordered_names(payload.fields), payload.salts
            salts = {name: salt[at * 16 : at * 16 + 16] for at, name in enumerate(names)}
            found.append(Erased(str(of[erasure.index]), told, payload.fields, salts))
    return found


def photo_aad(sha256: str) -> bytes:
    """Binds a photo's ciphertext and key to its hash."""
    return f"photo:{sha256}".encode()


def photo(sha256: str) -> tuple[str, bytes]:
    """Media type and bytes of a photo."""
    row = Photo.objects.filter(sha256=sha256).first()
    if row is None:
        raise NotFound(title="There is no such photo.")
    aad = photo_aad(sha256)
    key = unwrap_key(kek_of(row.kek_version).key, bytes(row.wrapped_key), aad)
    return row.media_type, unseal(key, bytes(row.ciphertext), aad)
