"""The approval desk: applications, one with its versions side by side, its moves, the limits."""

import uuid
from urllib.parse import urlencode

from django.contrib import messages
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_http_methods

from origination.bulk.actions import APPLICATIONS
from origination.bulk.offering import offered
from origination.domain.lease_fields import FIELDS
from origination.domain.life.machine import MACHINE, Move, State, ways_out
from origination.domain.life.moves import ASKED_AT_THE_DESK
from origination.domain.life.versions import side_by_side
from origination.forms_desk import ApplicationFilter, ApplicationForm, DeskMoveForm
from origination.models import Lease
from origination.selectors.desk import application_of, applications, desk_moves_for
from origination.selectors.life import history_at_the_desk, write_offs_asked
from origination.services.desk import Actor, draft_of, move_application, send_application
from origination.views.blaming import blamed
from origination.wording_life import DONE, MEANS, MOVES, STATES
from tenants import clock
from tenants.access import has_permission, people_named, roles_in
from tenants.clients import client_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 50


def actor_of(request) -> Actor:
    """Who sends this request."""
    roles = roles_in(request.user, request.tenant)
    return Actor(request.user.pk, roles, client_named(request.headers.get("User-Agent", "")))


@require(Permission.VIEW_LEASES)
def desk(request):
    """Every application, the one that moved last first."""
    desks = (State.APPLICATION, State.QUESTIONED, State.APPROVED, State.CONTRACT, State.ACTIVE)
    states = [
        (state.value, STATES[state][1]) for state in (*desks, State.DECLINED, State.WITHDRAWN)
    ]
    form = ApplicationFilter(request.GET, states=states)
    chosen = form.cleaned_data if form.is_valid() else {}
    found = applications(state=chosen.get("state", ""), q=chosen.get("q", ""))
    context = {
        "form": form,
        "page_obj": Paginator(found, PER_PAGE).get_page(request.GET.get("page")),
        "may_send": has_permission(request.user, request.tenant, Permission.RECORD_LEASE),
        "acts": offered(request, APPLICATIONS),
        "write_offs": _write_offs(request),
        "list_query": urlencode({name: text for name, text in chosen.items() if text}),
    }
    return render(request, "origination/applications.html", context)


def _write_offs(request):
    """Requests for write-offs in words, for those who decide or may give them up."""
    if not has_permission(request.user, request.tenant, Permission.MOVE_LEASE):
        return []
    asked = list(write_offs_asked()[:PER_PAGE])
    people = people_named({step.by for step in asked})
    return [
        {
            "lease": step.lease,
            "owed": int(step.facts.get("claim_minor", 0)),
            "days_past_due": int(step.facts.get("days_past_due", 0)),
            "reason": step.facts.get("reason", ""),
            "by": people.get(step.by, "–"),
            "on": step.on,
        }
        for step in asked
    ]


@require(Permission.VIEW_LEASES)
def application(request, rid):
    """One application: its versions, two of them side by side, its history, what may be done."""
    found = application_of(rid)
    state = State(found.life)
    versions = list(found.versions.all())
    after = _chosen(request, "after", versions, versions[-1])
    before = _chosen(request, "before", versions, versions[max(0, after.number - 2)])
    personal = has_permission(request.user, request.tenant, Permission.VIEW_PAYLOADS)
    own = request.user.pk in {version.sent_by for version in versions}
    people = people_named({version.sent_by for version in versions})
    context = {
        "application": found,
        "state": state,
        "versions": [(version, people.get(version.sent_by, "–")) for version in versions],
        "before": before,
        "after": after,
        "differences": _compared(before, after) if personal or own else [],
        "history": history_at_the_desk(found.lease_rid),
        "moves": desk_moves_for(request.user, request.tenant, state),
        "may_revise": Move.REVISE in ways_out(state)
        and has_permission(request.user, request.tenant, Permission.RECORD_LEASE),
        "is_own": own,
        "lease": Lease.objects.filter(rid=found.lease_rid).first(),
        "crumbs": [{"label": _("Applications"), "url": reverse("applications")}],
    }
    return render(request, "origination/application.html", context)


