"""Background work of monitoring: every position is brought to today, by itself."""

from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app

from ledger.exchange.carriers import is_sealed_by_hand
from monitoring.models import WatchedLease
from monitoring.selectors.dashboard import latest_snapshot
from tenants import clock
from tenants.jobs import enqueue_once, tenant_task
from tenants.permissions import Kind
from tenants.standing import standing


@tenant_task(name="monitoring.roll_forward")
def roll() -> None:
    """Bring what is watched to today, from what is known now."""
    from monitoring.services.watching import roll_all_forward  # heavy libraries come with it

    now = clock.now()
    roll_all_forward(as_of=now.date(), at=now)


@app.periodic(cron="* * * * *")
@app.task(name="monitoring.look_for_a_new_day", queueing_lock="new-day")
def look_for_a_new_day(timestamp: int) -> None:
    """Every minute: a job for each trust company whose positions are of an earlier day, or to whom
    something arrived since. A demo that lives its days by hand rolls by itself."""
    for tenant in standing(kind=Kind.TRUST):
        with tenant_context(tenant):
            if not is_sealed_by_hand(tenant.pk) and _is_due():
                enqueue_once(roll, tenant=tenant, lock=f"roll-{tenant.pk}")


def _is_due() -> bool:
    if not WatchedLease.objects.exists():
        return False
    newest = latest_snapshot()
    if newest is None or newest.as_of < clock.today():
        return True
    return WatchedLease.objects.filter(touched=True).exists()
