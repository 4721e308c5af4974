"""What pages and services read of deals."""

from collections.abc import Iterable
from datetime import date
from uuid import UUID

from django.db.models import Count

from pools.deals.checklist import Asked, Measured, questions
from pools.models import (
    DiligenceFinding,
    Facility,
    FacilityState,
    FinancingRequest,
    Pool,
    PoolState,
)
from pools.packaging.propose import PoolTerms
from pools.structure.plain import from_plain
from tenants.context import current_tenant
from tenants.models import Membership
from tenants.permissions import Permission, Role, permissions_of

#: States in which a pool uses its facility.
USING = [state for state in PoolState if state != PoolState.CANCELLED]


def voters() -> set[UUID]:
    """The people of this institution who may vote."""
    roles = [role.value for role in Role if Permission.VOTE in permissions_of([role])]
    members = Membership.objects.filter(
        tenant=current_tenant(), role__in=roles, is_active=True, user__is_active=True
    )
    return set(members.values_list("user_id", flat=True))


def checklist_of(
    request: FinancingRequest,
) -> list[tuple[Measured | Asked, DiligenceFinding | None]]:
    """Every question with its answer, in the order of the list."""
    findings = {finding.code: finding for finding in request.findings.all()}
    return [(item, findings.get(item.code)) for item in questions()]


def is_spoken_for(facilities: Iterable[Facility], on: date) -> bool:
    """Whether one of a request's facilities is approved, or the committee may still vote on it."""
    return any(
        one.state == FacilityState.APPROVED
        or (one.state == FacilityState.VOTING and one.expires_on > on)
        for one in facilities
    )


def terms_of(facility: Facility) -> PoolTerms:
    """The facility's terms as the committee saw them."""
    return from_plain(PoolTerms, facility.terms)


def used_minor(facility: Facility) -> int:
    """What the pools under a facility took of it: the price of each that was not cancelled."""
    prices = Pool.objects.filter(facility=facility, state__in=USING)
    return sum(prices.values_list("price_minor", flat=True))


def headroom_minor(facility: Facility) -> int:
    """What is left of the limit. A facility does not revolve: paid-back money is not lent again."""
    return max(0, facility.limit_minor - used_minor(facility))


def given_back(pool: Pool) -> dict[UUID, int]:
    """How many leases' rights were given back after the purchase, by lessor."""
    rows = pool.members.exclude(released_at=None).values_list("source")
    return dict(rows.annotate(leases=Count("pk")).order_by("source"))