def _compared(before, after):
    """What changed comes first."""
    return sorted(side_by_side(before.record, after.record), key=lambda one: not one.changed)


def _chosen(request, name, versions, otherwise):
    asked = request.GET.get(name, "")
    return next((one for one in versions if str(one.number) == asked), otherwise)


@require_http_methods(["GET", "POST"])
@require(Permission.RECORD_LEASE)
def send(request, rid=None):
    """A new application, or the next version of one."""
    found = application_of(rid) if rid else None
    last = found.versions.last() if found else None
    steps = history_at_the_desk(found.lease_rid) if found else []
    asked = bool(found) and found.life == State.QUESTIONED
    initial = {"seen": len(steps)} | ({} if last else {"currency": "CNY"})
    given = {"record": last.record if last else None, "asks_answer": asked}
    form, problem, status = ApplicationForm(initial=initial, **given), None, 200
    if request.method == "POST":
        form = ApplicationForm(request.POST, asks_answer=asked)
        status = 422
        if form.is_valid():
            try:
                version = _send(request, form, found.rid if found else uuid.uuid4(), last)
            except Problem as refused:
                problem, status = blamed(form, refused), refused.status
            else:
                messages.success(request, f"{DONE[Move.REVISE if found else Move.APPLY]}")
                return redirect("application", version.application_id)
    context = {
        "form": form,
        "problem": problem,
        "application": found,
        "questions": next((row.facts for row in steps if row.move is Move.ASK), {})
        if asked
        else {},
        "crumbs": [{"label": _("Applications"), "url": reverse("applications")}],
    }
    return render(request, "origination/application_form.html", context, status=status)


def _send(request, form, rid, last):
    record, at, actor = form.record(), clock.now(), actor_of(request)
    if last and (photo := last.record.get("photo_sha256")):
        record["photo_sha256"] = photo
    answer = form.cleaned_data.get("answer", "")
    draft = draft_of(rid=rid, record=record, answer=answer, actor=actor, at=at)
    confirmed = [spec.name for spec in FIELDS] if form.cleaned_data["confirm"] else []
    return send_application(
        draft=draft, confirmed=confirmed, actor=actor, at=at, seen=form.cleaned_data["seen"]
    )


@require_http_methods(["GET", "POST"])
@require(Permission.VIEW_LEASES)
def move(request, rid, move):
    """One move of an application."""
    if move not in {one.value for one in ASKED_AT_THE_DESK}:
        raise Http404
    chosen = Move(move)
    if not has_permission(request.user, request.tenant, MACHINE[chosen].permission):
        raise PermissionDenied(MACHINE[chosen].permission)
    found = application_of(rid)
    initial = {"on": clock.today(), "seen": len(history_at_the_desk(found.lease_rid))}
    form, problem, status = DeskMoveForm(initial=initial, move=chosen), None, 200
    if request.method == "POST":
        form = DeskMoveForm(request.POST, request.FILES, move=chosen)
        status = 422
        if form.is_valid():
            try:
                move_application(
                    rid=rid, move=chosen, given=form.given(), actor=actor_of(request),
                    at=clock.now(), on=form.cleaned_data.get("on"), seen=form.cleaned_data["seen"],
                )  # fmt: skip
            except Problem as refused:
                problem, status = blamed(form, refused), refused.status
            else:
                messages.success(request, f"{DONE[chosen]}: {found.last_contract_number}")
                return redirect("application", rid)
    context = {
        "application": found,
        "state": State(found.life),
        "title": MOVES[chosen],
        "means": MEANS[chosen],
        "form": form,
        "problem": problem,
        "is_final": chosen in (Move.DECLINE, Move.WITHDRAW),
        "crumbs": [
            {"label": _("Applications"), "url": reverse("applications")},
            {"label": found.last_contract_number, "url": reverse("application", args=[rid])},
        ],
    }
    return render(request, "origination/application_move.html", context, status=status)
