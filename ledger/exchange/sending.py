"""The sender's half: reads its own log and leaves parcels in the mailbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from hashlib import sha256
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Length

from ledger.core.encoding import unb64
from ledger.core.envelope import items_aad, seal_record
from ledger.core.erasures import SHOWN
from ledger.core.items import places_of, share_from_bytes, share_items, share_to_bytes
from ledger.core.notes import MAX_SIGNATURES, Note, SignatureLine
from ledger.core.sealing import seal_to
from ledger.drafts import instant
from ledger.exchange.mailbox import leave_parcel, read_payloads
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.registry import Entitlement, entitlement_of
from ledger.log_keys import own_turns
from ledger.models import Checkpoint, Cosignature, Entry, Items, Outbox, Payload, ServedRecord
from ledger.problems import NotReady
from ledger.reading import is_record
from ledger.selectors import Opener, consistency_proof, opener, root_at
from ledger.services import seal_checkpoint
from tenants.context import current_tenant
from tenants.models import Parcel, PublishedKey, Tenant

CHUNK_ENTRIES = 5_000
CHUNK_BYTES = 1 << 25  # leaves and payloads of one parcel, far below what a receiver refuses
CHUNK_BATCHES = 4  # batches with items in one parcel: some megabytes each
SIGN_OF_LIFE = timedelta(days=1)
EVERYTHING = UUID(int=0)  # stands in ServedRecord for "all of it"


@dataclass(frozen=True)
class Sent:
    """What one call left in the mailbox."""

    parcels: int
    size: int


@dataclass
class _Sender:
    """One relationship, for one call."""

    receiver: Tenant
    receiver_key: bytes
    origin: str
    entitled: Entitlement
    checkpoint: Checkpoint
    opening: Opener

    def after(self, cursor: int) -> "_Sender":
        """The same with the checkpoint that a receiver of `cursor` entries can check.

        Where the log's key changes beyond, that is the one in which it does, signed by both keys.
        """
        for turn in own_turns(self.checkpoint.size):
            if turn >= cursor:
                return replace(self, checkpoint=Checkpoint.objects.get(size=turn + 1))
        return self

    def may_read(self, row: Entry) -> bool:
        """Whether the receiver gets this entry's payload: keys and erasures, or by entitlement."""
        return row.kind in SHOWN or self.entitled.covers(row.kind, str(row.rid))


def send_parcels(*, to_tenant: Tenant, at: datetime | str) -> Sent:
    """Send what `to_tenant` does not have yet, after sealing a checkpoint.

    Every parcel moves the cursor in its own transaction, so a broken run is taken up where it
    stopped. Call outside of a transaction. Raises `NotReady` if the receiver has no parcel key.
    """
    checkpoint = seal_checkpoint(at=at)
    key = PublishedKey.objects.filter(tenant=to_tenant, purpose=PublishedKey.PARCELS)
    published = key.order_by("-created_at").first()
    if published is None:
        raise NotReady
    opening = opener()
    sender = _Sender(
        receiver=to_tenant,
        receiver_key=unb64(published.key, 32),
        origin=bytes(checkpoint.note).decode().partition("\n")[0],
        entitled=entitlement_of(to_tenant.pk),
        checkpoint=checkpoint,
        opening=opening,
    )
    count = _send_backlog(sender, at)
    while _send_next(sender, at):
        count += 1
    if not count:
        count = _send_sign_of_life(sender, at)
    if count:
        _wake(to_tenant)
    return Sent(count, checkpoint.size)


def _wake(receiver: Tenant) -> None:
    from ledger.exchange.tasks import wake

    wake(receiver, current_tenant().pk)


def _outbox(sender: _Sender) -> Outbox:
    Outbox.objects.get_or_create(to_tenant=sender.receiver.pk)
    return Outbox.objects.select_for_update().get(to_tenant=sender.receiver.pk)


