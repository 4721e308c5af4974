"""The collections desk: its queue, one case, and what is recorded there."""

from datetime import datetime
from uuid import UUID

from django.contrib import messages
from django.core.paginator import Page, Paginator
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from origination.domain.collections.contacts import Channel
from origination.domain.collections.rules import BEIJING
from origination.forms_collections import ContactForm, QueueFilter, ReasonForm, begun
from origination.models import CollectionContact, Lease, PaymentPromise
from origination.problems import ContactNotPermitted
from origination.selectors.collections.case import case_of, is_corrected
from origination.selectors.collections.people import collectors, names_of_cases
from origination.selectors.collections.queue import Queue, find_queue
from origination.services import lease_of
from origination.services.collections import (
    bar_calls,
    contact_draft,
    record_contact,
    withdraw_promise,
)
from origination.views.showing import show_problem
from origination.wording_collections import BUCKETS, CHANNELS, ICONS, OUTCOMES, TONES
from tenants import clock
from tenants.access import has_permission, people_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 50


class _Known(Paginator):
    """A page that the database cut out already, and how many rows there are in all."""

    def __init__(self, found: Queue, per_page: int) -> None:
        super().__init__(found.rows, per_page)
        self._count = found.count

    @property
    def count(self):  # type: ignore[override]  # a known number in the place of a query
        return self._count


def _crumbs():
    return [{"label": _("Collections"), "url": reverse("collections")}]


def _may(request, permission: Permission) -> bool:
    return has_permission(request.user, request.tenant, permission)


@require(Permission.COLLECT)
def queue(request):
    """Overdue leases, as filtered and sorted in the address."""
    people = names_of_cases()
    form = QueueFilter(request.GET, people=people, me=request.user.pk)
    wanted = form.wanted()
    text = request.GET.get("page", "1")
    number = max(1, int(text)) if text.isdecimal() and len(text) < 7 else 1
    today, now = clock.today(), clock.now()
    offset = (number - 1) * PER_PAGE
    found = find_queue(wanted, as_of=today, known_at=now, offset=offset, limit=PER_PAGE)
    paginator = _Known(found, PER_PAGE)
    if not found.rows and found.count:
        return redirect(reverse("collections"))
    address = request.GET.copy()
    address.pop("page", None)
    tabs = []
    for bucket, count in found.buckets.items():
        address["bucket"] = bucket.value
        is_chosen = wanted.bucket == bucket
        url = f"?{address.urlencode()}"
        tabs.append({"label": BUCKETS[bucket], "url": url, "active": is_chosen, "count": count})
    address["bucket"] = ""
    everything = {"label": _("All"), "url": f"?{address.urlencode()}", "active": not wanted.bucket}
    context = {
        "form": form,
        "rows": found.rows,
        "page_obj": Page(found.rows, number, paginator),
        "totals": found.totals,
        "tabs": [everything | {"count": sum(found.buckets.values())}, *tabs],
        "people": people,
        "today": today,
        "may_assign": _may(request, Permission.ASSIGN_COLLECTIONS),
        "may_set": _may(request, Permission.SET_TERMS),
        "filters": address.urlencode(),
    }
    return render(request, "origination/collections/queue.html", context)


@require(Permission.COLLECT)
def case(request, rid):
    """One lease: what is owed, what was said and promised, and what is to be done."""
    lease = lease_of(rid)
    if request.method == "POST":
        return _record(request, lease)
    shown = _shown(request, lease)
    corrects = lease.contacts.filter(rid=_uuid(request.GET.get("corrects"))).first()
    channel = Channel(corrects.channel) if corrects else _channel(request, shown)
    initial = _again(corrects) if corrects else begun(clock.now())
    form = ContactForm(initial=initial, channel=channel, currency=lease.currency)
    return _page(request, lease, shown, form, corrects=corrects)


def _record(request, lease: Lease):
    shown = _shown(request, lease)
    channel = _channel(request, shown)
    form = ContactForm(request.POST, channel=channel, currency=lease.currency)
    if not form.is_valid():
        _without_confirmation(form)
        return _page(request, lease, shown, form, status=422)
    now = clock.now()
    draft = contact_draft(fields=form.told(lease.rid), by=request.user.pk, at=now)
    confirmed = ["breaches"] if form.cleaned_data["breaches"] else []
    try:
        record_contact(draft=draft, by=request.user.pk, at=now, confirmed=confirmed)
    except Problem as problem:
        if not isinstance(problem, ContactNotPermitted):
            _without_confirmation(form)
        left = show_problem(form, problem)
        return _page(request, lease, shown, form, problem=left, status=problem.status)
    messages.success(request, _("The contact is recorded, signed and on the ledger."))
    return redirect("collection-case", rid=lease.rid)


