"""The row of a lease that whoever records something about it locks."""

from collections.abc import Iterable
from uuid import UUID

from origination.models import CollectionCase


def held_cases(rids: Iterable[UUID]) -> dict[UUID, CollectionCase]:
    """The cases of these leases, made where there is none, locked until the transaction ends."""
    wanted = sorted(set(rids))
    CollectionCase.objects.bulk_create(
        (CollectionCase(lease_id=rid) for rid in wanted), ignore_conflicts=True
    )
    rows = CollectionCase.objects.select_for_update().filter(lease__in=wanted).order_by("lease")
    return {row.lease_id: row for row in rows}


def held_case(rid: UUID) -> CollectionCase:
    """The case of one lease, locked."""
    return held_cases([rid])[rid]
