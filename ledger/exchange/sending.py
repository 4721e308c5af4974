"""The sender's half: reads its own log and leaves parcels in the mailbox."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models.functions import Length

from ledger.core.encoding import unb64
from ledger.core.erasures import SHOWN
from ledger.drafts import instant
from ledger.exchange.packing import Sender, post
from ledger.exchange.registry import Entitlement, entitlement_of
from ledger.models import Entry, Items, Outbox, Payload, ServedRecord
from ledger.problems import NotReady
from ledger.reading import is_record
from ledger.selectors import opener
from ledger.services import seal_checkpoint
from tenants.context import current_tenant
from tenants.models import PublishedKey, Tenant

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


def send_parcels(*, to_tenant: Tenant, at: datetime | str) -> Sent:
    """Send what `to_tenant` does not have yet, after sealing a checkpoint.

    Every parcel moves the cursor in its own transaction, so a broken run is taken up where it
    stopped. Call outside of a transaction. Raises `NotReady` if the receiver has no parcel key.
    """
    checkpoint = seal_checkpoint(at=at)
    key = PublishedKey.objects.filter(tenant=to_tenant, purpose=PublishedKey.PARCELS)
    published = key.order_by("-pk").first()
    if published is None:
        raise NotReady
    opening = opener()
    sender = Sender(
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


def _outbox(sender: Sender) -> Outbox:
    Outbox.objects.get_or_create(to_tenant=sender.receiver.pk)
    return Outbox.objects.select_for_update().get(to_tenant=sender.receiver.pk)


@transaction.atomic
def _send_next(sender: Sender, at: datetime | str) -> bool:
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
    post(sender, start, rows, [row for row in records if sender.may_read(row)], records)
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
def _send_sign_of_life(sender: Sender, at: datetime | str) -> int:
    """An empty parcel with the latest checkpoint, once a day, where nothing else is sent."""
    outbox = _outbox(sender)
    if not is_sign_of_life_due(outbox, instant(at)):
        return 0
    outbox.sent_at = instant(at)
    outbox.save(update_fields=["sent_at"])
    return post(sender.after(outbox.cursor), outbox.cursor, [], [], [], even_empty=True)


@transaction.atomic
def _send_backlog(sender: Sender, at: datetime | str) -> int:
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
        count += post(backlog, outbox.cursor, [], rows, [])
    for rows in _chunks(list(with_items), CHUNK_BATCHES):
        count += post(backlog, outbox.cursor, [], [], rows)
    return count


def _newly_entitled(sender: Sender) -> set[UUID]:
    served = ServedRecord.objects.filter(to_tenant=sender.receiver.pk)
    had = set(served.values_list("rid", flat=True))
    if EVERYTHING in had:
        return set()
    wanted = {EVERYTHING} if sender.entitled.everything else set(map(UUID, sender.entitled.rids))
    return wanted - had


def _chunks(rows: Sequence[Entry], size: int) -> Iterable[Sequence[Entry]]:
    return (rows[at : at + size] for at in range(0, len(rows), size))