def _without_confirmation(form: ContactForm) -> None:
    """A confirmation is offered only once a rule was broken."""
    if not form.data.get("breaches"):
        form.fields.pop("breaches", None)


@require_POST
@require(Permission.COLLECT)
def withdraw(request, rid):
    """A promise that is none (any more)."""
    promise = get_object_or_404(PaymentPromise, rid=rid)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    try:
        withdraw_promise(promise=promise, reason=reason, by=request.user.pk, at=clock.now())
        messages.success(request, _("The promise is withdrawn."))
    except Problem as problem:
        messages.error(request, _first(problem))
    return redirect("collection-case", rid=promise.lease_id)


@require_POST
@require(Permission.COLLECT)
def bar(request, rid):
    """The lessee is not to be called, or may be again."""
    lease = lease_of(rid)
    form = ReasonForm(request.POST)
    reason = form.cleaned_data["reason"] if form.is_valid() else ""
    barred = request.POST.get("barred") == "true"
    try:
        bar_calls(lease=lease, barred=barred, reason=reason, by=request.user.pk, at=clock.now())
        messages.success(
            request, _("Marked: no calls.") if barred else _("The lessee may be called again.")
        )
    except Problem as problem:
        messages.error(request, _first(problem))
    return redirect("collection-case", rid=lease.rid)


def _first(problem: Problem) -> str:
    from tenants.templatetags.ui import problem_errors, problem_text

    errors = problem_errors(problem)
    said = f"{errors[0]['detail']} {errors[0]['mend']}" if errors else problem_text(problem)
    return f"{problem_text(problem, 'title')} {said}"


def _shown(request, lease: Lease):
    return case_of(lease, as_of=clock.today(), known_at=clock.now())


def _channel(request, shown) -> Channel:
    asked = request.POST.get("channel") or request.GET.get("channel")
    if asked in list(Channel):
        return Channel(asked)
    return shown.suggested or Channel.CALL


def _uuid(text: str | None) -> UUID | None:
    try:
        return UUID(text or "")
    except ValueError:
        return None


def _again(contact: CollectionContact) -> dict[str, object]:
    """A contact's values, to be corrected."""
    names = ("outcome", "inbound", "place", "note", "next_action_on")
    at: datetime = contact.at
    return {name: getattr(contact, name) for name in names} | {
        "at": at.astimezone(BEIJING).strftime("%Y-%m-%dT%H:%M"),
        "corrects": contact.rid,
    }


def _page(request, lease, shown, form, *, problem=None, corrects=None, status=200):
    people = people_named(
        {contact.recorded_by for contact in shown.contacts}
        | {row.made_with for row, _state in shown.promises}
        | {shown.row.assigned_to} - {None}
    )
    tabs = [
        {
            "label": CHANNELS[channel],
            "url": f"?channel={channel.value}#record",
            "active": channel is form.channel,
        }
        for channel in Channel
    ]
    steps = [
        {
            "label": CHANNELS[step.channel],
            "state": "done"
            if step.is_done
            else "current"
            if step.channel is shown.suggested
            else "todo",
            "hint": step.day.isoformat() if shown.state.days_past_due else "",
        }
        for step in shown.steps
    ]
    told = [
        {
            "contact": contact,
            "icon": ICONS.get(Channel(contact.channel), "dot"),
            "tone": TONES.get(contact.outcome, "neutral"),
            "who": people.get(contact.recorded_by, "–"),
            "corrected": is_corrected(contact),
        }
        for contact in shown.contacts
    ]
    hour = clock.now().astimezone(BEIJING).hour
    context = {
        "lease": lease,
        "case": shown,
        "form": form,
        "problem": problem,
        "corrects": corrects,
        "channel": form.channel.value,
        "channel_name": CHANNELS[form.channel],
        "suggested_name": CHANNELS.get(shown.suggested, "") if shown.suggested else "",
        "tabs": tabs,
        "steps": steps,
        "told": told,
        "people": people,
        "promises": [
            (row, state, people.get(row.made_with, "–")) for row, state in reversed(shown.promises)
        ],
        "assigned": people.get(shown.row.assigned_to, ""),
        "reason": ReasonForm(),
        "quiet": not shown.rules.first_hour <= hour < shown.rules.last_hour,
        "may_assign": _may(request, Permission.ASSIGN_COLLECTIONS),
        "collectors": collectors() if _may(request, Permission.ASSIGN_COLLECTIONS) else {},
        "phone": lease.record.get("lessee_phone", ""),
        "as_of": clock.today(),
        "crumbs": _crumbs(),
        "outcomes": OUTCOMES,
    }
    return render(request, "origination/collections/case.html", context, status=status)