@transaction.atomic
def _send_next(sender: _Sender, at: datetime | str) -> bool:
    """One parcel of the entries after the cursor; False when there are none."""
    outbox = _outbox(sender)
    sender = sender.after(outbox.cursor)
    start, size = outbox.cursor, sender.checkpoint.size
    if start >= size:
        return False
    end = min(start + CHUNK_ENTRIES, size)
    batches = Items.objects.filter(index__gte=start, index__lt=end).order_by("index")
    beyond = list(batches.values_list("index", flat=True)[: CHUNK_BATCHES + 1])
    if len(beyond) > CHUNK_BATCHES:
        end = beyond[-1]
    end = _bounded(start, end)
    rows = list(Entry.objects.filter(index__gte=start, index__lt=end).order_by("index"))
    records = [row for row in rows if is_record(bytes(row.leaf))]  # the receiver names the others
    _post(sender, start, rows, [row for row in records if sender.may_read(row)], records)
    outbox.cursor, outbox.sent_at = end, instant(at)
    outbox.save(update_fields=["cursor", "sent_at"])
    return True


def _bounded(start: int, end: int) -> int:
    """An end so near that leaves and payloads together stay below `CHUNK_BYTES`."""
    between = {"index__gte": start, "index__lt": end}
    leaves = Entry.objects.filter(**between).annotate(length=Length("leaf"))
    payloads = Payload.objects.filter(**between, erased_at=None, ciphertext__isnull=False).annotate(
        length=Length("ciphertext")
    )
    sealed = dict(payloads.values_list("index", "length"))
    total = 0
    for index, length in leaves.order_by("index").values_list("index", "length"):
        total += length + sealed.get(index, 0)
        if total > CHUNK_BYTES and index > start:
            return index
    return end


def is_sign_of_life_due(outbox: Outbox, now: datetime) -> bool:
    """Whether a log that has nothing new should say that it lives."""
    return outbox.sent_at is not None and now - outbox.sent_at >= SIGN_OF_LIFE


@transaction.atomic
def _send_sign_of_life(sender: _Sender, at: datetime | str) -> int:
    """An empty parcel with the latest checkpoint, once a day, where nothing else is sent."""
    outbox = _outbox(sender)
    if not is_sign_of_life_due(outbox, instant(at)):
        return 0
    outbox.sent_at = instant(at)
    outbox.save(update_fields=["sent_at"])
    return _post(sender.after(outbox.cursor), outbox.cursor, [], [], [], even_empty=True)


@transaction.atomic
def _send_backlog(sender: _Sender, at: datetime | str) -> int:
    """Payloads and items of entries sent earlier that the receiver is newly entitled to."""
    outbox = _outbox(sender)
    fresh = _newly_entitled(sender)
    if not fresh:
        return 0
    ServedRecord.objects.bulk_create(
        [ServedRecord(to_tenant=sender.receiver.pk, rid=rid) for rid in fresh], batch_size=5_000
    )
    if outbox.cursor == 0:
        return 0
    everything = EVERYTHING in fresh
    entitled = Entitlement(rids=frozenset(map(str, fresh)), everything=everything)
    backlog = replace(sender.after(outbox.cursor), entitled=entitled)
    earlier = Entry.objects.filter(index__lt=outbox.cursor).order_by("index").defer("leaf", "nodes")
    records = earlier.exclude(kind__in=[*SHOWN, *sender.entitled.kinds])
    if not everything:
        records = records.filter(rid__in=fresh)
    with_items = earlier.filter(index__in=Items.objects.values("index"))
    count = 0
    for rows in _chunks(list(records), CHUNK_ENTRIES):
        count += _post(backlog, outbox.cursor, [], rows, [])
    for rows in _chunks(list(with_items), CHUNK_BATCHES):
        count += _post(backlog, outbox.cursor, [], [], rows)
    return count


def _newly_entitled(sender: _Sender) -> set[UUID]:
    served = ServedRecord.objects.filter(to_tenant=sender.receiver.pk)
    had = set(served.values_list("rid", flat=True))
    if EVERYTHING in had:
        return set()
    wanted = {EVERYTHING} if sender.entitled.everything else set(map(UUID, sender.entitled.rids))
    return wanted - had


def _chunks(rows: Sequence[Entry], size: int) -> Iterable[Sequence[Entry]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))


