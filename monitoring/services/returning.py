"""What the release of rights has to do with monitoring: remedies carried out, leases let go."""

from collections.abc import Sequence

from monitoring.models import ProblemAsset, Remedy, WatchedLease
from pools.deals.endings import DEBT_PAID
from pools.deals.hooks import Remedied
from pools.models import Pool, PoolAsset

_REASONS = {Remedy.DISPOSE: "disposed", Remedy.REPLACE: "replaced"}


def remedied(pool: Pool) -> Remedied:
    """Problem assets of a pool that were disposed of or replaced, as two people said."""
    done = ProblemAsset.objects.filter(
        pool_id=pool.pk, done_at__isnull=False, remedy__in=_REASONS
    ).order_by("done_at")
    rows = done.values_list("lease_rid", "remedy", "done_at")
    return {rid: (_REASONS[Remedy(remedy)], at) for rid, remedy, at in rows}


def let_go(pool: Pool, members: Sequence[PoolAsset]) -> None:
    """Leases of a debt that is paid run on, and may be watched in another pool."""
    rids = [member.asset_id for member in members if member.release_reason == DEBT_PAID]
    WatchedLease.objects.filter(lease_rid__in=rids, pool_id=pool.pk).update(pool=None, touched=True)
