"""Alerts for pages and sockets."""

from django.db.models import QuerySet
from django.utils import translation

from monitoring.models import Alert
from monitoring.texts import describe

PAGE = 200


def newest_alert_id() -> int:
    """The cursor of somebody who has seen everything; 0 when there is nothing."""
    newest = Alert.objects.order_by("-id").values_list("id", flat=True).first()
    return newest or 0


def alerts_after(cursor: int, limit: int = PAGE) -> list[Alert]:
    """Alerts that committed after the one with id `cursor`, oldest first."""
    return list(Alert.objects.filter(id__gt=cursor).order_by("id")[:limit])


def recent_alerts(*, only_open: bool = False, limit: int = 50) -> list[Alert]:
    """Newest first."""
    alerts = open_alerts() if only_open else Alert.objects.all()
    return list(alerts.order_by("-id")[:limit])


def open_alerts() -> QuerySet[Alert]:
    """Alerts that nobody has acknowledged."""
    return Alert.objects.filter(acknowledged_at__isnull=True)


def alert_as_message(alert: Alert) -> dict:
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
    }


def alerts_as_messages(alerts: list[Alert], language: str) -> list[dict]:
    """Alerts as messages in one language."""
    with translation.override(language):
        return [alert_as_message(alert) for alert in alerts]
