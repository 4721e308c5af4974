"""The manager's side of collecting: assignments, the rules, how promises are kept."""

from uuid import UUID

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_http_methods

from origination.forms_collections import AssignForm, QueueFilter, RulesForm
from origination.selectors.collections.facts import rules_in_force, rules_set
from origination.selectors.collections.people import collectors, names_of_cases, performance
from origination.selectors.collections.queue import NOBODY, Row, find_queue
from origination.services.collections import Assignment, assign_leases, set_collection_rules
from origination.services.collections.assigning import MOST
from origination.views.showing import show_problem
from tenants import clock
from tenants.access import has_permission, people_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require


def _crumbs():
    return [{"label": _("Collections"), "url": reverse("collections")}]


def _chosen(request) -> list[Row]:
    """The leases that were ticked, or all that the queue's filters find."""
    form = QueueFilter(request.GET, people=names_of_cases(), me=request.user.pk)
    today, now = clock.today(), clock.now()
    rows = find_queue(form.wanted(), as_of=today, known_at=now, limit=MOST).rows
    ticked = set(request.GET.getlist("lease"))
    return [row for row in rows if str(row.rid) in ticked] if ticked else list(rows)


@require_http_methods(["GET", "POST"])
@require(Permission.ASSIGN_COLLECTIONS)
def assign(request):
    """Leases of the queue to persons: shown first, then assigned as they were shown."""
    if request.method == "POST":
        return _confirm(request)
    people = collectors()
    form = AssignForm(request.GET if "people" in request.GET else None, people=people)
    rows = _chosen(request)
    plan = []
    if form.is_bound and form.is_valid():
        chosen = form.cleaned_data["people"]
        plan = [(row, chosen[place % len(chosen)]) for place, row in enumerate(rows)]
    return _assign_page(request, form, rows, plan, people)


def _assign_page(request, form, rows, plan, people, *, problem=None, status=200):
    named = {str(pk): name for pk, name in people.items()} | {NOBODY: _("Nobody")}
    shares: dict[str, int] = {}
    for _row, to in plan:
        shares[to] = shares.get(to, 0) + 1
    totals: dict[str, int] = {}
    for row in rows:
        totals[row.currency] = totals.get(row.currency, 0) + row.owed_minor
    context = {
        "form": form,
        "rows": rows,
        "plan": [(row, to, named.get(to, to)) for row, to in plan],
        "shares": [(named.get(to, to), count) for to, count in shares.items()],
        "totals": list(totals.items()),
        "before": people_named({row.assigned_to for row in rows if row.assigned_to}),
        "kept": [(name, value) for name, values in request.GET.lists() for value in values
                 if name not in {"people", "page"}],
        "most": MOST,
        "is_cut": len(rows) >= MOST,
        "problem": problem,
        "crumbs": _crumbs(),
    }  # fmt: skip
    return render(request, "origination/collections/assign.html", context, status=status)


def _confirm(request):
    """Only what was shown."""
    pairs = [item.partition(":")[::2] for item in request.POST.getlist("plan")]
    try:
        assignments = [
            Assignment(UUID(rid), None if to == NOBODY else UUID(to)) for rid, to in pairs
        ]
    except ValueError:
        messages.warning(request, _("This list cannot be read: choose the leases again."))
        return redirect("collections")
    try:
        count = assign_leases(assignments=assignments, by=request.user.pk, at=clock.now())
    except Problem as problem:
        people = collectors()
        form = AssignForm(None, people=people)
        return _assign_page(request, form, [], [], people, problem=problem, status=problem.status)
    said = ngettext("%(count)s lease changed hands.", "%(count)s leases changed hands.", count)
    messages.success(request, said % {"count": count})
    return redirect("collections")


@require_http_methods(["GET", "POST"])
@require(Permission.COLLECT)
def rules(request):
    """The rules of collecting; a manager sets them."""
    now = clock.now()
    may_set = has_permission(request.user, request.tenant, Permission.SET_TERMS)
    form, problem, status = RulesForm(initial=RulesForm.of(rules_in_force(known_at=now))), None, 200
    if request.method == "POST" and may_set:
        form, status = RulesForm(request.POST), 422
        if form.is_valid():
            try:
                set_collection_rules(rules=form.rules(), by=request.user.pk, at=now)
            except Problem as refused:
                problem = show_problem(form, refused)
            else:
                messages.success(request, _("These rules are in force, and on the ledger."))
                return redirect("collection-rules")
    elif request.method == "POST":
        status = 403
    context = {
        "form": form,
        "problem": problem,
        "may_set": may_set,
        "set": rules_set(known_at=now),
        "crumbs": _crumbs(),
    }
    return render(request, "origination/collections/rules.html", context, status=status)


@require(Permission.COLLECT)
def promise_performance(request):
    """How promises are kept, by person and bucket, and which contacts broke a rule."""
    found = performance(as_of=clock.today(), known_at=clock.now())
    names = people_named({contact.recorded_by for contact in found.breaches})
    context = {"found": found, "names": names, "crumbs": _crumbs()}
    return render(request, "origination/collections/performance.html", context)
