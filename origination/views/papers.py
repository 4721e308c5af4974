"""Papers of vehicles: of one lease with the form to note another, and all that run out."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from origination.domain.papers import standing
from origination.forms_papers import PaperForm
from origination.selectors.papers import papers_of, running_out
from origination.services import lease_of
from origination.services.papers import note_paper
from origination.views.blaming import blamed
from tenants import clock
from tenants.access import has_permission
from tenants.clients import client_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 50


@require_http_methods(["GET", "POST"])
@require(Permission.VIEW_LEASES)
def lease_papers(request, rid):
    """The papers of one lease's vehicle; noting one."""
    may_note = has_permission(request.user, request.tenant, Permission.MOVE_LEASE)
    lease = lease_of(rid)
    form, problem, status = PaperForm(initial={"paper": request.GET.get("paper", "")}), None, 200
    if request.method == "POST":
        if not may_note:
            raise PermissionDenied(Permission.MOVE_LEASE)
        form, status = PaperForm(request.POST), 422
        if form.is_valid():
            client = client_named(request.headers.get("User-Agent", ""))
            try:
                note_paper(
                    rid=rid, given=form.given(), by=request.user.pk, at=clock.now(), client=client
                )
            except Problem as refused:
                problem = blamed(form, refused)
            else:
                messages.success(request, _("The paper is noted."))
                return redirect("lease-papers", rid)
    context = {
        "lease": lease,
        "rows": papers_of(lease, clock.today()),
        "form": form,
        "problem": problem,
        "may_note": may_note,
        "crumbs": [
            {"label": _("Leases"), "url": reverse("leases")},
            {"label": lease.contract_number, "url": reverse("lease", args=[rid])},
        ],
    }
    return render(request, "origination/lease_papers.html", context, status=status)


@require(Permission.VIEW_LEASES)
def papers(request):
    """Every paper that has expired or does so within a month."""
    day = clock.today()
    page = Paginator(running_out(day), PER_PAGE).get_page(request.GET.get("page"))
    context = {
        "page_obj": page,
        "rows": [(row, standing(row.until_on, day)) for row in page],
    }
    return render(request, "origination/papers.html", context)
