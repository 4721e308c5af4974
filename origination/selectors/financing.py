"""What this lessor asked trust companies for, and what their entries say became of it."""

from collections.abc import Sequence
from dataclasses import dataclass

from origination.models import FinancingApplication, PledgeRequest
from origination.selectors.pledges import Asked, described
from tenants.models import Relationship, Tenant
from tenants.permissions import Kind


@dataclass(frozen=True)
class Applied:
    """An application and the trust company that was asked."""

    application: FinancingApplication
    institution: Tenant | None


def applications() -> list[Applied]:
    """Every application, the newest first."""
    rows = list(FinancingApplication.objects.all())
    named = Tenant.objects.in_bulk({row.to_tenant_id for row in rows})
    return [Applied(row, named.get(row.to_tenant_id)) for row in rows]


def may_be_asked(tenant: Tenant) -> list[Tenant]:
    """Trust companies that `tenant` has a relationship with."""
    related = Relationship.objects.filter(
        sender=tenant, is_active=True, receiver__kind=Kind.TRUST.value
    )
    return [row.receiver for row in related.select_related("receiver").order_by("receiver__name")]


def receivables_given() -> Sequence[Asked]:
    """Pledges and sales that were not refused, with what was paid for them."""
    return described(PledgeRequest.objects.exclude(state="refused"))
