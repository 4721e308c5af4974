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
    """A verified `pledge.requested` arrived: keep it for a manager to decide. Idempotent.

    Its fields and its items are handed over separately, the fields of several requests together.
    """
    for rid, fields in zip(batch.rids, batch.fields, strict=False):
        _kept(batch, rid).update(fields=dict(fields))
    if asked := [UUID(rid) for rid in batch.items.get("lease_rid", [])]:
        mine = Lease.objects.filter(rid__in=asked).values_list("rid", flat=True)
        _kept(batch, batch.rids[0]).update(lease_rids=sorted(map(str, mine)))


def _kept(batch: VerifiedBatch, rid: str):
    """The request as a queryset, made where it is new; empty for another's id."""
    PledgeRequest.objects.get_or_create(
        rid=UUID(rid),
        defaults={
            "from_tenant_id": batch.source,
            "fields": {},
            "lease_rids": [],
            "requested_at": batch.known_at,
        },
    )
    return PledgeRequest.objects.filter(rid=UUID(rid), from_tenant_id=batch.source)


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
    kind = "pledge.accepted" if state == PledgeState.ACCEPTED else "pledge.refused"
    draft = Draft.service(kind=kind, rid=pledge.rid, fields=fields, ts=at)
    pledge.entry_index = append_entry(draft=draft).index
    pledge.save(update_fields=["state", "decided_by", "decided_at", "entry_index"])
    return pledge
