"""Anchoring by itself, where somebody switched it on."""

from uuid import UUID

from django.utils import timezone
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app

from ledger.anchoring.services import anchor_now
from ledger.models import AnchorTarget
from tenants.jobs import enqueue_once, tenant_task
from tenants.standing import standing


@tenant_task(name="ledger.anchor")
def anchor(target: str) -> None:
    """Take one target a step further, by the clock on the wall: outsiders have no other."""
    found = AnchorTarget.objects.filter(pk=UUID(target), is_active=True).first()
    if found is not None:
        anchor_now(target=found, at=timezone.now())


@app.periodic(cron="* * * * *")
@app.task(name="ledger.anchor_all", queueing_lock="anchor_all")
def anchor_all(timestamp: int) -> None:
    """Each minute a job for every active target."""
    for tenant in standing():
        with tenant_context(tenant):
            for target in AnchorTarget.objects.filter(is_active=True):
                lock = f"anchor-{target.pk}"
                enqueue_once(anchor, tenant=tenant, lock=lock, target=str(target.pk))
