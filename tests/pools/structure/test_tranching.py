"""Tranches over a projected pool, triggers and the borrowing base."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pools.cashflow.projection import AssetColumns, Assumptions, project_pool
from pools.structure.borrowing import borrowing_base
from pools.structure.forms import Form
from pools.structure.templates import StandardTerms, standard_deal
from pools.structure.terms import Status
from pools.structure.tranching import add_months, minor_flows, project_deal
from pools.structure.triggers import (
    Measure,
    Side,
    Threshold,
    Trigger,
    check_triggers,
    evaluate,
    status_after,
)
from tests.pools.refusals import refused

ASSETS = AssetColumns.of(
    balance=np.linspace(5e6, 2e7, 200), annual_rate=0.10, remaining=np.arange(200) % 30 + 7
)
POOL = round(float(ASSETS.balance.sum()))
TERMS = StandardTerms(Form.ASSIGNMENT, Decimal("0.8"), Decimal("0.045"), call_factor=None)


def projected(mdr: float, terms: StandardTerms = TERMS):  # type: ignore[no-untyped-def]
    flow = project_pool(
        ASSETS, Assumptions.constant(mdr=mdr, smm=0.005, lag_months=3, severity=0.5)
    )
    deal = standard_deal(terms, POOL)
    return deal, flow, project_deal(deal, flow, closing_on=date(2024, 1, 15))


def test_everything_the_pool_pays_reaches_somebody() -> None:
    deal, flow, result = projected(0.002)
    money_in = int(minor_flows(flow.interest).sum() + minor_flows(flow.principal).sum())
    start = result.months[0].opening["reserve"]
    external = ("fee", "interest", "principal", "residual")
    paid = sum(x.paid_minor for m in result.months for x in m.lines if x.kind in external)
    left = result.months[-1].closing
    assert start + money_in == paid + left["income"] + left["principal"] + left["reserve"]
    senior = result.tranches[0]
    assert senior.balance_minor[-1] == 0
    assert sum(senior.principal_minor) == deal.tranche("senior").original_minor
    assert senior.annual_yield == pytest.approx(0.045, abs=1e-6)


def test_more_defaults_hurt_the_subordinated_units_first() -> None:
    (_, _, calm), (_, _, rough) = projected(0.0), projected(0.01)
    assert rough.tranches[0].annual_yield == pytest.approx(calm.tranches[0].annual_yield, abs=1e-6)
    junior = [sum(x.tranches[1].principal_minor) + x.residual_minor for x in (calm, rough)]
    assert junior[1] < junior[0]


@pytest.mark.parametrize("factor, mdr", [("0.05", 0.0), ("0.1", 0.0), ("0.1", 0.01), ("0.2", 0.0)])
def test_a_clean_up_call_buys_what_performs_at_par(factor: str, mdr: float) -> None:
    """In the first month at or below its share: money in is what performs, and nothing stays."""
    terms = replace(TERMS, call_factor=Decimal(factor))
    _deal, flow, result = projected(mdr, terms)
    called = result.called_in_month
    assert called == len(result.months) < flow.months
    reached = np.flatnonzero(np.round(flow.performing) <= float(factor) * POOL)
    assert called == reached[0] + 1
    last, bought = result.months[-1], round(float(flow.performing[called - 1]))
    own = int(minor_flows(flow.principal)[called - 1])
    carried = result.months[-2].closing["principal"]
    assert bought > 0 and last.opening["principal"] == carried + own + bought
    assert all(tranche.balance_minor[-1] == 0 for tranche in result.tranches)
    assert sum(last.closing[name] for name in ("income", "principal", "reserve")) == 0


def test_without_a_call_or_below_its_share_the_deal_runs_on() -> None:
    _deal, flow, never = projected(0.0)
    assert never.called_in_month is None and len(never.months) == flow.months
    *_rest, early = projected(0.0, replace(TERMS, call_factor=Decimal("0.2")))
    *_rest, late = projected(0.0, replace(TERMS, call_factor=Decimal("0.05")))
    assert early.called_in_month < late.called_in_month
    lives = [one.tranches[0].wal_years for one in (early, late, never)]
    assert lives == sorted(lives)
    with refused("deal_invalid"):
        standard_deal(replace(TERMS, call_factor=Decimal("0.25")), POOL)


def test_what_is_left_is_the_subordinated_units_yield() -> None:
    """Issued for more they yield less; the months' residual is theirs."""
    flow = project_pool(
        ASSETS, Assumptions.constant(mdr=0.001, smm=0.005, lag_months=3, severity=0.5)
    )
    deal = standard_deal(TERMS, POOL)
    size = deal.tranche("subordinated").original_minor
    day = date(2024, 1, 15)
    par, dear = (
        project_deal(deal, flow, closing_on=day, issued={"subordinated": paid}).tranches[-1]
        for paid in (size, size * 11 // 10)
    )
    assert par.annual_yield > dear.annual_yield > 0
    monthly = np.array([m.paid("subordinated") + m.paid("subordinated holders")
                        for m in project_deal(deal, flow, closing_on=day).months])  # fmt: skip
    value = (monthly / (1 + par.annual_yield / 12) ** np.arange(1, len(monthly) + 1)).sum()
    assert value == pytest.approx(size, rel=1e-9)


@settings(max_examples=50)
@given(st.lists(st.floats(0, 1e9), min_size=1, max_size=60))
def test_rounding_running_totals_loses_nothing(flow: list[float]) -> None:
    rounded = minor_flows(np.array(flow))
    assert abs(int(rounded.sum()) - sum(flow)) <= 0.51
    assert np.abs(rounded - np.array(flow)).max() <= 1.0


def test_months_end_on_their_last_day() -> None:
    assert [add_months(date(2024, 1, 31), k) for k in (1, 2, 13)] == [
        date(2024, 2, 29), date(2024, 3, 31), date(2025, 2, 28),
    ]  # fmt: skip


CUMULATIVE = Trigger(
    "cumulative", Measure.CUMULATIVE_DEFAULT, Side.ABOVE,
    (Threshold(1, Decimal("0.02")), Threshold(13, Decimal("0.04"))), Status.ACCELERATED,
)  # fmt: skip
SPREAD = Trigger(
    "spread", Measure.EXCESS_SPREAD_3M, Side.BELOW, (Threshold(1, Decimal(0)),),
    Status.AMORTISING, curable=True,
)  # fmt: skip


def test_triggers_follow_their_dated_table() -> None:
    value = {Measure.CUMULATIVE_DEFAULT: Decimal("0.03")}
    assert evaluate([CUMULATIVE], value, month=12)[0].fired
    assert not evaluate([CUMULATIVE], value, month=13)[0].fired
    assert evaluate([CUMULATIVE], value, month=13, already={"cumulative"})[0].fired


def test_only_a_curable_trigger_cures_and_only_when_measured() -> None:
    good = evaluate(
        [SPREAD], {Measure.EXCESS_SPREAD_3M: Decimal("0.01")}, month=5, already={"spread"}
    )
    unknown = evaluate([SPREAD], {}, month=5, already={"spread"})
    assert (good[0].fired, good[0].cured) == (False, True)
    assert (unknown[0].fired, unknown[0].cured) == (True, False)


def test_a_deal_never_goes_back_to_a_lighter_status() -> None:
    fired = evaluate([SPREAD], {Measure.EXCESS_SPREAD_3M: Decimal("-0.01")}, month=5)
    assert status_after(Status.REVOLVING, fired) is Status.AMORTISING
    assert status_after(Status.DEFAULTED, fired) is Status.DEFAULTED
    with refused("trigger_invalid"):
        check_triggers([Trigger("t", SPREAD.measure, SPREAD.side, (), Status.DEFAULTED)])


def test_borrowing_base_takes_excess_and_reserves_off() -> None:
    base = borrowing_base(
        eligible_minor=1_000_01, excess_minor=100_00, reserves_minor=10_00,
        advance_rate=Decimal("0.8"), notes_minor=600_00,
    )  # fmt: skip
    assert base.base_minor == 710_00  # 0.8 × 900.01 − 10, the fraction of a cent dropped
    assert base.available_minor == 110_00
    assert base.actual_advance_rate == Decimal("0.599994")
    with refused("borrowing_base_invalid"):
        borrowing_base(
            eligible_minor=1, excess_minor=2, reserves_minor=0, advance_rate=Decimal(1),
            notes_minor=0,
        )  # fmt: skip
