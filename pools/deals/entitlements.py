"""What a lessor may read of the trust's ledger: the decisions about itself, nothing else."""

from uuid import UUID

from ledger.exchange.registry import Entitlement
from pools.models import Disbursement, Facility, FinancingRequest, Pledge, Pool, RequestState


def entitlement_to_decisions(to_tenant: UUID) -> Entitlement:
    """Records by id: closed requests, decided facilities, pledges, purchases, disbursements.

    A pledge's batch has one lessor's receivables, so that it may be read whole. A pool's own
    entries are read once it is purchased, if no other lessor has a part of it.
    """
    requests = FinancingRequest.objects.filter(source=to_tenant)
    closed = requests.exclude(state=RequestState.RECEIVED).values_list("rid", flat=True)
    facilities = Facility.objects.filter(request__source=to_tenant, decided_at__isnull=False)
    pledges = Pledge.objects.filter(lessor_id=to_tenant)
    pools = Pool.objects.filter(purchased_at__isnull=False, pledges__lessor_id=to_tenant)
    shared = Pledge.objects.exclude(lessor_id=to_tenant).values("pool")
    paid = Disbursement.objects.filter(lessor_id=to_tenant, confirmed_at__isnull=False)
    found = [
        *closed,
        *facilities.values_list("pk", flat=True),
        *pledges.values_list("rid", flat=True),
        *pools.exclude(pk__in=shared).values_list("pk", flat=True),
        *paid.values_list("pk", flat=True),
    ]
    return Entitlement(rids=frozenset(map(str, found)))
