"""Who collects at the institution, and how well their promises are kept."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from uuid import UUID

from origination.domain.collections.ladder import Bucket, bucket_of
from origination.domain.collections.performance import Kept, kept_by
from origination.models import CollectionCase, CollectionContact
from origination.selectors.collections.facts import states_of_promises
from tenants.access import people_named
from tenants.context import current_tenant
from tenants.models import Membership
from tenants.permissions import ROLE_PERMISSIONS, Permission


@dataclass(frozen=True)
class Performance:
    """Promises made since a day, by who took them and by bucket then; contacts that broke rules."""

    since: date
    by_person: list[tuple[str, Kept]]
    by_bucket: list[tuple[Bucket, Kept]]
    breaches: list[CollectionContact]


def collectors() -> dict[UUID, str]:
    """Everyone who may collect here, by name."""
    roles = [role for role, held in ROLE_PERMISSIONS.items() if Permission.COLLECT in held]
    rows = Membership.objects.filter(
        tenant=current_tenant(), role__in=roles, is_active=True, user__is_active=True
    ).values_list("user_id", flat=True)
    names = people_named(set(rows))
    return dict(sorted(names.items(), key=lambda item: item[1]))


def names_of_cases() -> dict[UUID, str]:
    """Everyone to whom a lease is assigned or who collects: what the queue may be filtered by."""
    held = set(
        CollectionCase.objects.filter(assigned_to__isnull=False)
        .order_by()
        .values_list("assigned_to", flat=True)
        .distinct()
    )
    return people_named(held) | collectors()


def performance(*, as_of: date, known_at: datetime, days: int = 180) -> Performance:
    """How the promises of the last days were kept, derived anew from the bank lines."""
    since = as_of - timedelta(days=days)
    found = [
        (row, state)
        for states in states_of_promises(as_of=as_of, known_at=known_at).values()
        for row, state in states
        if row.made_at.date() >= since
    ]
    names = people_named({row.made_with for row, _state in found})
    by_person = kept_by((names.get(row.made_with, "–"), state) for row, state in found)
    by_bucket = kept_by(
        (bucket, state) for row, state in found if (bucket := bucket_of(row.days_past_due))
    )
    order = list(Bucket)
    broken = CollectionContact.objects.exclude(breaches=[]).filter(
        at__date__gte=since, corrected_by=None
    )
    return Performance(
        since,
        sorted(by_person.items()),
        sorted(by_bucket.items(), key=lambda item: order.index(item[0])),
        list(broken.select_related("lease").defer("lease__record")[:20]),
    )
