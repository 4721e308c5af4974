"""Triggers as the pure module wants them, and their state for pages."""

from datetime import date
from decimal import Decimal
from uuid import UUID

from monitoring.models import PoolSnapshot, TriggerRule
from monitoring.performance.triggers import Comparison, Effect, Measure, Threshold, TriggerTerms

MONTHS_AVERAGED = 3


def terms_of(rule: TriggerRule) -> TriggerTerms:
    """A stored rule as pure terms."""
    return TriggerTerms(
        code=rule.code,
        measure=Measure(rule.measure),
        comparison=Comparison(rule.comparison),
        thresholds=tuple(
            Threshold(date.fromisoformat(since), Decimal(value)) for since, value in rule.thresholds
        ),
        curable=rule.curable,
        effects=tuple(Effect(effect) for effect in rule.effects),
    )


def figures_of(snapshot: PoolSnapshot) -> dict[Measure, Decimal | None]:
    """Every measure of a pool on the snapshot's day; None where it is not known yet.

    The three-month average takes the last snapshot of each of three calendar months, this one's
    included.
    """
    return {
        Measure.CUMULATIVE_DEFAULT_RATE: snapshot.cumulative_default_rate,
        Measure.CUMULATIVE_NET_LOSS_RATE: snapshot.cumulative_net_loss_rate,
        Measure.DELINQUENCY_30: snapshot.delinquency_30,
        Measure.DELINQUENCY_90: snapshot.delinquency_90,
        Measure.DELINQUENCY_30_AVERAGE_3M: _average_of_months(snapshot),
    }


def _average_of_months(snapshot: PoolSnapshot) -> Decimal | None:
    rows = (
        PoolSnapshot.objects.filter(
            scope=snapshot.scope, scope_id=snapshot.scope_id, as_of__lte=snapshot.as_of
        )
        .order_by("as_of__year", "as_of__month", "-as_of")
        .distinct("as_of__year", "as_of__month")
        .values_list("as_of", "delinquency_30")
    )
    by_month = {(day.year, day.month): figure for day, figure in rows}
    last = sorted(by_month)[-MONTHS_AVERAGED:]
    if len(last) < MONTHS_AVERAGED:
        return None
    return sum((by_month[month] for month in last), Decimal(0)) / MONTHS_AVERAGED


def trigger_lines(pool_id: UUID) -> list[dict]:
    """Each trigger of a pool with its figure, today's threshold and how near it is."""
    snapshot = (
        PoolSnapshot.objects.filter(scope="pool", scope_id=pool_id).order_by("-as_of").first()
    )
    figures = {} if snapshot is None else figures_of(snapshot)
    lines = []
    for rule in TriggerRule.objects.filter(pool_id=pool_id).order_by("code"):
        terms = terms_of(rule)
        figure = figures.get(terms.measure)
        threshold = None if snapshot is None else terms.threshold_on(snapshot.as_of)
        lines.append(
            {
                "code": rule.code,
                "measure": rule.measure,
                "figure": figure,
                "threshold": threshold,
                "state": "breached" if rule.is_active else "within",
                "used": figure / threshold if figure is not None and threshold else None,
            }
        )
    return lines
