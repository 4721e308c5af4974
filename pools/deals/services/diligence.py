"""Due diligence: questions answered by people and figures measured by the system."""

from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.drafts import Draft
from ledger.services import append_entry
from pools.deals.checklist import ASKED_BY_CODE, CODES, MEASURED, outstanding
from pools.deals.measuring import measure
from pools.deals.problems import DiligenceInvalid, DiligenceOpen, RequestClosed
from pools.models import DiligenceFinding, FinancingRequest, RequestState
from pools.structure.plain import digest
from tenants.problems import FieldError


@transaction.atomic
def measure_diligence(
    *, request: FinancingRequest, by: UUID, at: datetime
) -> list[DiligenceFinding]:
    """Measure every question that a figure answers; a new measure replaces the one before.

    A finding's note is the figure as plain text, empty where there was nothing to measure.
    """
    request = _open(request)
    figures = measure(request, at)
    rows = [
        DiligenceFinding(
            request=request,
            code=item.code,
            passed=item.passes(figures.get(item.code)),
            note="" if figures.get(item.code) is None else format(figures[item.code], "f"),
            measured=True,
            by=by,
            at=at,
        )
        for item in MEASURED
    ]
    return _keep(rows)


@transaction.atomic
def answer_diligence(
    *, request: FinancingRequest, code: str, passed: bool, note: str, by: UUID, at: datetime
) -> DiligenceFinding:
    """Answer one question that only a person can; a later answer replaces the one before."""
    request = _open(request)
    note = note.strip()
    errors = []
    if code not in ASKED_BY_CODE:
        errors.append(
            FieldError("code", "unknown_code", gettext_noop("Nobody is asked that."),
                       gettext_noop("Answer a question of the check-list."))
        )  # fmt: skip
    if not 0 < len(note) <= 400:
        errors.append(
            FieldError("note", "length", gettext_noop("Write a note of at most 400 characters."),
                       gettext_noop("Say what was looked at, and where it can be found."))
        )  # fmt: skip
    if errors:
        raise DiligenceInvalid(errors=errors)
    row = DiligenceFinding(request=request, code=code, passed=passed, note=note, by=by, at=at)
    return _keep([row])[0]


@transaction.atomic
def close_diligence(
    *, request: FinancingRequest, cleared: bool, by: UUID, at: datetime
) -> FinancingRequest:
    """Clear the request for the committee, or decline it: `diligence.closed` on our ledger."""
    request = _open(request)
    findings = list(request.findings.order_by("code"))
    answers = {finding.code: finding.passed for finding in findings}
    if cleared and (missing := outstanding(answers)):
        raise DiligenceOpen(params={"codes": ", ".join(missing)})
    request.state = RequestState.CLEARED if cleared else RequestState.DECLINED
    request.closed_by, request.closed_at = by, at
    request.save(update_fields=["state", "closed_by", "closed_at"])
    told = [[f.code, f.passed, f.note, str(f.by), f.at.isoformat()] for f in findings]
    fields = {
        "lessor": str(request.source),
        "cleared": str(cleared).lower(),
        "questions": str(len(CODES)),
        "passed": str(sum(answers.values())),
        "findings_sha256": digest(told),
        "closed_by": str(by),
    }
    append_entry(
        draft=Draft.service(kind="diligence.closed", rid=request.rid, fields=fields, ts=at)
    )
    return request


def _open(request: FinancingRequest) -> FinancingRequest:
    request = FinancingRequest.objects.select_for_update().get(pk=request.pk)
    if request.state != RequestState.RECEIVED:
        raise RequestClosed
    return request


def _keep(rows: list[DiligenceFinding]) -> list[DiligenceFinding]:
    return DiligenceFinding.objects.bulk_create(
        rows,
        update_conflicts=True,
        unique_fields=["request", "code"],
        update_fields=["passed", "note", "measured", "by", "at"],
    )
