"""Moves of a lease's life: a page for each, with how the lease stands and what the move means."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from origination.domain.life.machine import MACHINE, Move, State
from origination.domain.life.moves import ASKED
from origination.forms_life import MoveForm
from origination.models import Lease
from origination.selectors.life import newest_step, standing_of
from origination.services import lease_of, move_lease
from origination.views.blaming import blamed
from origination.wording_life import DONE, MEANS, MOVES
from tenants import clock
from tenants.access import has_permission
from tenants.clients import client_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require


@require_http_methods(["GET", "POST"])
@require(Permission.VIEW_LEASES)
def lease_move(request, rid, move):
    """One move of one lease: asked for, checked, made."""
    chosen = _move(move)
    if not has_permission(request.user, request.tenant, MACHINE[chosen].permission):
        raise PermissionDenied(MACHINE[chosen].permission)
    lease = lease_of(rid)
    last = newest_step(rid)
    day = clock.today()
    standing = standing_of(lease, on=day, known_at=clock.now())
    settled = chosen is Move.SETTLE and standing.settled_on
    initial = {"on": settled or day, "seen": last.number if last else 0}
    form, problem, status = MoveForm(initial=initial, move=chosen), None, 200
    if request.method == "POST":
        form = MoveForm(request.POST, move=chosen)
        status = 422
        if form.is_valid():
            try:
                _make(request, lease, chosen, form)
            except Problem as refused:
                problem, status = blamed(form, refused), refused.status
            else:
                messages.success(request, f"{DONE[chosen]}: {lease.contract_number}")
                return redirect("lease", lease.rid)
    context = {
        "lease": lease,
        "move": chosen,
        "title": MOVES[chosen],
        "means": MEANS[chosen],
        "state": State(last.state) if last else State.ACTIVE,
        "standing": standing,
        "day": day,
        "form": form,
        "problem": problem,
        "is_final": chosen in (Move.CLOSE, Move.WRITE_OFF),
        "crumbs": [
            {"label": _("Leases"), "url": reverse("leases")},
            {"label": lease.contract_number, "url": reverse("lease", args=[lease.rid])},
        ],
    }
    return render(request, "origination/lease_move.html", context, status=status)


def _make(request, lease: Lease, move: Move, form: MoveForm) -> None:
    move_lease(
        rid=lease.rid,
        move=move,
        on=form.cleaned_data["on"],
        given=form.given(),
        by=request.user.pk,
        at=clock.now(),
        client=client_named(request.headers.get("User-Agent", "")),
        seen=form.cleaned_data["seen"],
    )


def _move(name: str) -> Move:
    if name not in {move.value for move in ASKED}:
        raise Http404
    return Move(name)
