"""Background work of the ledger: sealing, sending and receiving, by itself."""

from uuid import UUID

from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app

from ledger.exchange import services
from ledger.exchange.carriers import is_carried, is_sealed_by_hand
from ledger.models import Checkpoint, Head, Outbox
from ledger.services import seal_checkpoint
from tenants import clock
from tenants.jobs import enqueue_once, tenant_task
from tenants.models import Parcel, PublishedKey, Relationship, Tenant
from tenants.permissions import Kind


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


@app.periodic(cron="* * * * * */15")
@app.task(name="ledger.exchange", queueing_lock="exchange")
def exchange(timestamp: int) -> None:
    """Every quarter of a minute: a job for everyone who has something to seal, send or take in.

    Idempotent: where nothing is new, nothing is enqueued.
    """
    for tenant in Tenant.objects.filter(provisioned_at__isnull=False).exclude(kind=Kind.PLATFORM):
        with tenant_context(tenant):
            enqueue_exchange(tenant=tenant)


def enqueue_exchange(*, tenant: Tenant) -> None:
    """Jobs for what waits in the current tenant's log and mailbox."""
    head = Head.objects.first()
    size = 0 if head is None else head.size
    by_hand = is_sealed_by_hand(tenant.pk)
    if size and not by_hand and not Checkpoint.objects.filter(size=size).exists():
        enqueue_once(seal, tenant=tenant, lock=f"seal-{tenant.pk}")
    sent = dict(Outbox.objects.values_list("to_tenant", "cursor"))
    for receiver in _receivers(tenant):
        if sent.get(receiver, 0) < size and not is_carried(tenant.pk, receiver):
            lock = f"send-{tenant.pk}-{receiver}"
            enqueue_once(send, tenant=tenant, lock=lock, to_tenant=str(receiver))
    for sender in _senders(tenant, is_new=head is None):
        wake(tenant, sender)


def wake(receiver: Tenant, sender: UUID) -> None:
    """A job for a tenant to take in what another left for it."""
    if not is_carried(sender, receiver.pk):
        lock = f"receive-{receiver.pk}"
        enqueue_once(receive, tenant=receiver, lock=lock, from_tenant=str(sender))


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
