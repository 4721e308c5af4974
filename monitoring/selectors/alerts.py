"""Alerts for pages and sockets."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, IntegerField, Max, Min, Q, QuerySet, Value, When
from django.utils import translation

from monitoring.models import Alert, Severity
from monitoring.texts import describe
from tenants.models import Tenant

PAGE = 200
OUTSIDE = "outside"  # of every pool
#: What somebody has to look at; the rest is for information and stands apart.
PRESSING = (Severity.DANGER.value, Severity.WARNING.value)
_RANK = Max(
    Case(
        When(severity=Severity.DANGER, then=Value(2)),
        When(severity=Severity.WARNING, then=Value(1)),
        default=Value(0),
        output_field=IntegerField(),
    )
)
_ROW = ("code", "subject_kind", "subject_id", "topic")


@dataclass(frozen=True)
class AlertFilter:
    """What of the open alerts is asked for; empty takes all of it.

    `pool` is a pool's id or OUTSIDE; `notices` asks for what is for information only.
    """

    severity: str = ""
    code: str = ""
    pool: str = ""
    notices: bool = False

    @property
    def narrows(self) -> bool:
        return bool(self.severity or self.code or self.pool)


def newest_alert_id() -> int:
    """The cursor of somebody who has seen everything; 0 when there is nothing."""
    newest = Alert.objects.order_by("-id").values_list("id", flat=True).first()
    return newest or 0


def alerts_after(cursor: int, limit: int = PAGE) -> list[Alert]:
    """Alerts that committed after the one with id `cursor`, oldest first."""
    return list(Alert.objects.filter(id__gt=cursor).defer("leases").order_by("id")[:limit])


def open_alerts() -> QuerySet[Alert]:
    """Alerts that nobody has acknowledged and whose cause has not ended."""
    return Alert.objects.filter(acknowledged_at__isnull=True, ended_at__isnull=True)


def done_alerts() -> QuerySet[Alert]:
    """Alerts that were acknowledged or closed by themselves, newest first."""
    done = Q(acknowledged_at__isnull=False) | Q(ended_at__isnull=False)
    return Alert.objects.filter(done).defer("leases").order_by("-id")


def matching(chosen: AlertFilter) -> Q:
    """A filter as a condition."""
    severities = (Severity.INFO.value,) if chosen.notices else PRESSING
    wanted = Q(severity__in=severities)
    if chosen.severity:
        wanted &= Q(severity=chosen.severity)
    if chosen.code:
        wanted &= Q(code=chosen.code)
    if chosen.pool == OUTSIDE:
        wanted &= Q(pool_id__isnull=True)
    elif chosen.pool:
        wanted &= Q(pool_id=UUID(chosen.pool))
    return wanted


def open_rows(chosen: AlertFilter | None = None) -> QuerySet[Alert, dict[str, Any]]:
    """Open alerts of one code, subject and topic as one row: the gravest first, then the newest."""
    found = open_alerts().filter(matching(chosen or AlertFilter()))
    return (
        found.values(*_ROW)
        .annotate(rank=_RANK, count=Count("id"), newest=Max("id"), first_at=Min("at"))
        .order_by("-rank", "-newest")
    )


def count_rows(found: QuerySet[Alert]) -> int:
    """As how many rows these alerts stand."""
    return found.values(*_ROW).distinct().count()


def open_codes(*, notices: bool) -> list[str]:
    """Which kinds of alerts are open now."""
    found = open_alerts().filter(matching(AlertFilter(notices=notices)))
    return list(found.values_list("code", flat=True).distinct().order_by("code"))


def open_counts() -> dict[str, int]:
    """How many rows wait: those to look at and those for information."""
    return {
        "open_alerts": open_rows().count(),
        "open_notices": open_rows(AlertFilter(notices=True)).count(),
    }


def rows_as_messages(rows: list[dict[str, Any]]) -> list[dict[str, Any]]:
    """Rows with the words of their newest alert, in the active language."""
    newest = Alert.objects.defer("leases").in_bulk([row["newest"] for row in rows])
    lessors = Tenant.objects.in_bulk(
        [row["subject_id"] for row in rows if row["subject_kind"] == "lessor"]
    )
    return [
        alert_as_message(newest[row["newest"]])
        | {
            "moment": newest[row["newest"]].at,
            "count": row["count"],
            "first_at": row["first_at"],
            "lessor": lessors.get(row["subject_id"]),
        }
        for row in rows
    ]


def alert_as_message(alert: Alert) -> dict[str, Any]:
    """What a page shows of an alert, in the active language."""
    title, body = describe(alert.code, alert.params)
    return {
        "type": "alert",
        "id": alert.pk,
        "code": alert.code,
        "severity": alert.severity,
        "title": title,
        "body": body,
        "at": alert.at.isoformat(),
        "state": alert.state,
        "ledger_index": alert.ledger_index,
        "subject_kind": alert.subject_kind,
        "subject_id": str(alert.subject_id),
        "row": f"{alert.code}:{alert.subject_id}:{alert.topic}",
    }


def alerts_as_messages(alerts: list[Alert], language: str) -> list[dict[str, Any]]:
    """Alerts as messages in one language."""
    with translation.override(language):
        return [alert_as_message(alert) for alert in alerts]
