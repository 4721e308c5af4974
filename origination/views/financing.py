"""Asking a trust company for money, and what became of it."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _

from origination.forms import FinancingForm
from origination.selectors import financing as read
from origination.services import request_financing
from tenants import clock
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.templatetags.ui import institution
from tenants.web import require


@require(Permission.VIEW_LEASES)
def financing(request):
    """Applications with what was decided, and the receivables given for them."""
    held = has_permission(request.user, request.tenant, Permission.REQUEST_FINANCING)
    context = {
        "applied": read.applications(),
        "given": read.receivables_given(),
        "may_ask": held and bool(read.may_be_asked(request.tenant)),
    }
    return render(request, "origination/financing.html", context)


@require(Permission.REQUEST_FINANCING)
def ask(request):
    """The form, which says what asking does."""
    trusts = {str(trust.pk): trust for trust in read.may_be_asked(request.tenant)}
    named = [(pk, institution(trust)) for pk, trust in trusts.items()]
    form, problem = FinancingForm(request.POST or None, institutions=named), None
    if request.method == "POST" and form.is_valid():
        try:
            request_financing(
                to_tenant=trusts[form.cleaned_data["to_tenant"]],
                **form.asked(),
                by=request.user.pk,
                at=clock.now(),
            )
        except Problem as refused:
            problem = refused
        else:
            messages.success(request, _("The request is on your ledger and is on its way."))
            return redirect("financing")
    status = problem.status if problem else (422 if form.errors else 200)
    context = {"form": form, "problem": problem, "trusts": named}
    return render(request, "origination/financing_ask.html", context, status=status)
