"""A contested right and the acts of everybody around it."""

import uuid
from datetime import UTC, datetime, timedelta

from django_tenants.utils import tenant_context

from ledger.models import Entry
from ledger.selectors import entries, payload
from origination.contests import deciding
from origination.contests.services import answer_question, open_contest
from origination.domain.contesting import (
    ANSWER_WITHIN,
    Paper,
)
from tenants.models import ContestQuestion
from tenants.registry import (
    ClaimRequest,
    claim_rights,
    perfect_rights,
    reserve_rights,
)

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
AFTER = AT + ANSWER_WITHIN
VIN, FREE = "LSVAA2180C2123456", "LSVAA2180C2654321"
SAID = "We bought this car in 2024 and never gave it to anybody."
WHY = "The papers of both sides were compared; the earlier one counts."
PDF = Paper("C:\\scans\\invoice.pdf", b"%PDF-1.7 an invoice")
RIGHT = "receivables"


def hold(cast):
    rid = uuid.uuid4()
    claim_rights(claims=[ClaimRequest(rid, [f"vin:{VIN}"])], by_tenant=cast.anda.pk, at=AT)
    given = {"claim_ids": [rid], "right": RIGHT, "holder": cast.trust.pk, "at": AT}
    reserve_rights(**given)
    perfect_rights(**given, state="pledged")
    return rid


def contest(cast, vin=VIN, **changed):
    with tenant_context(cast.xingyu):
        given = {"vin": vin, "right": RIGHT, "statement": SAID, "paper": PDF}
        given |= {"by": cast.rival_manager.pk, "at": AT} | changed
        return open_contest(**given)


def question(tenant):
    return ContestQuestion.objects.get(tenant=tenant)


def reply(tenant, by, **changed):
    with tenant_context(tenant):
        given = {"statement": SAID, "by": by.pk, "at": AT + timedelta(days=1)} | changed
        return answer_question(question=question(tenant), **given)


def operator(number):
    """Operators are uuids to the services; the pages ask for the role."""
    return uuid.UUID(int=number)


def decide(found, outcome, at=AFTER):
    deciding.propose_decision(contest=found, outcome=outcome, reason=WHY, by=operator(1), at=at)
    return deciding.confirm_decision(contest=found, outcome=outcome, by=operator(2), at=at)


def said(tenant, kind):
    with tenant_context(tenant):
        return [payload(entry.index) for entry in entries().filter(kind=kind)]


def written(tenant):
    with tenant_context(tenant):
        found = Entry.objects.filter(kind__startswith="contest.").order_by("index")
        return list(found.values_list("kind", flat=True))
