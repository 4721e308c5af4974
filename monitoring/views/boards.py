"""The dashboards: of everything, of a pool, of an asset."""

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext

from ledger.field_words import Shower
from monitoring import charts
from monitoring.selectors import assets as asset_selectors
from monitoring.selectors.alerts import (
    AlertFilter,
    alert_as_message,
    open_counts,
    open_rows,
    rows_as_messages,
)
from monitoring.selectors.dashboard import (
    latest_snapshot,
    live_figures,
    pool_totals,
    snapshot_history,
)
from monitoring.selectors.pools import pool_name
from monitoring.selectors.telematics import vehicles_by_province
from monitoring.selectors.triggers import trigger_lines
from monitoring.views.shared import live_of, page_of
from origination.domain.life.machine import Move
from origination.wording_life import DONE
from tenants.permissions import Permission
from tenants.web import require

SHOWN = 12  # of the alerts and of the notices on a dashboard


@require(Permission.VIEW_MONITORING)
def dashboard(request):
    live = live_of(request)  # before the figures: what happens in between is sent again, not missed
    history = snapshot_history()
    pools = [
        row | {"name": pool_name(row["pool_id"]), "triggers": trigger_lines(row["pool_id"])}
        for row in pool_totals()
    ]
    context = {
        "figures": live_figures(),
        "snapshot": latest_snapshot(),
        "pools": pools,
        "alerts": rows_as_messages(list(open_rows()[:SHOWN])),
        "notices": rows_as_messages(list(open_rows(AlertFilter(notices=True))[:SHOWN])),
        "delinquency": charts.delinquency_chart(history),
        "buckets": charts.bucket_chart(history),
        "provinces": vehicles_by_province(),
    }
    return render(request, "monitoring/dashboard.html", context | open_counts() | live)


@require(Permission.VIEW_MONITORING)
def late_assets(request):
    found = asset_selectors.late_assets()
    return render(request, "monitoring/late_assets.html", {"page_obj": page_of(request, found)})


@require(Permission.VIEW_MONITORING)
def asset(request, lease_rid):
    days = asset_selectors.vehicle_days(lease_rid)
    alerts = [_event(alert) for alert in asset_selectors.alerts_of(lease_rid)]
    shower = Shower(request.tenant)
    moves = [_moved(move, shower) for move in asset_selectors.moves_of(lease_rid)]
    context = {
        "position": asset_selectors.asset(lease_rid),
        "bucket_labels": charts.bucket_labels(),
        "events": sorted(alerts + moves, key=lambda event: event["at"], reverse=True),
        "days": days,
        "kilometres": charts.kilometres_chart(days),
    }
    return render(request, "monitoring/asset.html", context)


def _moved(move, shower):
    fields = {"on": move.on.isoformat()} | move.facts
    told = [f"{field.label}: {field.text}" for field in shower.fields("lease.amended", fields)]
    if move.fails:
        told.append(gettext("No schedule comes of this: it does not count here."))
    return {
        "at": move.known_at,
        "title": DONE[Move(move.move)],
        "body": " · ".join(told),
        "url": reverse("ledger-copy-entry", args=[move.source, move.index]),
        "icon": "edit",
    }


def _event(alert):
    message = alert_as_message(alert)
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
