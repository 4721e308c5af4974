"""The lessor's half of a pledge: what was asked for, and the answer on the lessor's ledger."""

from collections.abc import Iterable, Sequence
from datetime import UTC, datetime
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from ledger.drafts import Draft, instant
from ledger.exchange.registry import VerifiedBatch
from ledger.models import Entry
from ledger.selectors import entries, payload
from ledger.services import append_entry
from origination.models import Lease, PledgeRequest, PledgeState
from origination.problems import AnswerTooLate, PledgeDecided
from tenants.problems import Problem

_ANSWERS = {"pledge.accepted": PledgeState.ACCEPTED, "pledge.refused": PledgeState.REFUSED}


def project_pledge_request(batch: VerifiedBatch) -> None:
    """A verified `pledge.requested` arrived: keep it for a manager to decide. Idempotent.

    Its fields and its items are handed over separately, the fields of several requests together.
    After a restoration it may come anew, when the answer stands on this lessor's ledger already.
    """
    for rid, fields in zip(batch.rids, batch.fields, strict=False):
        _kept(batch, rid).update(fields=dict(fields))
    if asked := [UUID(rid) for rid in batch.items.get("lease_rid", [])]:
        mine = Lease.objects.filter(rid__in=asked).values_list("rid", flat=True)
        _kept(batch, batch.rids[0]).update(lease_rids=sorted(map(str, mine)))
    for rid, answer in own_answers(batch.rids).items():
        _settle(_kept(batch, rid), answer)


def keep_answered(batch: VerifiedBatch, rids: Sequence[str]) -> None:
    """Requests that the ledger answers and no table has, before what became of them is projected.

    A lost table is filled from the log that is received anew, kind by kind: not in time's order.
    """
    held = PledgeRequest.objects.filter(rid__in=rids).values_list("rid", flat=True)
    if missing := {*rids} - {*map(str, held)}:
        for rid, answer in own_answers(missing).items():
            _settle(_kept(batch, rid), answer)


def own_answers(rids: Iterable[str]) -> dict[str, Entry]:
    """The first answer on this lessor's own ledger, by the request's id."""
    found: dict[str, Entry] = {}
    for entry in entries().filter(rid__in=list(rids), kind__in=list(_ANSWERS)):
        found.setdefault(str(entry.rid), entry)
    return found


def _settle(pledge: QuerySet[PledgeRequest], answer: Entry) -> None:
    """The request is as the ledger says; one that is answered or over already stays as it is."""
    pledge = pledge.filter(state=PledgeState.REQUESTED)
    if not pledge.exists():
        return
    try:
        by = payload(answer.index).get("decided_by")
    except Problem:  # the content did not come back; the answer itself stands
        by = None
    pledge.update(
        state=_ANSWERS[answer.kind],
        decided_by=by,
        decided_at=instant(answer.ts),
        entry_index=answer.index,
    )


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
    found = PledgeRequest.objects.select_for_update().filter(pk=pledge.pk)
    for answer in own_answers([str(pledge.pk)]).values():
        _settle(found, answer)  # a restored table may be older than the ledger
    pledge = found.get()
    if pledge.state == state:
        return pledge
    if pledge.state != PledgeState.REQUESTED:
        raise PledgeDecided
    until = pledge.answer_by
    if state == PledgeState.ACCEPTED and until is not None and at >= until:
        raise AnswerTooLate(params={"until": f"{until.astimezone(UTC):%Y-%m-%d %H:%M} UTC"})
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
