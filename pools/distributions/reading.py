"""A pool's leases and what is known of their payments, as columns; and what is stored of units."""

from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta

import polars as pl
from django.db import connection

from origination.domain.months import add_months
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing.payment_columns import EVENT_SCHEMA
from pools.contracts import receivables_of
from pools.distributions.columns import CollectionBook
from pools.distributions.strike import Strike, late_on
from pools.distributions.tracing import Holdings
from pools.models import Distribution, Pool
from pools.models.distributions import UNPLACED
from pools.projection.frames import read_frame
from pools.structure.plain import from_plain
from pools.structure.terms import Deal
from pools.structure.waterfall import Distribution as Result

_HEARD = """
    SELECT (SELECT (p.anchored_at AT TIME ZONE 'UTC')::date FROM pools_assetpayment p
            JOIN pools_asset a ON a.rid = p.lease_rid
            WHERE a.source = lessor.source AND p.anchored_at <= %s
            ORDER BY p.anchored_at DESC LIMIT 1)
    FROM (SELECT DISTINCT source FROM pools_poolasset WHERE pool_id = %s) lessor
"""
_INSTANT = "to_char({name} AT TIME ZONE 'UTC', 'YYYY-MM-DD\"T\"HH24:MI:SS.US') AS {name}"
_MEMBERS = "pools_poolasset m WHERE m.pool_id = '{pool}'"


@dataclass(frozen=True)
class PoolColumns:
    """A pool's leases (text columns, in the order of their rid), their receivables and events."""

    leases: pl.DataFrame
    receivables: ReceivableColumns
    book: CollectionBook


def read_book(pool: Pool, *, known_at: datetime) -> CollectionBook:
    """What a pool's leases have paid, from the bank lines verified by an instant."""
    return read_columns(pool, known_at=known_at).book


def read_columns(pool: Pool, *, known_at: datetime) -> PoolColumns:
    """The pool's leases with the bank lines that this trust had verified by an instant.

    What counts is when the trust had a line, not only when the lessor says that it knew it: so an
    earlier period is derived again exactly as it was, whatever arrives later.
    """
    members = _MEMBERS.format(pool=pool.pk)
    leases = read_frame(
        f"SELECT a.* FROM pools_asset a WHERE a.rid IN (SELECT m.asset_id FROM {members}) "
        "ORDER BY a.rid"
    )
    place = leases.select(lease_rid="rid").with_row_index("lease")
    instants = ", ".join(_INSTANT.format(name=name) for name in ("known_at", "anchored_at"))
    events = read_frame(
        f"SELECT lease_rid, kind, amount_minor, effective_on, {instants}, reference, reverses "
        f"FROM pools_assetpayment WHERE anchored_at <= '{known_at.astimezone(UTC).isoformat()}' "
        f"AND lease_rid IN (SELECT m.asset_id FROM {members})"
    )
    receivables = receivables_of(leases, until=known_at, by="anchored_at")
    typed = _typed(events, place)
    typed = typed.with_columns(late_on=late_on(typed, Strike(pool.cut_off, pool.run.at)))
    book = CollectionBook(leases["rid"], receivables, typed, known_at=known_at)
    return PoolColumns(leases, receivables, book)


def _typed(events: pl.DataFrame, place: pl.DataFrame) -> pl.DataFrame:
    joined = events.join(place, on="lease_rid").with_columns(
        pl.col("lease", "amount_minor").cast(pl.Int64),
        pl.col("effective_on").str.to_date("%Y-%m-%d"),
        pl.col("known_at", "anchored_at").str.to_datetime(
            "%Y-%m-%dT%H:%M:%S%.f", time_unit="us", time_zone="UTC"
        ),
        pl.col("reverses").fill_null(""),
    )
    return joined.select(*EVENT_SCHEMA, "anchored_at")


def heard_on(pool: Pool, *, known_at: datetime) -> date | None:
    """The last day on which bank lines arrived from every lessor of the pool; None without any.

    Any line of a lessor counts: it need not be of a lease in the pool.
    """
    with connection.cursor() as cursor:
        cursor.execute(_HEARD, [known_at, pool.pk])
        days = [day for (day,) in cursor.fetchall()]
    return None if None in days else min(days, default=None)


def deal_of(pool: Pool) -> Deal:
    """The pool's terms, read back exactly."""
    return from_plain(Deal, pool.deal)


def result_of(distribution: Distribution) -> Result:
    """A stored waterfall, read back exactly."""
    return from_plain(Result, distribution.result)


def period_of(pool: Pool, number: int) -> tuple[date, date]:
    """First day of a period and the first day after it; money counts from the day after cut-off."""
    closing = pool.cut_off + timedelta(days=1)
    return add_months(closing, number - 1), add_months(closing, number)


def newest_versions(pool: Pool) -> dict[int, Distribution]:
    """By period, the version that counts."""
    rows = Distribution.objects.filter(pool=pool).order_by("period", "version")
    return {row.period: row for row in rows}


def holdings_of(pool: Pool, deal: Deal, *, at: datetime) -> Holdings:
    """Who held each class at an instant, by units; what nobody subscribed is the trust's own."""
    held: dict[str, dict[str, int]] = {tranche.name: {} for tranche in deal.tranches}
    rows = pool.holdings.filter(subscribed_at__lte=at).order_by("subscribed_at", "holder")
    for row in rows:
        held[row.tranche][row.holder] = row.units_minor
    for tranche in deal.tranches:
        left = tranche.original_minor - sum(held[tranche.name].values())
        if left > 0:
            held[tranche.name][UNPLACED] = left
    return held


def record_instant(distribution: Distribution) -> datetime:
    """Holders of this instant are paid, also by a correction: when the period was first paid."""
    first = Distribution.objects.filter(
        pool_id=distribution.pool_id, period=distribution.period, version=1
    )
    return first.values_list("made_at", flat=True).get()
