"""Publishing by itself: after each checkpoint, and once a night every file compared."""

import structlog
from django.conf import settings
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app

from ledger.models import Head
from ledger.selectors import signed_note
from ledger.signed import newest_signed
from ledger.tiles.publishing import publish_tiles, store_of
from ledger.tiles.store import CHECKPOINT
from tenants.jobs import enqueue_once, tenant_task
from tenants.models import PublishedKey
from tenants.standing import standing

log = structlog.get_logger("tiles")


@tenant_task(name="ledger.publish")
def publish(again: bool = False) -> None:
    """Write what is missing of the published log; with `again` every file is compared."""
    found = publish_tiles(again=again)
    if found is not None and found.repaired:
        log.warning("tiles_repaired", count=len(found.repaired), first=found.repaired[0])


@app.periodic(cron="* * * * * */20")
@app.task(name="ledger.publish_all", queueing_lock="publish_all")
def publish_all(timestamp: int) -> None:
    """A job for every log whose newest checkpoint is not published as it is now."""
    for tenant in standing():
        with tenant_context(tenant):
            if _is_behind():
                enqueue_once(publish, tenant=tenant, lock=f"publish-{tenant.pk}")


@app.periodic(cron="17 3 * * *")
@app.task(name="ledger.compare_tiles", queueing_lock="compare_tiles")
def compare_all(timestamp: int) -> None:
    """A job for every published log to compare its files with what the log says."""
    for tenant in standing():
        enqueue_once(publish, tenant=tenant, lock=f"publish-{tenant.pk}", again=True)


def repair_soon(log_id: str) -> None:
    """A job that writes a log's damaged files again."""
    origin = f"{settings.PLATFORM_DOMAIN}/ledger/{log_id}"
    key = PublishedKey.objects.filter(purpose=PublishedKey.LOG, key__startswith=f"{origin}+")
    if (found := key.select_related("tenant").first()) is not None:
        enqueue_once(publish, tenant=found.tenant, lock=f"publish-{found.tenant_id}", again=True)


def _is_behind() -> bool:
    head, latest = Head.objects.first(), newest_signed()
    if head is None or latest is None:
        return False
    return store_of(head.log_id).read(CHECKPOINT) != signed_note(latest)
