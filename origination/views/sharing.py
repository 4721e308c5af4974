"""Who may read the book."""

from django.contrib import messages
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from origination.forms import GrantForm
from origination.models import ShareGrant
from origination.selectors.writes import grants as all_grants
from origination.selectors.writes import may_be_granted
from origination.services import end_grant, grant_access
from tenants import clock
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.templatetags.ui import institution
from tenants.web import require


def _grants_page(request, *, problem=None, status=200):
    others = [(str(other.pk), institution(other)) for other in may_be_granted(request.tenant)]
    context = {
        "shared": all_grants(),
        "form": GrantForm(institutions=others) if others else None,
        "problem": problem,
        "may_grant": has_permission(request.user, request.tenant, Permission.GRANT_ACCESS),
    }
    return render(request, "origination/grants.html", context, status=status)


@require(Permission.VIEW_LEASES)
def grants(request):
    """Who may read the book, and who could."""
    return _grants_page(request)


@require_POST
@require(Permission.GRANT_ACCESS)
def make_grant(request):
    """Let an institution read the book."""
    others = {str(other.pk): other for other in may_be_granted(request.tenant)}
    chosen = others.get(request.POST.get("to_tenant", ""))
    if chosen is None:
        problem = Problem(title=_("This institution cannot be granted access now."))
        return _grants_page(request, problem=problem, status=422)
    try:
        grant_access(to_tenant=chosen, by=request.user.pk, at=clock.now())
    except Problem as problem:
        return _grants_page(request, problem=problem, status=problem.status)
    messages.success(request, _("Access is granted."))
    return redirect("grants")


@require_POST
@require(Permission.GRANT_ACCESS)
def stop_grant(request, rid):
    """Share nothing more."""
    grant = get_object_or_404(ShareGrant, pk=rid)
    end_grant(grant=grant, by=request.user.pk, at=clock.now())
    messages.success(request, _("The grant has ended."))
    return redirect("grants")
