"""What somebody needs who collects in a lessor's place, from the trust's own copy alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from ledger.exchange.selectors import replica_entries, replica_payloads
from monitoring.models import AssetPerformance
from origination.domain.schedule import schedule, terms_of

_AT_ONCE = 500


@dataclass(frozen=True)
class NextPayment:
    """One lessee: who it is, what is overdue, what falls due next and when."""

    position: AssetPerformance
    name: str
    telephone: str
    due_on: date | None
    due_minor: int


def open_positions(source: UUID) -> QuerySet[AssetPerformance]:
    """A lessor's leases on which something is still to be paid: who is not late by the day of the
    next payment, then who is late."""
    found = AssetPerformance.objects.filter(lessor_id=source, balance_minor__gt=0)
    return found.order_by("days_past_due", "oldest_unpaid_on", "contract", "lease_rid")


def next_payments(
    source: UUID, positions: list[AssetPerformance], *, as_of: date
) -> list[NextPayment]:
    """The payments after `as_of` of these leases; what the copy does not open is left out."""
    rids = [position.lease_rid for position in positions]
    entries = replica_entries(source).filter(kind="lease.recorded", rid__in=rids)
    places = dict(entries.values_list("rid", "index"))
    opened = replica_payloads(source, places.values())
    return [
        _next_of(position, opened[places[position.lease_rid]].fields, as_of)
        for position in positions
        if places.get(position.lease_rid) in opened
    ]


def all_next_payments(source: UUID, *, as_of: date) -> Iterator[NextPayment]:
    """Every open lease of a lessor, some hundreds at a time."""
    positions = open_positions(source)
    for start in range(0, positions.count(), _AT_ONCE):
        part = list(positions[start : start + _AT_ONCE])
        yield from next_payments(source, part, as_of=as_of)


def _next_of(position: AssetPerformance, fields: dict[str, str], as_of: date) -> NextPayment:
    coming = (rent for rent in schedule(terms_of(fields)) if rent.due_on > as_of)
    rent = next(coming, None)
    return NextPayment(
        position=position,
        name=fields.get("lessee_name", ""),
        telephone=fields.get("lessee_phone", ""),
        due_on=rent.due_on if rent else None,
        due_minor=rent.amount_minor if rent else 0,
    )
