"""Raising and acknowledging alerts."""

from collections.abc import Mapping
from datetime import datetime
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from monitoring.live.nudges import ALERTS, nudge_after_commit
from monitoring.models import Alert, Severity
from monitoring.texts import describe
from tenants.problems import NotFound


def raise_alert(
    *,
    code: str,
    severity: Severity,
    subject_kind: str,
    subject_id: UUID,
    params: Mapping[str, Any],
    at: datetime,
    pool_id: UUID | None = None,
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
            pool_id=pool_id,
            params=dict(params),
            ledger_index=ledger_index,
            at=at,
        )
        nudge_after_commit(ALERTS)
    return alert


def acknowledge_alert(*, alert_id: int, by: UUID, at: datetime) -> Alert:
    """Somebody has seen it. The first one stands; a second acknowledgement changes nothing."""
    with transaction.atomic():
        alert = Alert.objects.select_for_update().filter(pk=alert_id).first()
        if alert is None:
            raise NotFound(detail="There is no alert %(id)s.", params={"id": alert_id})
        if alert.acknowledged_at is None:
            alert.acknowledged_at, alert.acknowledged_by = at, by
            alert.save(update_fields=["acknowledged_at", "acknowledged_by"])
    return alert


def _in_order_of_commits() -> None:
    """Held until the end of the transaction: a later id is never visible before an earlier one."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtext('monitoring.alerts'), hashtext(%s))",
            [connection.schema_name],
        )
