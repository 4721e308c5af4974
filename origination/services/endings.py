"""A lease is over: its claims in the title registry are withdrawn, `claim.withdrawn`."""

import uuid
from collections.abc import Iterable, Mapping
from datetime import datetime
from uuid import UUID

from ledger.services import append_batch
from origination.domain.life.machine import State
from origination.models import Lease, LifeStep
from tenants.context import current_tenant
from tenants.registry import held_among, withdraw_claims

#: Why a right was given back, where the lease itself is over and not only its pledge.
OVER = frozenset({"settled", "disposed"})


def closed_among(rids: Iterable[UUID]) -> dict[UUID, str]:
    """Those that were closed while somebody still held a right on them, with the reason."""
    closed = LifeStep.objects.filter(lease__in=list(rids), state=State.CLOSED.value)
    return dict.fromkeys(closed.values_list("rid", flat=True), "closed")


def end_leases(reasons: Mapping[UUID, str], *, at: datetime) -> int:
    """Withdraw the claims of these leases and note that they ended; the vehicle is free.

    A claim of which somebody still holds another right stays. Once each; returns how many ended.
    """
    own = Lease.objects.filter(rid__in=reasons, ended_on=None).order_by("rid")
    running = set(own.values_list("rid", flat=True))
    ending = sorted(running - held_among(claim_ids=running))
    if not ending:
        return 0
    withdraw_claims(claim_ids=ending, by_tenant=current_tenant().pk, at=at)
    Lease.objects.filter(rid__in=ending).update(ended_on=at.date())
    append_batch(
        kind="claim.withdrawn",
        rid=uuid.uuid4(),
        fields={"leases": str(len(ending))},
        items={
            "lease_rid": [str(rid) for rid in ending],
            "reason": [reasons[rid] for rid in ending],
        },
        at=at,
    )
    return len(ending)