def _note_of(checkpoint: Checkpoint) -> bytes:
    """The signed checkpoint with the cosignatures of institutions.

    The receiver checks every line by the platform's directory; it could not check others'.
    """
    note = Note.parse(bytes(checkpoint.note))
    published = PublishedKey.objects.filter(purpose=PublishedKey.COSIGNER).values("key")
    cosigned = Cosignature.objects.filter(size=checkpoint.size, vkey__in=published)
    texts = cosigned.order_by("cosigner", "vkey").values_list("line", flat=True)
    lines = (*note.lines, *map(SignatureLine.parse, texts))
    return Note(note.text, lines[:MAX_SIGNATURES]).to_bytes()


def _post(
    sender: _Sender,
    start: int,
    rows: Sequence[Entry],
    readable: Sequence[Entry],
    batches: Sequence[Entry],
    *,
    even_empty: bool = False,
) -> int:
    """Build and leave one parcel; answers how many were left (none, if it would be empty)."""
    indexes, payloads, keys = _payloads_of(sender, readable)
    item_indexes, items, item_keys = _items_of(sender, batches)
    if not (rows or payloads or items or even_empty):
        return 0
    end = start + len(rows)
    size = sender.checkpoint.size
    consistency = consistency_proof(end, size) if rows else []
    parcel = EntriesParcel(
        origin=sender.origin,
        start=start,
        leaves=[bytes(row.leaf) for row in rows],
        checkpoint=_note_of(sender.checkpoint),
        consistency=consistency,
        base_root=root_at(start) if start else b"",
        base_proof=consistency_proof(start, size) if start else [],
        payload_indexes=indexes,
        payloads=payloads,
        item_indexes=item_indexes,
        items=items,
    )
    context = parcel.context(str(sender.receiver.pk))
    sealed = seal_to(sender.receiver_key, b"".join(keys + item_keys), context)
    body = EntriesParcel(**_members(parcel) | {"sealed_keys": sealed}).to_bytes()
    subject = "entries" if rows else f"payloads.{sha256(body).hexdigest()[:12]}"
    leave_parcel(
        Parcel(
            sender=current_tenant(),
            receiver=sender.receiver,
            subject=subject,
            log_origin=sender.origin,
            from_index=start,
            to_index=end,
            body=body,
        )
    )
    return 1


def _members(parcel: EntriesParcel) -> dict:
    return {name: getattr(parcel, name) for name in EntriesParcel.__slots__}


def _payloads_of(
    sender: _Sender, rows: Sequence[Entry]
) -> tuple[list[int], list[bytes], list[bytes]]:
    """(indexes, ciphertexts, data keys) of the payloads that were not erased."""
    by_index = {row.index: row for row in rows}
    indexes, ciphertexts, keys = [], [], []
    for item in read_payloads(list(by_index)):
        indexes.append(item.index)
        ciphertexts.append(item.ciphertext)
        keys.append(sender.opening.data_key(item, sender.opening.aad(by_index[item.index])))
    return indexes, ciphertexts, keys


def _items_of(sender: _Sender, rows: Sequence[Entry]) -> tuple[list[int], list[bytes], list[bytes]]:
    """(indexes, ciphertexts, data keys) of the shared items.

    A batch that is shared whole travels as it is stored, a part of one under a fresh key.
    """
    by_index = {row.index: row for row in rows}
    indexes, ciphertexts, keys = [], [], []
    for sealed in Items.objects.filter(index__in=list(by_index), erased_at=None).order_by("index"):
        aad = items_aad(sender.opening.aad(by_index[sealed.index]))
        ciphertext, key = bytes(sealed.ciphertext), sender.opening.data_key(sealed, aad)
        whole = (
            sender.entitled.everything or str(by_index[sealed.index].rid) in sender.entitled.rids
        )
        if not whole:
            table = share_from_bytes(sender.opening.plain(sealed, aad)).items
            places = _shared_places(table, sender.entitled)
            if not places:
                continue
            if len(places) < len(table):
                ciphertext, key = seal_record(share_to_bytes(share_items(table, places)), aad)
        indexes.append(sealed.index)
        ciphertexts.append(ciphertext)
        keys.append(key)
    return indexes, ciphertexts, keys


def _shared_places(table, entitled: Entitlement) -> list[int]:
    if "lease_rid" not in table.columns:
        return []
    return places_of(table, "lease_rid", entitled.rids)
