"""Triggers as data: a measured figure against a dated table of thresholds, and what it changes.

Pure. The figures come from performance (monitoring); a missing figure never fires and is reported
as not measured. A trigger that is not curable stays fired.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum

from pools.structure.terms import Status
from tenants.problems import Invalid


class Measure(StrEnum):
    """Figures that triggers know."""

    CUMULATIVE_DEFAULT = "cumulative_default"  # 累计违约率
    DELINQUENCY_3M = "delinquency_3m"  # mean of three months of 严重拖欠率
    EXCESS_SPREAD_3M = "excess_spread_3m"  # annualised
    OC_RATIO = "oc_ratio"  # pool ÷ notes
    SERVICER_DEFAULT = "servicer_default"  # 1 when it happened


class Side(StrEnum):
    ABOVE = "above"
    BELOW = "below"


@dataclass(frozen=True, slots=True)
class Threshold:
    """From this month since closing (1 is the first) the limit is `limit`."""

    from_month: int
    limit: Decimal


@dataclass(frozen=True, slots=True)
class Trigger:
    """Fires when `measure` lies strictly on `side` of its threshold, and what the deal becomes."""

    id: str
    measure: Measure
    side: Side
    thresholds: tuple[Threshold, ...]
    effect: Status
    curable: bool = False


@dataclass(frozen=True, slots=True)
class TriggerResult:
    """One trigger in one month."""

    trigger: Trigger
    value: Decimal | None
    limit: Decimal
    fired: bool
    cured: bool = False


_SEVERITY = (Status.REVOLVING, Status.AMORTISING, Status.ACCELERATED, Status.DEFAULTED)


def check_triggers(triggers: Sequence[Trigger]) -> None:
    """Raise `Invalid` for tables that leave month 1 without a limit or are out of order."""
    for trigger in triggers:
        months = [threshold.from_month for threshold in trigger.thresholds]
        if not months or months[0] != 1 or months != sorted(set(months)):
            raise Invalid(
                code="trigger_invalid",
                detail="The thresholds of %(id)s must start at month 1 and rise.",
                mend="List each month once, the earliest first.",
                params={"id": trigger.id},
            )


def evaluate(
    triggers: Sequence[Trigger],
    measures: Mapping[Measure, Decimal],
    *,
    month: int,
    already: Collection[str] = (),
) -> list[TriggerResult]:
    """Each trigger's result in a month since closing; `already` are the ids that stand fired."""
    results = []
    for trigger in triggers:
        limit = [t.limit for t in trigger.thresholds if t.from_month <= month][-1]
        value = measures.get(trigger.measure)
        beyond = value is not None and (
            value > limit if trigger.side is Side.ABOVE else value < limit
        )
        stood = trigger.id in already
        cured = stood and trigger.curable and value is not None and not beyond
        results.append(TriggerResult(trigger, value, limit, beyond or (stood and not cured), cured))
    return results


def status_after(status: Status, results: Sequence[TriggerResult]) -> Status:
    """The gravest of the present status and the effects of what has fired; never back."""
    effects = [result.trigger.effect for result in results if result.fired]
    return max([status, *effects], key=_SEVERITY.index)
