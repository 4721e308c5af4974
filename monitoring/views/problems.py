"""Problem assets: a remedy proposed, and confirmed."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from monitoring.forms import RemedyForm
from monitoring.models import Remedy
from monitoring.selectors import assets as asset_selectors
from monitoring.services.problems import close_problem, propose_remedy
from monitoring.views.shared import live_of, page_of
from tenants import clock
from tenants.access import people_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require


@require(Permission.VIEW_MONITORING)
def problems(request):
    done = request.GET.get("state") == "done"
    page = page_of(request, asset_selectors.problems(done=done), 20)
    positions = asset_selectors.positions_of([problem.lease_rid for problem in page])
    rows = [
        {
            "problem": problem,
            "position": positions.get(problem.lease_rid),
            "form": RemedyForm(initial={"remedy": problem.remedy}, auto_id=f"r{problem.pk}-%s"),
        }
        for problem in page
    ]
    people = people_named(
        {who for row in page for who in (row.proposed_by, row.done_by) if who is not None}
    )
    context = {"rows": rows, "page_obj": page, "done": done, "people": people, "remedies": Remedy}
    return render(request, "monitoring/problems.html", context | live_of(request))


@require(Permission.ACT_ON_ALERT)
@require_POST
def act_on_problem(request, problem_id):
    """Propose a remedy, or say that it was carried out."""
    given = {"problem_id": problem_id, "by": request.user.pk, "at": clock.now()}
    try:
        if request.POST.get("act") == "close":
            close_problem(**given)
            messages.success(request, _("Closed."))
        else:
            form = RemedyForm(request.POST)
            form.is_valid()  # the service says what is wrong, for web and API alike
            propose_remedy(
                remedy=form.data.get("remedy", ""), note=form.data.get("note", ""), **given
            )
            messages.success(request, _("Proposed."))
    except Problem as problem:
        messages.error(request, f"{problem.text('detail', _)} {problem.text('mend', _)}")
    return redirect("monitoring:problems")
