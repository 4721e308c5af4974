"""Choosing rows and an act, the preview, and what came of it."""

from uuid import UUID

from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from origination.bulk.actions import APPLICATIONS, LEASES, Action
from origination.bulk.running import ACTIONS, MOST, confirm_bulk, preview_bulk
from origination.models import BulkAction, BulkState
from origination.portfolio.filtering import filtered
from origination.portfolio.forms import LeaseFilter
from origination.selectors.desk import applications
from origination.views.desk import actor_of
from tenants import clock
from tenants.access import permissions_in
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

_TICKED = 500  # of an address; more than an act takes, so that the refusal says so


@require(Permission.VIEW_LEASES)
@require_http_methods(["GET", "POST"])
def start(request, code):
    """What the act asks for; answered, the preview is made of the rows in the address."""
    action = _allowed(request, code)
    rows = _rows(request, action)
    form, problem, status = action.form(), None, 200
    if request.method == "POST":
        form, status = action.form(request.POST), 422
        if form.is_valid():
            try:
                bulk = preview_bulk(
                    action=action, subjects=rows, given=action.given(form),
                    by=request.user.pk, at=clock.now(),
                )  # fmt: skip
            except Problem as refused:
                problem, status = refused, refused.status
            else:
                return redirect("bulk", bulk.rid)
    context = {
        "act": action,
        "form": form,
        "problem": problem,
        "count": len(rows),
        "most": MOST,
        "too_many": len(rows) > MOST,
        "back": reverse(action.of),
        "crumbs": _crumbs(action),
    }
    return render(request, "origination/bulk/start.html", context, status=status)


@require(Permission.VIEW_LEASES)
@require_http_methods(["GET", "POST"])
def bulk(request, rid):
    """The preview, only for who made it; confirmed, what became of each row."""
    found = get_object_or_404(BulkAction, pk=rid, made_by=request.user.pk)
    action = _allowed(request, found.action)
    problem = None
    if request.method == "POST":
        try:
            confirm_bulk(bulk=found, actor=actor_of(request), at=clock.now())
        except Problem as refused:
            problem = refused
        else:
            return redirect("bulk", found.rid)
    items = list(found.items.all())
    ready = sum(item.state == BulkState.READY for item in items)
    context = {
        "bulk": found,
        "act": action,
        "items": items,
        "ready": ready,
        "counts": [
            (state.label, sum(item.state == state for item in items)) for state in BulkState
        ],
        "is_of_leases": action.of == LEASES,
        "problem": problem,
        "back": reverse(action.of),
        "crumbs": _crumbs(action),
    }
    status = problem.status if problem else 200
    return render(request, "origination/bulk/bulk.html", context, status=status)


def _allowed(request, code: str) -> Action:
    action = ACTIONS.get(code)
    if action is None:
        raise Http404
    if action.permission not in permissions_in(request.user, request.tenant):
        raise PermissionDenied(action.permission)
    return action


def _rows(request, action: Action) -> list[UUID]:
    """The rows that were ticked, else all that the filters of the address find."""
    ticked = [rid for text in request.GET.getlist("row")[:_TICKED] if (rid := _uuid(text))]
    if ticked or "all" not in request.GET:
        return ticked
    if action.of == APPLICATIONS:
        state, q = (request.GET.get(name, "") for name in ("state", "q"))
        rows = applications(state=state, q=q).values_list("rid", flat=True)
    else:
        chosen = LeaseFilter(request.GET).chosen()
        found = filtered(chosen, as_of=clock.today(), known_at=clock.now())
        rows = found.values_list("rid", flat=True)
    return list(rows[: MOST + 1])


def _uuid(text: str) -> UUID | None:
    try:
        return UUID(text)
    except ValueError:
        return None


def _crumbs(action: Action) -> list[dict[str, str]]:
    label = _("Applications") if action.of == APPLICATIONS else _("Leases")
    return [{"label": label, "url": reverse(action.of)}]
