"""Approval limits: those in force, those that were, and setting the next ones."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from origination.domain.life.limits import DECIDING
from origination.forms_desk import LimitsForm
from origination.models import ApprovalLimits
from origination.selectors.desk import limits_on
from origination.services.limits import set_limits
from origination.views.blaming import blamed
from origination.wording_life import ROLES
from tenants import clock
from tenants.access import has_permission, people_named
from tenants.money import DEFAULT_CURRENCY
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require


@require_http_methods(["GET", "POST"])
@require(Permission.VIEW_LEASES)
def approval_limits(request):
    """Every version; a manager sets the next one."""
    may_set = has_permission(request.user, request.tenant, Permission.SET_TERMS)
    form, problem, status = LimitsForm(initial={"starts_on": clock.today()}), None, 200
    if request.method == "POST":
        if not may_set:
            raise PermissionDenied(Permission.SET_TERMS)
        form = LimitsForm(request.POST)
        status = 422
        if form.is_valid():
            try:
                set_limits(
                    starts_on=form.cleaned_data["starts_on"], up_to=form.up_to(),
                    by=request.user.pk, at=clock.now(),
                )  # fmt: skip
            except Problem as refused:
                problem = blamed(form, refused)
            else:
                messages.success(request, _("The limits are set."))
                return redirect("approval-limits")
    rows = list(ApprovalLimits.objects.all())
    people = people_named({row.set_by for row in rows})
    found = limits_on(clock.today(), DEFAULT_CURRENCY)
    context = {
        "form": form,
        "problem": problem,
        "may_set": may_set,
        "in_force": found[1] if found else None,
        "roles": [ROLES[role] for role in DECIDING],
        "rows": [
            (row, [row.up_to.get(role.value, 0) for role in DECIDING], people.get(row.set_by, "–"))
            for row in rows
        ],
    }
    return render(request, "origination/approval_limits.html", context, status=status)
