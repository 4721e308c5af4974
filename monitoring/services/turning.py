"""Alerts of leases that fell behind, and their end when the lessee has paid."""

from collections.abc import Sequence
from datetime import datetime
from itertools import groupby
from operator import itemgetter
from typing import Any
from uuid import UUID

from django.db.models import Q

from monitoring.models import Ending, Severity
from monitoring.services.alerts import end_alerts, end_alerts_about_many, raise_alert

#: More assets of a lessor than this that turn the same way on one day make one alert.
SINGLE_ALERTS = 10

_SEVERITIES = {
    "payment_missed": Severity.WARNING,
    "delinquency_worse": Severity.WARNING,
    "asset_defaulted": Severity.DANGER,
}
#: What an alert makes superfluous on the same asset.
_GRAVER_THAN = {
    "payment_missed": [],
    "delinquency_worse": ["payment_missed"],
    "asset_defaulted": ["payment_missed", "delinquency_worse"],
}
_MANY = {"payment_missed": "many_missed", "delinquency_worse": "many_worse"}

Facts = Sequence[dict[str, Any]]


def raise_turned(code: str, facts: Facts, indexes: Sequence[int], at: datetime) -> None:
    """One alert an asset; where many of a lessor turned, one for all but the defaults."""
    leases = [UUID(fact["lease_rid"]) for fact in facts]
    milder = Q(code__in=_GRAVER_THAN[code], subject_id__in=leases)
    end_alerts(milder, ending=Ending.GRAVER, at=at)
    lessor = itemgetter("lessor_id")
    told = sorted(
        ({**fact, "index": index} for fact, index in zip(facts, indexes, strict=True)), key=lessor
    )
    for lessor_id, group in groupby(told, key=lessor):
        own = list(group)
        if len(own) > SINGLE_ALERTS and code in _MANY:
            _raise_one_for_all(code, UUID(lessor_id), own, at)
        else:
            _raise_each(code, own, at)


def end_cured(lease_rids: Sequence[UUID], at: datetime) -> None:
    """These lessees are not late any more. A default stays until somebody has seen it."""
    if not lease_rids:
        return
    late = Q(code__in=["payment_missed", "delinquency_worse"], subject_id__in=lease_rids)
    end_alerts(late, ending=Ending.CURED, at=at)
    end_alerts_about_many(at=at)


def _raise_one_for_all(code: str, lessor_id: UUID, facts: Facts, at: datetime) -> None:
    pools = {fact["pool_id"] for fact in facts}
    pool = next(iter(pools)) if len(pools) == 1 else None
    raise_alert(
        code=_MANY[code],
        severity=_SEVERITIES[code],
        subject_kind="lessor",
        subject_id=lessor_id,
        pool_id=UUID(pool) if pool else None,
        params={
            "count": len(facts),
            "arrears_minor": sum(fact["arrears_minor"] for fact in facts),
            "currency": facts[0]["currency"],
        },
        leases=[UUID(fact["lease_rid"]) for fact in facts],
        at=at,
        ledger_index=max(fact["index"] for fact in facts),
    )


def _raise_each(code: str, facts: Facts, at: datetime) -> None:
    for fact in facts:
        raise_alert(
            code=code,
            severity=_SEVERITIES[code],
            subject_kind="asset",
            subject_id=UUID(fact["lease_rid"]),
            pool_id=UUID(fact["pool_id"]) if fact["pool_id"] else None,
            params={
                "contract": fact["contract_number"],
                "days": fact["days"],
                "arrears_minor": fact["arrears_minor"],
                "balance_minor": fact["balance_minor"],
                "currency": fact["currency"],
            },
            at=at,
            ledger_index=fact["index"],
        )
