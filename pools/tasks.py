"""Background work of pools: what a lessor did not answer in time is released."""

from contextlib import suppress

from django.db import transaction
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from pools.models import Pledge, PledgeState
from tenants import clock
from tenants.jobs import tenant_task
from tenants.models import Tenant
from tenants.permissions import Kind


@tenant_task(name="pools.expire_pledges")
def expire() -> None:
    """Give up pools whose receivables were not answered for in time."""
    from pools.deals.services import expire_pledges  # heavy libraries come with it

    expire_pledges(at=clock.now())


@app.periodic(cron="*/5 * * * *")
@app.task(name="pools.look_for_late_pledges", queueing_lock="late-pledges")
def look_for_late_pledges(timestamp: int) -> None:
    """Every five minutes: a job for each trust company that waits longer than it said it would."""
    for tenant in Tenant.objects.filter(kind=Kind.TRUST, provisioned_at__isnull=False):
        with tenant_context(tenant):
            late = Pledge.objects.filter(
                state=PledgeState.REQUESTED, expires_at__lte=clock.now()
            ).exists()
        if late:
            with suppress(AlreadyEnqueued), transaction.atomic():
                expire.enqueue(tenant=tenant, lock=f"expire-{tenant.pk}", once=True)
