"""What is followed, and the daily roll of all of it."""

from collections.abc import Sequence
from datetime import date, datetime
from uuid import UUID

from django.db import connection, transaction

from monitoring.models import WatchedLease, WatchedPool
from monitoring.performance.triggers import TriggerTerms
from monitoring.selectors.book import load_book
from monitoring.services.collections import look_at_collections
from monitoring.services.roll_forward import Rolled, roll_forward
from monitoring.services.triggers import default_triggers, set_triggers
from pools.models import Pool
from tenants.problems import Refused

_WIPE = """
    UPDATE monitoring_watchedlease AS lease SET touched = false
    WHERE touched AND NOT EXISTS (
        SELECT FROM pools_assetpayment AS line
        WHERE line.lease_rid = lease.lease_rid
          AND (line.effective_on > %s OR line.known_at > %s))
"""


def watch_pool(
    *,
    pool_id: UUID,
    name: str,
    lease_rids: Sequence[UUID],
    closed_on: date,
    closing_minor: int,
    triggers: Sequence[TriggerTerms] | None = None,
) -> WatchedPool:
    """Follow a purchased pool: its leases, its balance at closing (what defaults are held against),
    and its triggers (`default_triggers` if none are given).

    Raises Refused if a lease is in another pool already or was never shared with us.
    """
    with transaction.atomic():
        pool, _created = WatchedPool.objects.update_or_create(
            pk=pool_id,
            defaults={"name": name, "closed_on": closed_on, "closing_minor": closing_minor},
        )
        free = WatchedLease.objects.filter(lease_rid__in=list(lease_rids))
        if free.exclude(pool=None).exclude(pool=pool).exists():
            raise Refused(
                detail="A lease of this pool is watched in another pool.",
                mend="Release it there first.",
            )
        taken = free.update(pool=pool, touched=True)
        if taken != len(set(lease_rids)):
            raise Refused(
                detail="%(missing)s leases of this pool were never shared with us.",
                mend="Receive the lessor's entries first.",
                params={"missing": len(set(lease_rids)) - taken},
            )
        given = default_triggers(closed_on=closed_on) if triggers is None else triggers
        set_triggers(pool_id=pool_id, triggers=given)
    return pool


def watch_purchased(pool: Pool) -> None:
    """Called in the purchase's transaction: from its cut-off on the pool is followed."""
    watch_pool(
        pool_id=pool.pk,
        name=pool.name,
        lease_rids=list(pool.members.values_list("asset_id", flat=True)),
        closed_on=pool.cut_off,
        closing_minor=pool.balance_minor,
    )


def roll_all_forward(*, as_of: date, at: datetime, full: bool = False) -> Rolled:
    """Roll everything that is watched to the end of a day, from what is known at `at`.

    Only leases whose standing can have changed are derived again; `full` derives all of them, with
    the same figures.
    """
    with transaction.atomic():
        with connection.cursor() as cursor:
            # What arrives meanwhile waits for its mark, so that no mark is wiped unseen.
            cursor.execute("LOCK TABLE monitoring_watchedlease IN SHARE ROW EXCLUSIVE MODE")
        rolled = roll_forward(book=load_book(due_on=None if full else as_of), as_of=as_of, at=at)
        _wipe_marks(as_of, at)
        look_at_collections(as_of=as_of, at=at)
    return rolled


def _wipe_marks(as_of: date, at: datetime) -> None:
    """Except of leases with a line that does not count yet: it will without anything arriving."""
    with connection.cursor() as cursor:
        cursor.execute(_WIPE, [as_of, at])
