"""Raising, acknowledging and ending alerts."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection, transaction
from django.db.models import Q

from monitoring.live.nudges import ALERTS, FIGURES, nudge_after_commit
from monitoring.models import Alert, Ending, Severity
from monitoring.selectors.alerts import AlertFilter, count_rows, matching, open_alerts
from monitoring.texts import describe
from tenants.problems import Invalid, NotFound

REASON_LENGTH = 200


class Acknowledged(NamedTuple):
    """How many alerts were acknowledged, and as how many rows they stood on the page."""

    rows: int
    alerts: int


def raise_alert(
    *,
    code: str,
    severity: Severity,
    subject_kind: str,
    subject_id: UUID,
    params: Mapping[str, Any],
    at: datetime,
    topic: str = "",
    pool_id: UUID | None = None,
    leases: Sequence[UUID] = (),
    ledger_index: int | None = None,
) -> Alert:
    """Record an alert and, once the transaction commits, show it on every open page of the tenant.

    Raises KeyError at once for a code without a text or a text whose places `params` leave empty:
    better here than in front of the reader.
    """
    describe(code, params)
    with transaction.atomic():
        _in_order_of_commits()
        alert = Alert.objects.create(
            code=code,
            severity=severity,
            subject_kind=subject_kind,
            subject_id=subject_id,
            topic=topic,
            pool_id=pool_id,
            params=dict(params),
            leases=list(leases),
            ledger_index=ledger_index,
            at=at,
        )
        nudge_after_commit(ALERTS)
    return alert


def acknowledge_rows(
    *, alert_ids: Sequence[int], by: UUID, at: datetime, reason: str = ""
) -> Acknowledged:
    """Somebody has seen these rows: of each the open alerts up to the one that stood there.

    What came in after the reader looked stays open, and an acknowledgement that was there stands.
    Raises NotFound if one of them does not exist, and
    Invalid for a reason that is needed and missing; then nothing is acknowledged.
    """
    reason = _reason(reason, needed=len(alert_ids) > 1)
    with transaction.atomic():
        shown = list(Alert.objects.filter(pk__in=alert_ids).defer("leases", "params"))
        if missing := set(alert_ids) - {alert.pk for alert in shown}:
            raise NotFound(detail="There is no alert %(id)s.", params={"id": min(missing)})
        rows = Q(pk__in=[])
        for alert in shown:
            rows |= Q(
                code=alert.code, subject_id=alert.subject_id, topic=alert.topic, pk__lte=alert.pk
            )
        return _acknowledge(rows, by, at, reason)


def acknowledge_matching(
    *, chosen: AlertFilter, up_to: int, by: UUID, at: datetime, reason: str
) -> Acknowledged:
    """Everything open that a filter shows, up to the newest alert that the reader had before him.

    One transaction. Raises Invalid without a reason.
    """
    reason = _reason(reason, needed=True)
    with transaction.atomic():
        return _acknowledge(matching(chosen) & Q(pk__lte=up_to), by, at, reason)


def _acknowledge(which: Q, by: UUID, at: datetime, reason: str) -> Acknowledged:
    found = open_alerts().filter(which)
    rows = count_rows(found)
    alerts = found.update(acknowledged_at=at, acknowledged_by=by, reason=reason)
    nudge_after_commit(FIGURES)
    return Acknowledged(rows, alerts)


def _reason(reason: str, *, needed: bool) -> str:
    reason = reason.strip()
    if needed and not reason:
        raise Invalid(
            code="reason_missing",
            detail="Several alerts are acknowledged with a reason.",
            mend="Say in a few words why nothing more is to be done.",
        )
    if len(reason) > REASON_LENGTH:
        raise Invalid(
            code="reason_too_long",
            detail="The reason is longer than 200 characters.",
            mend="Say it in a few words.",
        )
    return reason


def end_alerts(which: Q, *, ending: Ending, at: datetime) -> int:
    """Close those of the open alerts: their cause is over."""
    return open_alerts().filter(which).update(ended_at=at, ending=ending)


_END_OF_MANY = """
    UPDATE monitoring_alert AS alert SET ended_at = %s, ending = %s
    WHERE acknowledged_at IS NULL AND ended_at IS NULL AND cardinality(leases) > 0
      AND NOT EXISTS (
        SELECT FROM monitoring_assetperformance AS position
        WHERE position.lease_rid = ANY(alert.leases) AND position.bucket > 0)
"""


def end_alerts_about_many(*, at: datetime) -> None:
    """Close the alerts about many leases of which none is late any more."""
    with connection.cursor() as cursor:
        cursor.execute(_END_OF_MANY, [at, Ending.CURED.value])


def _in_order_of_commits() -> None:
    """Held until the end of the transaction: a later id is never visible before an earlier one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('monitoring.alerts'), hashtext(%s))",
            [connection.schema_name],
        )
