"""The lessor's half of a pledge: what was asked for, and the answer on the lessor's ledger."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.exchange.registry import VerifiedBatch
from ledger.services import append_entry
from origination.models import Lease, PledgeRequest, PledgeState
from origination.problems import PledgeDecided


def project_pledge_request(batch: VerifiedBatch) -> None:
    """A verified `pledge.requested` arrived: keep it for a manager to decide. Idempotent."""
    asked = [UUID(rid) for rid in batch.items.get("lease_rid", [])]
    mine = Lease.objects.filter(rid__in=asked).values_list("rid", flat=True)
    PledgeRequest.objects.get_or_create(
        rid=UUID(batch.rids[0]),
        defaults={
            "from_tenant_id": batch.source,
            "fields": dict(batch.fields[0]) if batch.fields else {},
            "lease_rids": sorted(str(rid) for rid in mine),
            "requested_at": batch.known_at,
        },
    )


@transaction.atomic
def accept_pledge(*, pledge: PledgeRequest, by: UUID, at: datetime) -> PledgeRequest:
    """The lessor pledges (or sells) the receivables asked for: `pledge.accepted` on its ledger."""
    return _decide(pledge, PledgeState.ACCEPTED, by=by, at=at)


@transaction.atomic
def refuse_pledge(
    *, pledge: PledgeRequest, by: UUID, at: datetime, reason: str = ""
) -> PledgeRequest:
    """The lessor does not: `pledge.refused`; the other side releases its reservation."""
    return _decide(pledge, PledgeState.REFUSED, by=by, at=at, reason=reason)


def _decide(
    pledge: PledgeRequest, state: PledgeState, *, by: UUID, at: datetime, reason: str = ""
) -> PledgeRequest:
    pledge = PledgeRequest.objects.select_for_update().get(pk=pledge.pk)
    if pledge.state == state:
        return pledge
    if pledge.state != PledgeState.REQUESTED:
        raise PledgeDecided
    pledge.state, pledge.decided_by, pledge.decided_at = state, by, at
    fields = {
        "decided_by": str(by),
        "from_tenant": str(pledge.from_tenant_id),
        "leases": str(len(pledge.lease_rids)),
    } | ({"reason": reason} if reason else {})
    draft = Draft.service(kind=f"pledge.{state.value}", rid=pledge.rid, fields=fields, ts=at)
    pledge.entry_index = append_entry(draft=draft).index
    pledge.save(update_fields=["state", "decided_by", "decided_at", "entry_index"])
    return pledge
