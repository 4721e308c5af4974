"""Moves of a lease's life: a page for each, with how the lease stands and what the move means."""

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from origination.domain.life.machine import AMENDING, MACHINE, Move, State
from origination.domain.life.moves import ASKED, read_fields
from origination.domain.schedule import RATE_SCALE
from origination.forms_life import MoveForm
from origination.models import Lease
from origination.problems import MoveInvalid
from origination.selectors.life import history_of, newest_step, standing_of
from origination.services import lease_of, move_lease
from origination.services.amendments import amend
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
    amended = None
    if request.method == "POST":
        form = MoveForm(request.POST, move=chosen)
        status = 422
        if form.is_valid():
            try:
                amended = _tried(request, lease, chosen, form)
            except Problem as refused:
                problem, status = blamed(form, refused), refused.status
            else:
                if amended is None:
                    messages.success(request, f"{DONE[chosen]}: {lease.contract_number}")
                    return redirect("lease", lease.rid)
                status = 200
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
        "is_amending": chosen in AMENDING,
        "amended": amended,
        "is_final": chosen in (Move.CLOSE, Move.WRITE_OFF),
        "asked": _asked(lease, last, chosen),
        "crumbs": [
            {"label": _("Leases"), "url": reverse("leases")},
            {"label": lease.contract_number, "url": reverse("lease", args=[lease.rid])},
        ],
    }
    return render(request, "origination/lease_move.html", context, status=status)


def _asked(lease, last, move):
    """The request that a write-off answers, as the lease's history tells it."""
    if move not in (Move.WRITE_OFF, Move.DROP_WRITE_OFF) or last is None:
        return None
    return history_of(lease)[0] if last.move == Move.ASK_WRITE_OFF else None


def _tried(request, lease, move, form):
    """Make the move; a change of the contract is shown first, and made when that was seen."""
    if move in AMENDING and "make" not in request.POST:
        return _amended(lease, move, form)
    _make(request, lease, move, form)
    return None


def _amended(lease: Lease, move: Move, form: MoveForm) -> dict[str, object]:
    """What a change would come to: its schedule before and after, and their sums."""
    fields, errors = read_fields(move, form.given())
    if errors:
        raise MoveInvalid(errors=errors)
    on = form.cleaned_data["on"]
    found = amend(lease, on=on, facts=fields, known_at=clock.now())
    return {"before": _side(found.before, on), "after": _side(found.after, on)}


def _side(version, on) -> dict[str, object]:
    later = [row for row in version.receivables if row.due_on > on]
    return {
        "rent": version.rent_minor,
        "rate": version.rate_scaled / RATE_SCALE,
        "count": len(later),
        "next": later[0].due_on if later else None,
        "maturity": version.maturity_on,
        "total": sum(row.amount_minor for row in later),
        "interest": sum(row.interest_minor for row in later),
    }


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
