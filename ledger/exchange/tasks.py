"""Background work of the ledger: sealing, sending and receiving, by itself."""

from datetime import datetime
from uuid import UUID

from django.db.models import Q
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app

from ledger.exchange import services
from ledger.exchange.carriers import is_carried, is_sealed_by_hand
from ledger.exchange.notices import RESTORE_ASKED
from ledger.exchange.refusing import SILENT_AFTER, STALLED_AFTER, is_unnamed, rests
from ledger.exchange.sending import is_sign_of_life_due
from ledger.halting import rolled_back
from ledger.models import Head, Outbox, Replica
from ledger.services import seal_checkpoint
from ledger.signed import newest_signed
from ledger.signing import may_sign
from tenants import clock
from tenants.jobs import enqueue_once, tenant_task
from tenants.models import Parcel, PublishedKey, Relationship, Tenant
from tenants.standing import standing


@tenant_task(name="ledger.seal")
def seal() -> None:
    """Seal a checkpoint if there are new entries."""
    if Head.objects.exists():
        seal_checkpoint(at=clock.now())


@tenant_task(name="ledger.send")
def send(to_tenant: str) -> None:
    """Send to one counterparty."""
    services.send_parcels(to_tenant=Tenant.objects.get(pk=UUID(to_tenant)), at=clock.now())


@tenant_task(name="ledger.receive")
def receive(from_tenant: str) -> None:
    """Take in what one counterparty left."""
    services.receive_parcels(from_tenant=Tenant.objects.get(pk=UUID(from_tenant)), at=clock.now())


@tenant_task(name="ledger.receive_requests")
def receive_requests(from_tenant: str) -> None:
    """Take in that one counterparty asks for its lost log."""
    services.receive_parcels(
        from_tenant=Tenant.objects.get(pk=UUID(from_tenant)), at=clock.now(), only_requests=True
    )


@app.periodic(cron="* * * * * */15")
@app.task(name="ledger.exchange", queueing_lock="exchange")
def exchange(timestamp: int) -> None:
    """Every quarter of a minute: a job for everyone who has something to seal, send or take in.

    Idempotent: where nothing is new, nothing is enqueued.
    """
    for tenant in standing():
        with tenant_context(tenant):
            enqueue_exchange(tenant=tenant)


def enqueue_exchange(*, tenant: Tenant) -> None:
    """Jobs for what waits in the current tenant's log and mailbox."""
    head = Head.objects.first()
    size = head.size if head is not None and may_sign(head.log_id) else 0
    by_hand = head is not None and head.halted_at is None and is_sealed_by_hand(tenant.pk)
    if head is not None and not by_hand and _wants_sealing(head, size):  # no hand lifts a halt
        enqueue_once(seal, tenant=tenant, lock=f"seal-{tenant.pk}")
    outboxes, now = {row.to_tenant: row for row in Outbox.objects.all()}, clock.now()
    for receiver in _receivers(tenant):
        if is_carried(tenant.pk, receiver):
            continue
        if size and _has_something_to_send(outboxes.get(receiver), size, now):
            lock = f"send-{tenant.pk}-{receiver}"
            enqueue_once(send, tenant=tenant, lock=lock, to_tenant=str(receiver))
    waiting = _senders(tenant, is_new=head is None)
    for sender in waiting | _quiet_sources(now):
        wake(tenant, sender)
    for sender in _asking(tenant):
        if is_carried(sender, tenant.pk):  # whoever carries the rest waits for a log that is gone
            lock = f"receive-{tenant.pk}"
            enqueue_once(receive_requests, tenant=tenant, lock=lock, from_tenant=str(sender))


def _wants_sealing(head: Head, size: int) -> bool:
    """New entries; or the log is seen not to be the one that was signed, or stood still for that:
    sealing finds what holds now, and halts the log or lets it go on.
    """
    if size and head.halted_at is None:
        signed = newest_signed()
        if signed is None or signed.size < size:
            return True
    if head.halted_at is not None and not size:
        return False  # it is frozen still, or its signer away
    return (rolled_back(head) is None) == (head.halted_at is not None)


def _has_something_to_send(outbox: Outbox | None, size: int, now: datetime) -> bool:
    """New entries, unless the last ones were refused just now; or nothing for a day."""
    if outbox is None:
        return True
    if outbox.cursor < size:
        return not rests(outbox, now)
    return is_sign_of_life_due(outbox, now)


def _quiet_sources(now: datetime) -> set[UUID]:
    """Logs copied here that have stood still for long and are not named for it yet."""
    behind = Q(behind_since__lte=now - STALLED_AFTER)
    silent = Q(behind_since=None, received_at__lte=now - SILENT_AFTER)
    rows = Replica.objects.filter(behind | silent).values_list("source", flat=True)
    return {source for source in rows if is_unnamed(source, now)}


def wake(receiver: Tenant, sender: UUID) -> None:
    """A job for a tenant to take in what another left for it."""
    if not is_carried(sender, receiver.pk):
        lock = f"receive-{receiver.pk}"
        enqueue_once(receive, tenant=receiver, lock=lock, from_tenant=str(sender))


def _asking(tenant: Tenant) -> set[UUID]:
    """Who asks this tenant for the copy of a log that was lost."""
    asked = Parcel.objects.filter(receiver=tenant, subject=RESTORE_ASKED)
    return set(asked.values_list("sender_id", flat=True))


def _receivers(tenant: Tenant) -> list[UUID]:
    """Counterparties that can open a parcel: those whose log is open."""
    related = Relationship.objects.filter(sender=tenant, is_active=True)
    ready = PublishedKey.objects.filter(purpose=PublishedKey.PARCELS).values("tenant")
    return list(related.filter(receiver__in=ready).values_list("receiver_id", flat=True))


def _senders(tenant: Tenant, *, is_new: bool) -> set[UUID]:
    """Who left something; a tenant without a log yet opens it by looking into its mailbox."""
    waiting = set(Parcel.objects.filter(receiver=tenant).values_list("sender_id", flat=True))
    if is_new and not waiting:
        related = Relationship.objects.filter(receiver=tenant, is_active=True)
        waiting = set(related.values_list("sender_id", flat=True))
    return waiting
