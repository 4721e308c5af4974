"""Background work of the map: the platform seals, each institution writes, compares and looks."""

from uuid import UUID

import structlog
from django.db.models import Max
from django.utils import timezone
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app

from ledger.models import Head
from ledger.titles.asking import ask_for_proof
from ledger.titles.sealing import finish_epoch, is_resting, seal_epoch
from ledger.titles.watching import watch_own_rights
from ledger.titles.writing import newest_written, write_roots
from tenants import clock
from tenants.jobs import enqueue_once, tenant_task
from tenants.models import TitleEpoch
from tenants.problems import Problem
from tenants.registry.keys import RegistryKeyMissing
from tenants.standing import standing

log = structlog.get_logger("titles")


@app.periodic(cron="* * * * *")
@app.task(name="ledger.titles", queueing_lock="titles")
def seal_titles(timestamp: int) -> None:
    """Every minute: an epoch if one is due, and jobs for whose ledger lacks one."""
    now = timezone.now()
    is_behind = enqueue_roots()
    if not is_behind:
        try:
            finish_epoch()
            if not is_resting(now):
                seal_epoch(now=now)
        except (Problem, RegistryKeyMissing) as error:
            log.error("titles_not_sealed", reason=str(error))
    enqueue_roots()


@tenant_task(name="ledger.title_roots")
def take_title_roots() -> None:
    """Write the platform's roots onto one ledger, then look for what is held in each."""
    while write_roots(at=clock.now()):
        pass  # the watcher counts on every epoch that was told
    watch_own_rights(now=timezone.now(), at=clock.now())


@tenant_task(name="ledger.title_proofs", retry=0)
def prove_titles(subject: str, by: str) -> None:
    """Make the proofs that a person asked for; why they were not made is logged, or alarmed."""
    try:
        ask_for_proof(subject_id=UUID(subject), by=UUID(by), now=timezone.now(), at=clock.now())
    except Problem as error:
        log.warning("titles_not_proven", subject=subject, reason=str(error))


def enqueue_roots() -> bool:
    """A job for each institution whose ledger takes entries and has another newest root.

    Whether one of them has a newer one than the platform: its database was restored, and nothing
    is sealed before what was told since is back.
    """
    newest = TitleEpoch.objects.aggregate(newest=Max("epoch"))["newest"] or 0
    is_behind = False
    for tenant in standing():
        with tenant_context(tenant):
            written = newest_written(tenant.pk)  # one that cannot be read is not given back
            own = 0 if written is None else written.root.epoch
            is_behind |= own > newest
            takes_entries = Head.objects.filter(halted_at=None).exists()
            if own > newest or (takes_entries and own < newest):
                enqueue_once(take_title_roots, tenant=tenant, lock=f"titles-{tenant.pk}")
    return is_behind
