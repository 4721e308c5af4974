"""What a lessor collects for us: what fell due, what arrived, and since when nothing has."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from statistics import median
from uuid import UUID

import numpy as np
from django.db import connection

from ledger.exchange.selectors import replica_entries
from monitoring.models import AssetPerformance
from monitoring.selectors.book import lessors_terms
from origination.domain.months import days_of
from pools.contracts import receivables_of

_ARRIVED = """
    SELECT count(*) FILTER (WHERE reverses = ''),
           coalesce(sum(CASE WHEN reverses = '' THEN amount_minor ELSE -amount_minor END), 0)
    FROM pools_assetpayment AS line JOIN pools_asset AS asset ON asset.rid = line.lease_rid
    WHERE asset.source = %s AND line.effective_on > %s AND line.effective_on <= %s
      AND line.anchored_at <= %s
"""
#: A lessor's habit is the middle gap between its last parcels with bank lines.
_PARCELS, _PATIENCE, _SHORTEST_DAYS = 6, 3, 3
_COMPARED_DAYS = 30


@dataclass(frozen=True)
class Money:
    """How many rents or lines, and how much."""

    count: int
    minor: int


@dataclass(frozen=True)
class Silence:
    """Since when no bank line of a lessor has arrived, and how long it usually takes."""

    last_on: date
    days: int
    allowed_days: int

    @property
    def is_too_long(self) -> bool:
        return self.days > self.allowed_days


def silence_of(source: UUID, *, as_of: date) -> Silence | None:
    """How long a lessor's bank lines have not come; None where none ever came."""
    parcels = (
        replica_entries(source)
        .filter(kind="payments.batch")
        .order_by("-index")
        .values_list("known_at", flat=True)[:_PARCELS]
    )
    days = sorted({known.date() for known in parcels}, reverse=True)
    if not days:
        return None
    gaps = [(later - earlier).days for later, earlier in zip(days, days[1:], strict=False)]
    allowed = max(_SHORTEST_DAYS, _PATIENCE * round(median(gaps))) if gaps else _SHORTEST_DAYS
    return Silence(days[0], (as_of - days[0]).days, allowed)


def due_between(source: UUID, *, after: date, until: date) -> Money:
    """Rents of the lessor's open leases that fall due after a day, by their schedules."""
    leases = lessors_terms(source)
    if leases.is_empty():
        return Money(0, 0)
    settled = AssetPerformance.objects.filter(lessor_id=source, balance_minor=0, arrears_minor=0)
    over = {str(rid) for rid in settled.values_list("pk", flat=True)}
    rents = receivables_of(leases)
    is_open = np.array([rid not in over for rid in leases["lease_rid"]])
    of_open = np.repeat(is_open, np.diff(rents.offsets))
    chosen = of_open & (rents.due > days_of(after)) & (rents.due <= days_of(until))
    return Money(int(chosen.sum()), int(rents.amount[chosen].sum()))


def arrived_between(source: UUID, *, after: date, until: date, known_at: datetime) -> Money:
    """Bank lines of the lessor's leases that took effect after a day, less what was taken back."""
    with connection.cursor() as cursor:
        cursor.execute(_ARRIVED, [source, after, until, known_at])
        count, minor = cursor.fetchone()
    return Money(int(count), int(minor))


@dataclass(frozen=True)
class Collections:
    """Due and arrived in the thirty days up to the last parcel, and since."""

    silence: Silence
    due_before: Money
    arrived_before: Money
    due_since: Money
    arrived_since: Money


def collections_of(source: UUID, *, as_of: date, known_at: datetime) -> Collections | None:
    """A lessor's collections as this tenant knows them at an instant; None before any came."""
    silence = silence_of(source, as_of=as_of)
    if silence is None:
        return None
    last, before = silence.last_on, silence.last_on - timedelta(days=_COMPARED_DAYS)
    return Collections(
        silence=silence,
        due_before=due_between(source, after=before, until=last),
        arrived_before=arrived_between(source, after=before, until=last, known_at=known_at),
        due_since=due_between(source, after=last, until=as_of),
        arrived_since=arrived_between(source, after=last, until=as_of, known_at=known_at),
    )
