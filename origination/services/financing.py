"""The lessor asks a trust for money, and learns what was decided about it."""

import uuid
from datetime import UTC, date, datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.drafts import TS_FORMAT, Draft
from ledger.exchange.registry import Entitlement, VerifiedBatch
from ledger.services import append_entry
from origination.models import ApplicationState, FinancingApplication, PledgeRequest, PledgeState
from origination.problems import FinancingInvalid, NotRelated
from origination.services.endings import OVER, closed_among, end_leases
from origination.services.pledges import keep_answered
from tenants.context import current_tenant
from tenants.models import Relationship, Tenant
from tenants.money import exponent
from tenants.permissions import Kind
from tenants.problems import FieldError

_MOST_MINOR = 10**14
_LONGEST_MONTHS = 120


@transaction.atomic
def request_financing(
    *,
    to_tenant: Tenant,
    amount_minor: int,
    currency: str,
    term_months: int,
    purpose: str,
    by: UUID,
    at: datetime,
) -> FinancingApplication:
    """Ask one trust for money against leases; nobody but that trust reads the entry."""
    related = Relationship.objects.filter(
        sender=current_tenant(), receiver=to_tenant, is_active=True
    )
    if to_tenant.kind != Kind.TRUST or not related.exists():
        raise NotRelated
    purpose = purpose.strip()
    _check(amount_minor, currency, term_months, purpose)
    application = FinancingApplication(
        rid=uuid.uuid4(),
        to_tenant_id=to_tenant.pk,
        amount_minor=amount_minor,
        currency=currency,
        term_months=term_months,
        purpose=purpose,
        requested_by=by,
        requested_at=at,
    )
    fields = {
        "to_tenant": str(to_tenant.pk),
        "amount_minor": str(amount_minor),
        "currency": currency,
        "term_months": str(term_months),
        "purpose": purpose,
        "requested_by": str(by),
    }
    draft = Draft.service(kind="financing.requested", rid=application.rid, fields=fields, ts=at)
    application.entry_index = append_entry(draft=draft).index
    application.save(force_insert=True)
    return application


def _check(amount_minor: int, currency: str, term_months: int, purpose: str) -> None:
    found = [
        (0 < amount_minor <= _MOST_MINOR, "amount_minor", "out_of_range",
         gettext_noop("The amount must be above zero and at most a trillion."),
         gettext_noop("Write the amount that you need.")),
        (_is_currency(currency), "currency", "unknown_code",
         gettext_noop("This is no currency code."), gettext_noop("Write CNY, for example.")),
        (0 < term_months <= _LONGEST_MONTHS, "term_months", "out_of_range",
         gettext_noop("The term must be from 1 to 120 months."),
         gettext_noop("Write the term in months.")),
        (0 < len(purpose) <= 200, "purpose", "length",
         gettext_noop("The purpose must be given, in at most 200 characters."),
         gettext_noop("Say in a sentence what the money is for.")),
    ]  # fmt: skip
    errors = [
        FieldError(name, code, what, mend) for good, name, code, what, mend in found if not good
    ]
    if errors:
        raise FinancingInvalid(errors=errors)


def _is_currency(text: str) -> bool:
    try:
        return exponent(text) >= 0
    except ValueError:
        return False


def entitlement_to_applications(to_tenant: UUID) -> Entitlement:
    """The trust that was asked reads the request; no other does."""
    rids = FinancingApplication.objects.filter(to_tenant_id=to_tenant).values_list("rid", flat=True)
    return Entitlement(rids=frozenset(map(str, rids)))


def project_diligence(batch: VerifiedBatch) -> None:
    """A verified `diligence.closed` of ours: a request that did not pass it is declined."""
    for rid, stamp, fields in zip(batch.rids, batch.stamps, batch.fields, strict=True):
        if fields.get("cleared") == "false":
            _ours(batch, rid).update(state=ApplicationState.DECLINED, decided_at=_instant(stamp))


def project_decisions(batch: VerifiedBatch) -> None:
    """A verified `committee.decided` about a request of ours.

    After a refusal another facility may be approved; nothing undoes an approval.
    """
    for stamp, fields in zip(batch.stamps, batch.fields, strict=True):
        approved = fields.get("decision") == "approved"
        undecided = _ours(batch, fields["request"]).exclude(state=ApplicationState.APPROVED)
        undecided.update(
            state=ApplicationState.APPROVED if approved else ApplicationState.REFUSED,
            limit_minor=int(fields["limit_minor"]) if approved else None,
            form=fields["form"] if approved else "",
            expires_on=date.fromisoformat(fields["expires_on"]) if approved else None,
            decided_at=_instant(stamp),
        )


def _ours(batch: VerifiedBatch, rid: str):
    """The application, if it was this institution that we asked."""
    return FinancingApplication.objects.filter(rid=UUID(rid), to_tenant_id=batch.source)


def project_perfected(batch: VerifiedBatch) -> None:
    """A verified `pledge.perfected`: the trust holds the receivables that we gave."""
    keep_answered(batch, batch.rids)
    for rid, stamp in zip(batch.rids, batch.stamps, strict=True):
        _pledge(batch, rid).update(state=PledgeState.PERFECTED, closed_at=_instant(stamp))


def project_released(batch: VerifiedBatch) -> None:
    """A verified `pledge.released`: the trust let go, of everything or of some leases.

    Its fields and its items are handed over separately. What is over is withdrawn from the title
    registry: the vehicle is free for its next lease.
    """
    keep_answered(batch, batch.rids)
    for rid, stamp, fields in zip(batch.rids, batch.stamps, batch.fields, strict=False):
        if fields.get("remaining", "0") == "0":
            _pledge(batch, rid).exclude(state=PledgeState.REFUSED).update(
                state=PledgeState.RELEASED, closed_at=_instant(stamp)
            )
    if batch.items:
        _given_back(batch)


def _given_back(batch: VerifiedBatch) -> None:
    pledge = _pledge(batch, batch.rids[0]).select_for_update().first()
    if pledge is None:
        return
    told = zip(batch.items["lease_rid"], batch.items["reason"], strict=True)
    reasons = {rid: reason for rid, reason in told if rid in set(pledge.lease_rids)}
    pledge.released_rids = sorted({*pledge.released_rids, *reasons})
    pledge.save(update_fields=["released_rids"])
    over = closed_among(UUID(rid) for rid in reasons)
    over |= {UUID(rid): reason for rid, reason in reasons.items() if reason in OVER}
    end_leases(over, at=batch.known_at)


def project_disbursed(batch: VerifiedBatch) -> None:
    """A verified `pool.disbursed`: the custodian confirmed that the price was paid to us."""
    keep_answered(batch, [fields["pledge"] for fields in batch.fields])
    for stamp, fields in zip(batch.stamps, batch.fields, strict=True):
        _pledge(batch, fields["pledge"]).update(
            paid_minor=int(fields["amount_minor"]),
            bank_reference=fields["bank_reference"],
            paid_at=_instant(stamp),
        )


def _pledge(batch: VerifiedBatch, rid: str):
    return PledgeRequest.objects.filter(rid=UUID(rid), from_tenant_id=batch.source)


def _instant(stamp: str) -> datetime:
    return datetime.strptime(stamp, TS_FORMAT).replace(tzinfo=UTC)
