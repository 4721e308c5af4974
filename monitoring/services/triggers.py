"""A deal's triggers: set once, looked at after every roll-forward."""

from collections.abc import Sequence
from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

from django.db import transaction
from django.db.models import Q

from ledger.drafts import Draft
from ledger.services import append_entries
from monitoring.models import Ending, PoolSnapshot, Severity, TriggerEvent, TriggerRule
from monitoring.performance.triggers import (
    Comparison,
    Effect,
    Measure,
    Threshold,
    TriggerTerms,
    Verdict,
    evaluate_triggers,
)
from monitoring.selectors.pools import pool_name
from monitoring.selectors.triggers import figures_of, terms_of
from monitoring.services.alerts import end_alerts, raise_alert


def default_triggers(*, closed_on: date) -> list[TriggerTerms]:
    """What a deal gets that names no triggers: steps by years since closing.

    Levels as commonly seen in Chinese auto-lease deals; they are rows, to be changed a deal.
    """

    def years(*values: str) -> tuple[Threshold, ...]:
        return tuple(
            Threshold(closed_on.replace(year=closed_on.year + k, day=1), Decimal(value))
            for k, value in enumerate(values)
        )

    return [
        TriggerTerms(
            "cumulative-default",
            Measure.CUMULATIVE_DEFAULT_RATE,
            Comparison.ABOVE,
            years("0.015", "0.030", "0.045"),
            curable=False,
            effects=(Effect.ALERT, Effect.ACCELERATE),
        ),
        TriggerTerms(
            "delinquency-30",
            Measure.DELINQUENCY_30,
            Comparison.ABOVE,
            years("0.030"),
            effects=(Effect.ALERT, Effect.STOP_REVOLVING),
        ),
        TriggerTerms(
            "delinquency-30-average",
            Measure.DELINQUENCY_30_AVERAGE_3M,
            Comparison.ABOVE,
            years("0.025"),
            effects=(Effect.ALERT, Effect.TURBO),
        ),
        TriggerTerms("delinquency-90", Measure.DELINQUENCY_90, Comparison.ABOVE, years("0.010")),
    ]


def set_triggers(*, pool_id: UUID, triggers: Sequence[TriggerTerms]) -> list[TriggerRule]:
    """Give a pool its triggers; the ones it has by the same code keep their state."""
    rules = [
        TriggerRule(
            pool_id=pool_id,
            code=terms.code,
            measure=terms.measure.value,
            comparison=terms.comparison.value,
            thresholds=[[step.since.isoformat(), str(step.value)] for step in terms.thresholds],
            curable=terms.curable,
            effects=[effect.value for effect in terms.effects],
        )
        for terms in triggers
    ]
    return TriggerRule.objects.bulk_create(
        rules,
        update_conflicts=True,
        unique_fields=["pool_id", "code"],
        update_fields=["measure", "comparison", "thresholds", "curable", "effects"],
    )


def look_at_triggers(*, snapshots: Sequence[PoolSnapshot], at: datetime) -> list[TriggerEvent]:
    """Evaluate the triggers of every pool among `snapshots`; what turned goes to the ledger."""
    pools = {snapshot.scope_id: snapshot for snapshot in snapshots if snapshot.scope == "pool"}
    events = []
    with transaction.atomic():
        rules = (
            TriggerRule.objects.select_for_update()
            .filter(pool_id__in=pools)
            .order_by("pool_id", "code")
        )
        by_pool: dict[UUID, list[TriggerRule]] = {}
        for rule in rules:
            by_pool.setdefault(rule.pool_id, []).append(rule)
        for pool_id, own in by_pool.items():
            events += _look(pools[pool_id], own, at)
    return events


def _look(snapshot: PoolSnapshot, rules: list[TriggerRule], at: datetime) -> list[TriggerEvent]:
    verdicts = evaluate_triggers(
        [terms_of(rule) for rule in rules],
        on=snapshot.as_of,
        figures=figures_of(snapshot),
        active=frozenset(rule.code for rule in rules if rule.is_active),
    )
    turned = [
        (rule, verdict)
        for rule, verdict in zip(rules, verdicts, strict=True)
        if verdict.fired or verdict.cured
    ]
    if not turned:
        return []
    for rule, verdict in turned:
        rule.is_active = verdict.active
        rule.save(update_fields=["is_active"])
    appended = append_entries(drafts=[_draft(rule, verdict, at) for rule, verdict in turned])
    events = [
        TriggerEvent.objects.create(
            rule=rule,
            on=verdict.on,
            fired=verdict.fired,
            figure=verdict.figure,
            threshold=verdict.threshold,
            ledger_index=entry.index,
            at=at,
        )
        for (rule, verdict), entry in zip(turned, appended, strict=True)
    ]
    for event in events:
        _alert(event)
    return events


def _draft(rule: TriggerRule, verdict: Verdict, at: datetime) -> Draft:
    fields = {
        "pool": str(rule.pool_id),
        "trigger": rule.code,
        "measure": rule.measure,
        "turned": "fired" if verdict.fired else "cured",
        "on": verdict.on.isoformat(),
        "figure": str(verdict.figure),
        "threshold": str(verdict.threshold),
        "effects": ",".join(rule.effects),
    }
    return Draft.service(kind="trigger.fired", rid=rule.pk, fields=fields, ts=at)


def _alert(event: TriggerEvent) -> None:
    rule = event.rule
    if not event.fired:
        fired = Q(code="trigger_fired", subject_id=rule.pool_id, topic=rule.code)
        end_alerts(fired, ending=Ending.CURED, at=event.at)
    raise_alert(
        code="trigger_fired" if event.fired else "trigger_cured",
        severity=Severity.DANGER if event.fired else Severity.INFO,
        subject_kind="pool",
        subject_id=rule.pool_id,
        topic=rule.code,
        pool_id=rule.pool_id,
        params={
            "measure": rule.measure,
            "pool": pool_name(rule.pool_id),
            "figure_rate": str(event.figure),
            "threshold_rate": str(event.threshold),
        },
        at=event.at,
        ledger_index=event.ledger_index,
    )
