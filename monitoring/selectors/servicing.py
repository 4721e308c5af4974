"""What somebody needs who collects in a lessor's place, from the trust's own copy alone."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db.models import QuerySet

from ledger.exchange.selectors import replica_entries, replica_payloads
from monitoring.models import AssetPerformance
from origination.domain.schedule import schedule, terms_of
from origination.domain.servicing.agreed import newest_version
from origination.domain.servicing.amending import Change
from pools.projection.changes import changes_of

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
    kinds = ("lease.recorded", "lease.transferred")  # whoever took a lease over owes it
    entries = replica_entries(source).filter(kind__in=kinds, rid__in=rids).order_by("index")
    places = [*entries.values_list("rid", "index")]
    opened = replica_payloads(source, [index for _rid, index in places])
    told: dict[UUID, dict[str, str]] = {}
    for rid, index in places:
        if index in opened:
            told[rid] = told.get(rid, {}) | opened[index].fields
    changed = changes_of(rids)
    return [
        _next_of(position, fields, changed.get(position.lease_rid), as_of)
        for position in positions
        if (fields := told.get(position.lease_rid)) and "term_months" in fields
    ]


def all_next_payments(source: UUID, *, as_of: date) -> Iterator[NextPayment]:
    """Every open lease of a lessor, some hundreds at a time."""
    positions = open_positions(source)
    for start in range(0, positions.count(), _AT_ONCE):
        part = list(positions[start : start + _AT_ONCE])
        yield from next_payments(source, part, as_of=as_of)


def _next_of(
    position: AssetPerformance, fields: dict[str, str], changes: list[Change] | None, as_of: date
) -> NextPayment:
    terms = terms_of(fields)
    rents = newest_version(terms, changes).receivables if changes else schedule(terms)
    coming = (rent for rent in rents if rent.due_on > as_of)
    rent = next(coming, None)
    return NextPayment(
        position=position,
        name=fields.get("lessee_name", ""),
        telephone=fields.get("lessee_phone", ""),
        due_on=rent.due_on if rent else None,
        due_minor=rent.amount_minor if rent else 0,
    )
