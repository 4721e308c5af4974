"""Alerts in rows, filtered, and acknowledged one by one, picked, or all that a filter shows."""

from django.contrib import messages
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.utils.translation import ngettext
from django.views.decorators.http import require_POST

from monitoring.forms import AlertFilterForm
from monitoring.selectors.alerts import (
    alert_as_message,
    done_alerts,
    open_counts,
    open_rows,
    rows_as_messages,
)
from monitoring.services.alerts import acknowledge_matching, acknowledge_rows
from monitoring.views.shared import live_of, page_of
from tenants import clock
from tenants.access import people_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

ROWS = 15


@require(Permission.VIEW_MONITORING)
def alerts(request):
    state = request.GET.get("state")
    if state == "done":
        return _done(request)
    live = live_of(request)  # before the rows: what comes in between is not acknowledged unseen
    form = AlertFilterForm(request.GET, notices=state == "notices")
    chosen = form.chosen()
    page = page_of(request, open_rows(chosen), ROWS)
    context = {
        "state": "notices" if chosen.notices else "open",
        "form": form,
        "narrows": chosen.narrows,
        "page_obj": page,
        "alerts": rows_as_messages(list(page)),
        "followed": not chosen.narrows and not chosen.notices and page.number == 1,
    }
    return render(request, "monitoring/alerts.html", context | open_counts() | live)


def _done(request):
    page = page_of(request, done_alerts(), ROWS)
    people = people_named({alert.acknowledged_by for alert in page if alert.acknowledged_by})
    rows = [
        alert_as_message(alert)
        | {"moment": alert.at, "alert": alert, "by": people.get(alert.acknowledged_by)}
        for alert in page
    ]
    context = {"state": "done", "page_obj": page, "alerts": rows, "followed": False}
    return render(request, "monitoring/alerts.html", context | open_counts() | live_of(request))


@require(Permission.ACT_ON_ALERT)
@require_POST
def acknowledge(request, alert_id):
    """One row, with or without a reason."""
    return _acknowledged(request, lambda given: acknowledge_rows(alert_ids=[alert_id], **given))


@require(Permission.ACT_ON_ALERT)
@require_POST
def acknowledge_several(request):
    """The picked rows, or all that the page's filter shows, as one."""
    if request.POST.get("act") == "all":
        form = AlertFilterForm(request.POST, notices=request.POST.get("state") == "notices")
        up_to = _number(request.POST.get("cursor"))
        return _acknowledged(
            request,
            lambda given: acknowledge_matching(chosen=form.chosen(), up_to=up_to, **given),
        )
    picked = [_number(value) for value in request.POST.getlist("pick")]
    if not picked:
        messages.error(request, _("Nothing was picked. Tick the alerts first."))
        return redirect(_back(request))
    return _acknowledged(request, lambda given: acknowledge_rows(alert_ids=picked, **given))


def _acknowledged(request, act):
    reason = request.POST.get("reason", "")
    try:
        done = act({"by": request.user.pk, "at": clock.now(), "reason": reason})
    except Problem as problem:
        messages.error(request, f"{problem.text('detail', _)} {problem.text('mend', _)}")
    else:
        messages.success(request, _in_words(done))
    return redirect(_back(request))


def _in_words(done):
    """Rows are what the page counts; several alerts may stand in one."""
    alerts = ngettext(
        "%(count)s alert acknowledged.", "%(count)s alerts acknowledged.", done.alerts
    ) % {"count": f"{done.alerts:,}"}
    if done.rows == done.alerts:
        return alerts
    rows = ngettext("%(rows)s row: %(alerts)s", "%(rows)s rows: %(alerts)s", done.rows)
    return rows % {"rows": f"{done.rows:,}", "alerts": alerts}


def _back(request):
    """The same list again: state and filters, from its first page."""
    kept = {
        name: request.POST[name]
        for name in ("state", "severity", "code", "pool")
        if request.POST.get(name)
    }
    address = reverse("monitoring:alerts")
    return f"{address}?{urlencode(kept)}" if kept else address


def _number(value):
    return int(value) if value and value.isdecimal() else 0
