"""The figures of a day, added up in the database."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from django.db import connection

from monitoring.models import PoolSnapshot, WatchedPool
from monitoring.performance.buckets import CN
from monitoring.selectors.dashboard import PORTFOLIO_ID

_PLACES = Decimal("0.00000001")
# One pass over the positions for all three scopes. Defaults are held against what was lent, in a
# pool against its balance at closing: against today's, a shrinking book would look worse daily.
_BUCKETS = ", ".join(
    f"count(*) FILTER (WHERE bucket = {k} AND balance_minor > 0), "
    f"coalesce(sum(balance_minor) FILTER (WHERE bucket = {k}), 0)::bigint"
    for k in range(len(CN))
)
_SUMS = f"""
    SELECT grouping(lessor_id), grouping(pool_id), lessor_id, pool_id, min(currency),
           count(*) FILTER (WHERE balance_minor > 0),
           coalesce(sum(balance_minor), 0)::bigint,
           coalesce(sum(arrears_minor), 0)::bigint,
           coalesce(sum(balance_minor) FILTER (WHERE days_past_due > 30), 0)::bigint,
           coalesce(sum(balance_minor) FILTER (WHERE days_past_due > 90), 0)::bigint,
           coalesce(sum(default_balance_minor), 0)::bigint,
           coalesce(sum(recovered_minor) FILTER (WHERE defaulted_on IS NOT NULL), 0)::bigint,
           coalesce(sum(original_minor), 0)::bigint,
           sum(annual_rate * balance_minor) / nullif(sum(balance_minor), 0),
           {_BUCKETS}
    FROM monitoring_assetperformance
    GROUP BY GROUPING SETS ((), (lessor_id), (pool_id))
"""


def take_snapshots(*, as_of: date) -> list[PoolSnapshot]:
    """Of the portfolio, every lessor and every pool; a second look on a day replaces the first."""
    with connection.cursor() as cursor:
        cursor.execute(_SUMS)
        rows = cursor.fetchall()
    closings = dict(WatchedPool.objects.values_list("pk", "closing_minor"))
    found = [_snapshot(row, as_of, closings) for row in rows if _scope(row) is not None]
    fields = [
        field.name
        for field in PoolSnapshot._meta.concrete_fields
        if field.name not in ("id", "scope", "scope_id", "as_of")
    ]
    return PoolSnapshot.objects.bulk_create(
        found,
        update_conflicts=True,
        unique_fields=["scope", "scope_id", "as_of"],
        update_fields=fields,
    )


def _scope(row: tuple) -> tuple[str, UUID] | None:
    """What a row of the grouping sets adds up; None for assets of no pool, and for no assets."""
    no_lessor, no_pool, lessor_id, pool_id, currency = row[:5]
    if currency is None:
        return None
    if not no_lessor:
        return "lessor", lessor_id
    if not no_pool:
        return None if pool_id is None else ("pool", pool_id)
    return "portfolio", PORTFOLIO_ID


def _snapshot(row: tuple, as_of: date, closings: dict[UUID, int]) -> PoolSnapshot:
    scope, scope_id = _scope(row)
    currency, assets, balance, arrears, over_30, over_90 = row[4:10]
    defaulted, recovered, lent, rate = row[10:14]
    original = closings.get(scope_id, lent)
    return PoolSnapshot(
        scope=scope,
        scope_id=scope_id,
        as_of=as_of,
        currency=currency,
        assets=assets,
        balance_minor=balance,
        arrears_minor=arrears,
        bucket_counts=list(row[14::2]),
        bucket_balances_minor=list(row[15::2]),
        delinquency_30=_share(over_30, balance),
        delinquency_90=_share(over_90, balance),
        cumulative_default_rate=_share(defaulted, original),
        cumulative_net_loss_rate=_share(defaulted - recovered, original),
        weighted_rate=None if rate is None else Decimal(rate).quantize(_PLACES),
    )


def _share(part: int, whole: int) -> Decimal:
    """Of an empty pool nothing is late."""
    return (Decimal(part) / whole if whole else Decimal(0)).quantize(_PLACES)
