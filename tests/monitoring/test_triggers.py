"""Triggers: thresholds by date, curing, and that nothing is decided on an unknown figure."""

from datetime import date
from decimal import Decimal

import pytest

from monitoring.performance.triggers import (
    Comparison,
    Measure,
    Threshold,
    TriggerTerms,
    Verdict,
    evaluate_trigger,
    evaluate_triggers,
)

STEPPED = TriggerTerms(
    code="cdr",
    measure=Measure.CUMULATIVE_DEFAULT_RATE,
    comparison=Comparison.ABOVE,
    thresholds=(
        Threshold(date(2025, 1, 1), Decimal("0.01")),
        Threshold(date(2026, 1, 1), Decimal("0.03")),
    ),
    curable=False,
)
SPREAD = TriggerTerms(
    code="xs",
    measure=Measure.EXCESS_SPREAD_AVERAGE_3M,
    comparison=Comparison.BELOW,
    thresholds=(Threshold(date(2025, 1, 1), Decimal(0)),),
)


def _look(terms: TriggerTerms, day: date, figure: str | None, active: bool = False) -> Verdict:
    value = None if figure is None else Decimal(figure)
    return evaluate_trigger(terms, on=day, figure=value, active=active)


def test_the_threshold_of_the_day_counts() -> None:
    assert _look(STEPPED, date(2025, 6, 1), "0.02").fired
    assert not _look(STEPPED, date(2026, 6, 1), "0.02").breached
    assert not _look(STEPPED, date(2024, 12, 31), "0.99").breached
    assert _look(STEPPED, date(2024, 12, 31), "0.99").threshold is None


def test_the_threshold_itself_is_no_breach() -> None:
    assert not _look(STEPPED, date(2025, 6, 1), "0.01").breached
    assert not _look(SPREAD, date(2025, 6, 1), "0").breached
    assert _look(SPREAD, date(2025, 6, 1), "-0.0001").breached


def test_only_a_curable_trigger_is_cured() -> None:
    still = _look(STEPPED, date(2025, 6, 1), "0", active=True)
    assert (still.active, still.fired, still.cured) == (True, False, False)
    cured = _look(SPREAD, date(2025, 6, 1), "0.01", active=True)
    assert (cured.active, cured.fired, cured.cured) == (False, False, True)


def test_a_lasting_breach_fires_once() -> None:
    assert not _look(SPREAD, date(2025, 6, 1), "-1", active=True).fired


@pytest.mark.parametrize("active", [True, False])
def test_an_unknown_figure_changes_nothing(active: bool) -> None:
    verdict = _look(SPREAD, date(2025, 6, 1), None, active=active)
    assert (verdict.active, verdict.fired, verdict.cured) == (active, False, False)


def test_a_deal_is_looked_at_as_a_whole() -> None:
    verdicts = evaluate_triggers(
        [STEPPED, SPREAD],
        on=date(2025, 6, 1),
        figures={Measure.CUMULATIVE_DEFAULT_RATE: Decimal("0.02")},
        active=frozenset({"xs"}),
    )
    assert [(v.code, v.fired, v.active) for v in verdicts] == [
        ("cdr", True, True),
        ("xs", False, True),
    ]


def test_thresholds_must_rise_in_time() -> None:
    with pytest.raises(ValueError, match="rising dates"):
        TriggerTerms("x", Measure.DELINQUENCY_30, Comparison.ABOVE, ())
    with pytest.raises(ValueError, match="rising dates"):
        TriggerTerms("x", Measure.DELINQUENCY_30, Comparison.ABOVE, STEPPED.thresholds[::-1])
