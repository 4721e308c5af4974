"""What counterparties ask to have pledged or sold, and the lessor's answer."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _

from origination.forms import RefusalForm
from origination.models import PledgeRequest, PledgeState
from origination.problems import AnswerUnclear
from origination.selectors.pledges import described, leases_of
from origination.services import accept_pledge, refuse_pledge
from tenants import clock
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

_PAGE, _LEASES = 20, 25


@require(Permission.VIEW_LEASES)
def pledges(request):
    """Requests, the newest first, and what each of them means."""
    page = Paginator(PledgeRequest.objects.all(), _PAGE).get_page(request.GET.get("page"))
    context = {
        "asked": described(page.object_list),
        "page_obj": page,
        "may_decide": has_permission(request.user, request.tenant, Permission.ACCEPT_PLEDGE),
    }
    return render(request, "origination/pledges.html", context)


@require(Permission.ACCEPT_PLEDGE)
def decide_pledge(request, rid):
    """What is asked for, lease by lease, what an answer means, and the answer."""
    pledge = get_object_or_404(PledgeRequest, pk=rid)
    sent = request.POST if request.method == "POST" else None
    form, problem = RefusalForm(sent), None
    if request.method == "POST" and form.is_valid():
        try:
            _decide(request, pledge, form.cleaned_data["reason"])
            return redirect("pledges")
        except Problem as refused:
            problem = refused
    [row] = described([pledge])
    page = Paginator(leases_of(pledge), _LEASES).get_page(request.GET.get("page"))
    context = {
        "row": row,
        "form": form,
        "problem": problem,
        "page_obj": page,
        "is_open": pledge.state == PledgeState.REQUESTED,
        "is_late": pledge.answer_by is not None and clock.now() >= pledge.answer_by,
    }
    status = problem.status if problem else (422 if form.errors else 200)
    return render(request, "origination/pledge_decide.html", context, status=status)


def _decide(request, pledge, reason):
    now, by, decision = clock.now(), request.user.pk, request.POST.get("decision")
    if decision not in {"accept", "refuse"}:  # it cannot be taken back: nothing is read into it
        raise AnswerUnclear
    if decision == "accept":
        accept_pledge(pledge=pledge, by=by, at=now)
        messages.success(request, _("It is accepted; your answer is on your ledger."))
    else:
        refuse_pledge(pledge=pledge, by=by, at=now, reason=reason)
        messages.success(request, _("It is refused; your answer is on your ledger."))
