"""Going over every log and copy by itself, once a night, or when a person asks."""

from procrastinate.contrib.django import app

from ledger.checking.services import check_stored
from tenants import clock
from tenants.jobs import enqueue_once, tenant_task
from tenants.models import Tenant
from tenants.standing import standing


@tenant_task(name="ledger.check", retry=0)
def check() -> None:
    """This tenant's log, then each copy that it keeps."""
    for _told in check_stored(now=clock.now):
        pass


def check_soon(tenant: Tenant) -> None:
    """A job for one tenant, unless one waits already."""
    enqueue_once(check, tenant=tenant, lock=f"check-{tenant.pk}")


@app.periodic(cron="41 2 * * *")
@app.task(name="ledger.check_all", queueing_lock="check_all")
def check_all(timestamp: int) -> None:
    """A job for every institution."""
    for tenant in standing():
        check_soon(tenant)
