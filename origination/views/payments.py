"""Bank lines: those booked, booking one, taking one back."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from origination.forms import PaymentForm
from origination.models import Lease, PaymentEvent
from origination.selectors.writes import find_payments
from origination.services import record_payment, reverse_payment
from tenants import clock
from tenants.access import has_permission
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 50


def _page(request, *, form=None, problem=None, status=200):
    q = request.GET.get("q", "")
    found = Paginator(find_payments(q=q), PER_PAGE).get_page(request.GET.get("page"))
    number = request.GET.get("contract", "")
    context = {
        "page_obj": found,
        "q": q,
        "form": form or PaymentForm(initial={"contract_number": number}),
        "problem": problem,
        "may_book": has_permission(request.user, request.tenant, Permission.RECORD_PAYMENTS),
    }
    return render(request, "origination/payments.html", context, status=status)


@require(Permission.VIEW_LEASES)
def payments(request):
    """Every bank line, and the form for one more."""
    return _page(request)


@require_POST
@require(Permission.RECORD_PAYMENTS)
def book_payment(request):
    """Book one bank line on the lease of a contract number."""
    form = PaymentForm(request.POST)
    if not form.is_valid():
        return _page(request, form=form, status=422)
    data = form.cleaned_data
    lease = Lease.objects.filter(contract_number=data["contract_number"].strip()).first()
    if lease is None:
        form.add_error("contract_number", _("There is no lease with this contract number."))
        return _page(request, form=form, status=422)
    amount = form.amount_minor(lease.currency)
    if amount is None:
        return _page(request, form=form, status=422)
    try:
        record_payment(
            lease=lease,
            amount_minor=amount,
            effective_on=data["effective_on"],
            bank_reference=data["bank_reference"].strip(),
            kind=data["kind"],
            at=clock.now(),
        )
    except Problem as problem:
        return _page(request, form=form, problem=_blamed(form, problem), status=problem.status)
    messages.success(request, _("The bank line is booked."))
    return redirect("lease", lease.rid)


def _blamed(form, problem):
    """What is wrong with the one line, beside its fields; None where the form says all of it."""
    for error in problem.errors:
        name = error.field.rpartition(".")[2]
        name = {"lease_rid": "contract_number", "effective_at": "effective_on"}.get(name, name)
        texts = error.as_dict(_)
        words = " ".join(filter(None, (texts["detail"], texts["mend"])))
        form.add_error(name if name in form.fields else None, words)
    return None if problem.errors else problem


@require_POST
@require(Permission.RECORD_PAYMENTS)
def take_back_payment(request, payment_id):
    """The bank took a line back: book its reversal."""
    payment = get_object_or_404(PaymentEvent.objects.exclude(kind="reversal"), pk=payment_id)
    try:
        reverse_payment(payment=payment, at=clock.now())
    except Problem as problem:
        return _page(request, problem=problem, status=problem.status)
    messages.success(request, _("The bank line is reversed."))
    return redirect("lease", payment.lease_id)
