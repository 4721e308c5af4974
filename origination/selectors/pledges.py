"""What counterparties ask this lessor for, and what came of it."""

from collections import defaultdict
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db.models import QuerySet

from origination.models import Lease, PledgeRequest, PledgeState
from tenants.models import Tenant
from tenants.money import DEFAULT_CURRENCY

#: forms of a deal in which the receivables change hands
_SALES = frozenset({"sale", "assignment", "property_rights_trust"})


def pledges_to_decide() -> QuerySet[PledgeRequest]:
    """Requests that wait for a manager's answer."""
    return PledgeRequest.objects.filter(state=PledgeState.REQUESTED)


@dataclass(frozen=True)
class Asked:
    """A pledge request, who asks, and what it is about; amounts by currency in minor units."""

    pledge: PledgeRequest
    institution: Tenant | None
    amounts: Sequence[tuple[str, int]]

    @property
    def is_sale(self) -> bool:
        return self.pledge.fields.get("form") in _SALES

    @property
    def price_minor(self) -> int | None:
        """What is offered for the receivables, if the request says so."""
        offered = self.pledge.fields.get("price_minor")
        return int(offered) if offered else None

    @property
    def currency(self) -> str:
        return self.pledge.fields.get("currency", DEFAULT_CURRENCY)

    @property
    def answer_by(self) -> datetime | None:
        """Until when the receivables stay reserved for an answer."""
        return self.pledge.answer_by


def described(pledges: Iterable[PledgeRequest]) -> list[Asked]:
    """These requests with their counterparty and sums; two queries for all of them."""
    rows = list(pledges)
    named = Tenant.objects.in_bulk({row.from_tenant_id for row in rows})
    every = {rid for row in rows for rid in row.lease_rids}
    leases = Lease.objects.filter(rid__in=every).order_by()
    amounts = {
        str(rid): (currency, minor)
        for rid, currency, minor in leases.values_list("rid", "currency", "financed_amount_minor")
    }
    return [Asked(row, named.get(row.from_tenant_id), _sums(row, amounts)) for row in rows]


def _sums(pledge: PledgeRequest, amounts: dict[str, tuple[str, int]]) -> list[tuple[str, int]]:
    sums: dict[str, int] = defaultdict(int)
    for rid in pledge.lease_rids:
        if rid in amounts:
            currency, minor = amounts[rid]
            sums[currency] += minor
    return sorted(sums.items())


def leases_of(pledge: PledgeRequest) -> QuerySet[Lease]:
    """The leases whose receivables are asked for, the largest first."""
    found = Lease.objects.filter(rid__in=[UUID(rid) for rid in pledge.lease_rids])
    return found.defer("record").order_by("-financed_amount_minor", "contract_number")
