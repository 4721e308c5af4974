"""A lessor's request: what it asks for, the diligence, and what was proposed for it."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from pools.confirming import Confirmation, blame, confirm
from pools.deals import overview, standing
from pools.deals.forms import FindingForm
from pools.deals.questions import items_of, open_codes
from pools.deals.services import answer_diligence, close_diligence, measure_diligence
from pools.deals.views.shared import person_of
from pools.models import FinancingRequest, RequestState
from tenants import clock
from tenants.access import people_named
from tenants.models import Tenant
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.templatetags.ui import institution, money
from tenants.web import require


def _page(request, asked, *, problem=None, form=None, code="", status=200):
    person = person_of(request)
    offered = asked.facilities.select_related("request")
    today = clock.today()
    rows = overview.facility_rows(offered, person, today)
    items = items_of(asked)
    names = people_named({item.finding.by for item in items if item.finding} | {asked.closed_by})
    for item in items:
        item.form = form if item.code == code else FindingForm(auto_id=f"id_{item.code}_%s")
    context = {
        "asked": asked,
        "lessor": Tenant.objects.filter(pk=asked.source).first(),
        "items": items,
        "names": names,
        "facilities": rows,
        "waits_for": standing.request_waits_for(asked, today),
        "acts": standing.request_acts(asked, person, today),
        "failed": [item for item in items if item.failed],
        "unanswered": sum(item.finding is None for item in items),
        "may_answer": asked.state == RequestState.RECEIVED
        and person.may(Permission.CONDUCT_DILIGENCE),
        "problem": problem,
    }
    return render(request, "pools/deals/request.html", context, status=status)


@require(Permission.VIEW_DEALS)
def request_page(request, rid):
    """Facts, check-list and facilities of one request."""
    return _page(request, get_object_or_404(FinancingRequest, pk=rid))


@require_POST
@require(Permission.CONDUCT_DILIGENCE)
def answer(request, rid, code):
    """A person's answer to one question."""
    asked = get_object_or_404(FinancingRequest, pk=rid)
    form = FindingForm(request.POST, auto_id=f"id_{code}_%s")
    if not form.is_valid():
        return _page(request, asked, form=form, code=code, status=422)
    given = {"passed": form.cleaned_data["passed"] == "yes", "note": form.cleaned_data["note"]}
    by = request.user.pk
    try:
        answer_diligence(request=asked, code=code, **given, by=by, at=clock.now())
    except Problem as refused:
        problem = blame(form, refused)
        return _page(request, asked, problem=problem, form=form, code=code, status=refused.status)
    messages.success(request, _("The answer is kept."))
    return redirect("deals-request", rid=rid)


@require_POST
@require(Permission.CONDUCT_DILIGENCE)
def measure(request, rid):
    """Let the system answer what it can see in the lessor's verified records."""
    asked = get_object_or_404(FinancingRequest, pk=rid)
    try:
        measure_diligence(request=asked, by=request.user.pk, at=clock.now())
    except Problem as problem:
        return _page(request, asked, problem=problem, status=problem.status)
    messages.success(request, _("Measured."))
    return redirect("deals-request", rid=rid)


@require(Permission.CONDUCT_DILIGENCE)
def close(request, rid, outcome):
    """Clear the request for a facility, or decline it."""
    asked = get_object_or_404(FinancingRequest, pk=rid)
    if outcome not in ("clear", "decline"):
        raise Http404
    cleared, missing = outcome == "clear", open_codes(asked)
    lessor = Tenant.objects.filter(pk=asked.source).first()
    page = Confirmation(
        title=_("Clear the request") if cleared else _("Decline the request"),
        facts=[
            (_("Lessor"), institution(lessor)),
            (_("Amount"), money(asked.amount_minor, asked.currency)),
            (_("Purpose"), asked.purpose),
        ],
        consequences=_consequences(cleared),
        button=_("Clear the request") if cleared else _("Decline"),
        tone="primary" if cleared else "danger",
        done=_("The diligence is closed.") if cleared else _("The request is declined."),
        back=reverse("deals-request", args=[rid]),
        refusal=_refusal(asked, cleared, missing),
    )

    def act():
        close_diligence(request=asked, cleared=cleared, by=request.user.pk, at=clock.now())

    return confirm(request, page, act)


def _refusal(asked, cleared, missing):
    if asked.state != RequestState.RECEIVED:
        return _("The diligence of this request was closed before.")
    if cleared and missing:
        open_questions = ngettext(
            "%(count)s question is open or not satisfied.",
            "%(count)s questions are open or not satisfied.",
            len(missing),
        )
        return open_questions % {"count": len(missing)}
    return ""


def _consequences(cleared):
    if not cleared:
        return [
            _("The request is declined for good; no facility can be proposed for it."),
            _("The lessor learns of it, and may ask again with a new request."),
        ]
    return [
        _("The answers are closed and can no longer be changed; their hash goes on the ledger."),
        _("An analyst can then propose a facility to the committee."),
    ]
