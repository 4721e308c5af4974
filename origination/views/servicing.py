"""Terms of servicing: those in force in words, and setting them."""

import json

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from origination.forms_servicing import TermsForm
from origination.selectors.servicing import terms_book, terms_set
from origination.services import set_terms
from origination.wording import terms_in_words
from tenants import clock
from tenants.access import has_permission, people_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

_EXAMPLE = [
    {
        "from": "2024-01-01",
        "order": "penalty,fee,interest,principal",
        "across": "rental",
        "late_interest": {
            "daily_rate": "0.0005",
            "grace_days": 3,
            "base": "rent",
            "cap": "0.24",
        },
        "reminder_fee": {"after_days": 10, "amount_minor": 5000},
        "settlement": {
            "interest": "daily",
            "charges": [{"months": 12, "rate": "0.05"}, {"months": None, "rate": "0.03"}],
            "fee_minor": 0,
        },
    }
]


@require_http_methods(["GET", "POST"])
@require(Permission.VIEW_LEASES)
def terms(request):
    """The versions in force; a manager may replace them as a whole."""
    may_set = has_permission(request.user, request.tenant, Permission.SET_TERMS)
    now = clock.now()
    found = terms_set(known_at=now)
    text = json.dumps(found.versions if found else _EXAMPLE, indent=2, ensure_ascii=False)
    form = TermsForm(initial={"versions": text})
    problem, status = None, 200
    if request.method == "POST":
        if not may_set:
            raise PermissionDenied(Permission.SET_TERMS)
        form = TermsForm(request.POST)
        if form.is_valid():
            try:
                set_terms(text=form.cleaned_data["versions"], by=request.user.pk, at=now)
            except Problem as refused:
                problem = refused
            else:
                messages.success(request, _("The terms are set."))
                return redirect("servicing-terms")
        status = 422
    context = {
        "form": form,
        "problem": problem,
        "may_set": may_set,
        "found": found,
        "set_by": people_named({found.set_by}).get(found.set_by, "") if found else "",
        "versions": [
            (version.starts_on, terms_in_words(version))
            for version in terms_book(known_at=now).versions
        ],
    }
    return render(request, "origination/servicing_terms.html", context, status=status)
