"""Background work of the ledger: sealing on a timer, sending, receiving."""

from uuid import UUID

from django.utils import timezone

from ledger.exchange import services
from ledger.models import Head
from ledger.services import seal_checkpoint
from tenants.jobs import tenant_task
from tenants.models import Relationship, Tenant


@tenant_task(name="ledger.seal")
def seal() -> None:
    """Seal a checkpoint if there are new entries."""
    if Head.objects.exists():
        seal_checkpoint(at=timezone.now())


@tenant_task(name="ledger.send")
def send(to_tenant: str) -> None:
    """Send to one counterparty."""
    services.send_parcels(to_tenant=Tenant.objects.get(pk=UUID(to_tenant)), at=timezone.now())


@tenant_task(name="ledger.receive")
def receive(from_tenant: str) -> None:
    """Take in what one counterparty left."""
    services.receive_parcels(
        from_tenant=Tenant.objects.get(pk=UUID(from_tenant)), at=timezone.now()
    )


def enqueue_exchange(*, sender: Tenant) -> None:
    """Enqueue sending to every counterparty of a tenant."""
    for relationship in Relationship.objects.filter(sender=sender, is_active=True):
        send.enqueue(
            tenant=sender,
            lock=f"send-{sender.pk}-{relationship.receiver_id}",
            to_tenant=str(relationship.receiver_id),
        )
