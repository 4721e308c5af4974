"""The sender's half: reads its own log and leaves parcels in the mailbox."""

from collections import Counter
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction

from ledger.core.erasures import SHOWN
from ledger.drafts import instant
from ledger.exchange.packing import Sender, post, sender_to
from ledger.exchange.portions import end_of_portion, portions, weigh
from ledger.exchange.registry import Entitlement
from ledger.models import Entry, Items, Outbox, Payload, ServedRecord
from ledger.reading import is_record
from ledger.services import seal_checkpoint
from tenants.context import current_tenant
from tenants.models import Tenant

CHUNK_ENTRIES = 5_000
CHUNK_BATCHES = 4  # batches with items in one parcel: a receiver unpacks all of them at once
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
    sender = sender_to(to_tenant, checkpoint)
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
    end = end_of_portion(start, end, _bytes_between(start, end))
    rows = list(Entry.objects.filter(index__gte=start, index__lt=end).order_by("index"))
    records = [row for row in rows if is_record(bytes(row.leaf))]  # the receiver names the others
    post(sender, start, rows, [row for row in records if sender.may_read(row)], records)
    outbox.cursor, outbox.sent_at = end, instant(at)
    outbox.save(update_fields=["cursor", "sent_at"])
    return True


def _bytes_between(start: int, end: int) -> Counter[int]:
    """Bytes of leaves, payloads and items by index: at least what a parcel of them holds."""
    between = {"index__gte": start, "index__lt": end}
    return weigh(
        (Entry.objects.filter(**between), "leaf"),
        (Payload.objects.filter(**between), "ciphertext"),
        (Items.objects.filter(**between), "ciphertext"),
    )


def is_sign_of_life_due(outbox: Outbox, now: datetime) -> bool:
    """Whether a log that has nothing new should say that it lives."""
    return outbox.sent_at is not None and abs(now - outbox.sent_at) >= SIGN_OF_LIFE


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
    before = {"index__lt": outbox.cursor, "erased_at": None}
    batches = Items.objects.filter(**before)
    with_items = earlier.filter(index__in=batches.values("index")).defer(None).defer("nodes")
    count = 0
    payloads = weigh((Payload.objects.filter(**before), "ciphertext"))
    for rows in portions(list(records), payloads, CHUNK_ENTRIES):
        count += post(backlog, outbox.cursor, [], rows, [])
    for rows in portions(list(with_items), weigh((batches, "ciphertext")), CHUNK_BATCHES):
        count += post(backlog, outbox.cursor, [], [], rows)
    return count


def _newly_entitled(sender: Sender) -> set[UUID]:
    served = ServedRecord.objects.filter(to_tenant=sender.receiver.pk)
    had = set(served.values_list("rid", flat=True))
    if EVERYTHING in had:
        return set()
    wanted = {EVERYTHING} if sender.entitled.everything else set(map(UUID, sender.entitled.rids))
    return wanted - had
