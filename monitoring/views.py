"""The pages of whoever watches."""

from django.contrib import messages
from django.core.paginator import Paginator
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from monitoring import charts
from monitoring.forms import RemedyForm
from monitoring.models import Remedy
from monitoring.selectors import alerts as alert_selectors
from monitoring.selectors import assets as asset_selectors
from monitoring.selectors.dashboard import (
    latest_snapshot,
    live_figures,
    pool_totals,
    snapshot_history,
)
from monitoring.selectors.pools import pool_name
from monitoring.selectors.telematics import vehicles_by_province
from monitoring.selectors.triggers import trigger_lines
from monitoring.services.alerts import acknowledge_alert
from monitoring.services.problems import close_problem, propose_remedy
from tenants import clock
from tenants.access import has_permission, people_named
from tenants.permissions import Permission
from tenants.problems import Problem
from tenants.web import require

PER_PAGE = 50


def _page(request, found):
    return Paginator(found, PER_PAGE).get_page(request.GET.get("page"))


def _live(request):
    """What the page's script needs to follow from here on."""
    return {
        "cursor": alert_selectors.newest_alert_id(),
        "may_act": has_permission(request.user, request.tenant, Permission.ACT_ON_ALERT),
    }


def _alerts(**filters):
    return [
        alert_selectors.alert_as_message(alert) | {"moment": alert.at}
        for alert in alert_selectors.recent_alerts(**filters)
    ]


@require(Permission.VIEW_MONITORING)
def dashboard(request):
    live = _live(request)  # before the figures: what happens in between is sent again, not missed
    history = snapshot_history()
    pools = [
        row | {"name": pool_name(row["pool_id"]), "triggers": trigger_lines(row["pool_id"])}
        for row in pool_totals()
    ]
    context = {
        "figures": live_figures(),
        "snapshot": latest_snapshot(),
        "pools": pools,
        "alerts": _alerts(limit=12),
        "delinquency": charts.delinquency_chart(history),
        "buckets": charts.bucket_chart(history),
        "provinces": vehicles_by_province(),
    }
    return render(request, "monitoring/dashboard.html", context | live)


@require(Permission.VIEW_MONITORING)
def portfolio(request):
    """A lessor's own leases: the same figures, without pools."""
    live = _live(request)
    history = snapshot_history()
    context = {
        "figures": live_figures(),
        "snapshot": latest_snapshot(),
        "delinquency": charts.delinquency_chart(history),
        "buckets": charts.bucket_chart(history),
        "late": asset_selectors.late_assets()[:20],
    }
    return render(request, "monitoring/portfolio.html", context | live)


@require(Permission.VIEW_MONITORING)
def alerts(request):
    only_open = request.GET.get("state") != "all"
    context = {"alerts": _alerts(only_open=only_open, limit=200), "only_open": only_open}
    return render(request, "monitoring/alerts.html", context | _live(request))


@require(Permission.ACT_ON_ALERT)
@require_POST
def acknowledge(request, alert_id):
    acknowledge_alert(alert_id=alert_id, by=request.user.pk, at=clock.now())
    messages.success(request, _("Acknowledged."))
    return redirect("monitoring:alerts")


@require(Permission.VIEW_MONITORING)
def late_assets(request):
    found = asset_selectors.late_assets()
    return render(request, "monitoring/late_assets.html", {"page_obj": _page(request, found)})


@require(Permission.VIEW_MONITORING)
def asset(request, lease_rid):
    days = asset_selectors.vehicle_days(lease_rid)
    context = {
        "position": asset_selectors.asset(lease_rid),
        "bucket_labels": charts.bucket_labels(),
        "events": [_event(alert) for alert in asset_selectors.alerts_of(lease_rid)],
        "days": days,
        "kilometres": charts.kilometres_chart(days),
    }
    return render(request, "monitoring/asset.html", context)


def _event(alert):
    message = alert_selectors.alert_as_message(alert)
    return {
        "at": alert.at,
        "title": message["title"],
        "body": message["body"],
        "tone": alert.severity,
        "icon": "bell",
    }


@require(Permission.VIEW_MONITORING)
def pool(request, pool_id):
    history = snapshot_history("pool", pool_id)
    lines = [
        {"name": line["code"], "value": float(line["threshold"])}
        for line in trigger_lines(pool_id)
        if line["threshold"] is not None
    ]
    context = {
        "name": pool_name(pool_id),
        "snapshot": history[-1] if history else None,
        "triggers": trigger_lines(pool_id),
        "delinquency": charts.delinquency_chart(history, lines),
        "buckets": charts.bucket_chart(history),
        "balance": charts.balance_chart(history),
        "late": asset_selectors.late_assets(pool_id=pool_id)[:20],
    }
    return render(request, "monitoring/pool.html", context)


@require(Permission.VIEW_MONITORING)
def problems(request):
    done = request.GET.get("state") == "done"
    page = _page(request, asset_selectors.problems(done=done))
    positions = asset_selectors.positions_of([problem.lease_rid for problem in page])
    rows = [
        {
            "problem": problem,
            "position": positions.get(problem.lease_rid),
            "form": RemedyForm(initial={"remedy": problem.remedy}, auto_id=f"r{problem.pk}-%s"),
        }
        for problem in page
    ]
    people = people_named(
        {who for row in page for who in (row.proposed_by, row.done_by) if who is not None}
    )
    context = {"rows": rows, "page_obj": page, "done": done, "people": people, "remedies": Remedy}
    return render(request, "monitoring/problems.html", context | _live(request))


@require(Permission.ACT_ON_ALERT)
@require_POST
def act_on_problem(request, problem_id):
    """Propose a remedy, or say that it was carried out."""
    given = {"problem_id": problem_id, "by": request.user.pk, "at": clock.now()}
    try:
        if request.POST.get("act") == "close":
            close_problem(**given)
            messages.success(request, _("Closed."))
        else:
            form = RemedyForm(request.POST)
            form.is_valid()  # the service says what is wrong, for web and API alike
            propose_remedy(
                remedy=form.data.get("remedy", ""), note=form.data.get("note", ""), **given
            )
            messages.success(request, _("Proposed."))
    except Problem as problem:
        messages.error(request, f"{problem.text('detail', _)} {problem.text('mend', _)}")
    return redirect("monitoring:problems")
