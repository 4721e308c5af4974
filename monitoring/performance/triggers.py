"""Triggers as data: a measure, dated thresholds, whether a breach can be cured, and its effects."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum


class Comparison(StrEnum):
    """On which side of its threshold a figure is a breach; the threshold itself never is."""

    ABOVE = "above"
    BELOW = "below"


class Measure(StrEnum):
    """What a trigger looks at; every one is a decimal fraction."""

    CUMULATIVE_DEFAULT_RATE = "cumulative_default_rate"
    CUMULATIVE_NET_LOSS_RATE = "cumulative_net_loss_rate"
    DELINQUENCY_30 = "delinquency_30"
    DELINQUENCY_90 = "delinquency_90"
    DELINQUENCY_30_AVERAGE_3M = "delinquency_30_average_3m"
    EXCESS_SPREAD_AVERAGE_3M = "excess_spread_average_3m"


class Effect(StrEnum):
    """What a breach does to the deal."""

    ALERT = "alert"
    STOP_REVOLVING = "stop_revolving"
    TURBO = "turbo"
    ACCELERATE = "accelerate"


@dataclass(frozen=True, slots=True)
class Threshold:
    """In force from ``since`` until the next threshold's date."""

    since: date
    value: Decimal


@dataclass(frozen=True, slots=True)
class TriggerTerms:
    """One trigger of one deal.

    Raises:
        ValueError: without a threshold, or when their dates do not rise.
    """

    code: str
    measure: Measure
    comparison: Comparison
    thresholds: tuple[Threshold, ...]
    curable: bool = True
    effects: tuple[Effect, ...] = (Effect.ALERT,)

    def __post_init__(self) -> None:
        dates = [threshold.since for threshold in self.thresholds]
        if not dates or any(a >= b for a, b in zip(dates, dates[1:])):  # noqa: B905
            raise ValueError(f"{self.code}: give thresholds in order of rising dates")

    def threshold_on(self, day: date) -> Decimal | None:
        """The threshold in force on ``day``; None before the first."""
        passed = [threshold.value for threshold in self.thresholds if threshold.since <= day]
        return passed[-1] if passed else None


@dataclass(frozen=True, slots=True)
class Verdict:
    """What one look at a trigger found.

    ``active`` is its state after the look; ``fired`` and ``cured`` say that it has just turned.
    """

    code: str
    on: date
    figure: Decimal | None
    threshold: Decimal | None
    breached: bool
    active: bool
    fired: bool
    cured: bool


def evaluate_trigger(
    terms: TriggerTerms, *, on: date, figure: Decimal | None, active: bool
) -> Verdict:
    """Compare the figure with the threshold of its day.

    Args:
        figure: None when it is not known yet (a three-month average in the second month): then
            nothing changes.
        active: whether the trigger was active before.
    """
    threshold = terms.threshold_on(on)
    if threshold is None or figure is None:
        breached, now = False, active
    else:
        above = terms.comparison is Comparison.ABOVE
        breached = figure > threshold if above else figure < threshold
        now = breached or (active and not terms.curable)
    return Verdict(
        code=terms.code,
        on=on,
        figure=figure,
        threshold=threshold,
        breached=breached,
        active=now,
        fired=now and not active,
        cured=active and not now,
    )


def evaluate_triggers(
    triggers: Sequence[TriggerTerms],
    *,
    on: date,
    figures: dict[Measure, Decimal | None],
    active: frozenset[str],
) -> list[Verdict]:
    """All triggers of a deal on one day; a measure that is not in ``figures`` is unknown."""
    return [
        evaluate_trigger(
            terms, on=on, figure=figures.get(terms.measure), active=terms.code in active
        )
        for terms in triggers
    ]
