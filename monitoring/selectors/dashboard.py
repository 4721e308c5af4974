"""The figures of the dashboard."""

from uuid import UUID

from django.db.models import Count, Q, Sum

from monitoring.models import AssetPerformance, PoolSnapshot, ProblemAsset, WatchedLease
from monitoring.selectors.alerts import open_counts

PORTFOLIO_ID = UUID(int=0)
HISTORY_DAYS = 400


def latest_snapshot(scope: str = "portfolio", scope_id: UUID = PORTFOLIO_ID) -> PoolSnapshot | None:
    """The newest figures of a scope, None before the first roll-forward."""
    return _snapshots(scope, scope_id).first()


def snapshot_history(
    scope: str = "portfolio", scope_id: UUID = PORTFOLIO_ID, limit: int = HISTORY_DAYS
) -> list[PoolSnapshot]:
    """Oldest first."""
    return list(_snapshots(scope, scope_id)[:limit])[::-1]


def _snapshots(scope, scope_id):
    return PoolSnapshot.objects.filter(scope=scope, scope_id=scope_id).order_by("-as_of")


def live_figures() -> dict[str, str | int]:
    """What the dashboard's key figures show, as plain values for sockets; {} before any roll."""
    snapshot = latest_snapshot()
    if snapshot is None:
        return {}
    counts = ProblemAsset.objects.filter(done_at__isnull=True).count()
    return {
        "as_of": snapshot.as_of.isoformat(),
        "currency": snapshot.currency,
        "assets": snapshot.assets,
        "balance_minor": snapshot.balance_minor,
        "arrears_minor": snapshot.arrears_minor,
        "delinquency_30": str(snapshot.delinquency_30),
        "delinquency_90": str(snapshot.delinquency_90),
        "cumulative_default_rate": str(snapshot.cumulative_default_rate),
        "weighted_rate": "" if snapshot.weighted_rate is None else str(snapshot.weighted_rate),
        "late": sum(snapshot.bucket_counts[1:]),
        "problems": counts,
        **open_counts(),
    }


def pool_totals() -> list[dict]:
    """Each pool's assets, balance, and how many are late, as they stand now; a pool that was bought
    since the last roll as it closed."""
    rolled = list(
        AssetPerformance.objects.filter(pool_id__isnull=False)
        .values("pool_id")
        .annotate(
            assets=Count("lease_rid"),
            balance=Sum("balance_minor"),
            late=Count("lease_rid", filter=Q(days_past_due__gt=0)),
        )
        .order_by("pool_id")
    )
    fresh = WatchedLease.objects.filter(pool__isnull=False).exclude(
        pool__in=[row["pool_id"] for row in rolled]
    )
    counted = fresh.values("pool_id", "pool__closing_minor").annotate(assets=Count("lease_rid"))
    return rolled + [
        {
            "pool_id": row["pool_id"],
            "assets": row["assets"],
            "balance": row["pool__closing_minor"],
            "late": 0,
        }
        for row in counted.order_by("pool_id")
    ]
