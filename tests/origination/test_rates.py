"""Rates against published numbers, and the two errors told apart."""

from datetime import date
from decimal import Decimal

import numpy as np
import pytest
from hypothesis import given, settings

from origination.domain.daycount import DayCount, year_fraction
from origination.domain.lease_fields import HOUSE_GUARDS
from origination.domain.lease_fields.sums import Sums, cost_within
from origination.domain.rates import (
    NoRate,
    Rate,
    all_in_cost,
    implicit_rate,
    irr,
    lessee_flows,
    npv,
    xirr,
)
from origination.domain.schedule import LeaseTerms, Pattern, Timing, schedule
from origination.domain.schedule_columns import TermColumns
from tests.origination.strategies import lease_terms

MATHWORKS = [
    (date(2007, 1, 12), -10000),
    (date(2008, 2, 14), 2500),
    (date(2008, 3, 3), 2000),
    (date(2008, 6, 14), 3000),
    (date(2008, 12, 1), 4000),
]


def test_numpy_financial_irr_and_npv() -> None:
    assert irr([-150000, 15000, 25000, 35000, 45000, 60000]) == pytest.approx(0.0524, abs=5e-5)
    assert irr([-100, 39, 59, 55, 20]) == pytest.approx(0.28095, abs=5e-6)
    assert npv(0.05, [-15000, 1500, 2500, 3500, 4500, 6000]) == pytest.approx(122.89, abs=0.005)
    ten = [3500, *[0] * 9, -10000]
    assert irr(ten) == pytest.approx((10_000 / 3500) ** 0.1 - 1, abs=1e-13)
    assert irr(ten) == pytest.approx(0.11069085371426897, abs=1e-10)  # found by Newton there


@pytest.mark.parametrize(
    ("convention", "published"),
    [
        (DayCount.ACT_365F, 0.10064378342638),
        (DayCount.ACT_360, 0.0991988898057063),
        (DayCount.THIRTY_360, 0.100675477282743),
    ],
)
def test_mathworks_xirr(convention: DayCount, published: float) -> None:
    assert xirr(MATHWORKS, convention) == pytest.approx(published, abs=1e-7)


def test_hastructure_xirr() -> None:
    dated = [(date(2025, 1, 1), -100), (date(2025, 3, 1), 50), (date(2025, 10, 18), 70)]
    assert xirr(dated) == pytest.approx(0.426407, abs=5e-7)
    assert xirr([(date(2025, 1, 1), -100), (date(2026, 1, 1), 108)]) == pytest.approx(0.08)


def test_flows_without_a_rate_and_with_several_are_told_apart() -> None:
    with pytest.raises(NoRate) as none:
        irr([-400, -10000, -5000])
    assert "No rate" in str(none.value)
    with pytest.raises(NoRate) as several:
        irr([-100, 230, -132])  # zero at 10 % and at 20 %
    assert several.value.params["rates"] == "0.100000, 0.200000"
    with pytest.raises(NoRate):
        xirr([])


def test_ey_example_23_10() -> None:
    rate = implicit_rate(fair_value=9274, payments=[2100] * 5, timing=Timing.ADVANCE)
    assert rate == pytest.approx(0.06623639335922393, abs=1e-12)
    balance, carried = 9274.0, []
    for _year in range(5):
        balance = (balance - 2100) * (1 + rate)
        carried.append(balance)
    assert [round(value) for value in carried] == [7649, 5917, 4070, 2100, 0]


def test_an_unguaranteed_residual_belongs_to_the_implicit_rate() -> None:
    rate = implicit_rate(
        fair_value=10_000,
        payments=[2100] * 5,
        unguaranteed_residual=1000,
        timing=Timing.ADVANCE,
    )
    assert rate == pytest.approx(0.06621906, abs=5e-9)


@pytest.mark.parametrize(
    ("deposit", "nominal", "effective"),
    [(0, 0.214572, 0.236984), (100_000, 0.259253, 0.292388)],
)
def test_a_flat_fee_of_12_per_cent_costs_far_more(
    deposit: int, nominal: float, effective: float
) -> None:
    terms = LeaseTerms(
        financed_minor=1_000_000,
        rent_minor=93_333,
        annual_nominal_rate=Decimal("0.214572"),
        term_months=12,
        first_payment_on=date(2024, 2, 1),
        maturity_on=date(2025, 1, 1),
        pattern=Pattern.FLAT_FEE,
    )
    cost = all_in_cost(terms, deposit_minor=deposit)
    assert cost.nominal == pytest.approx(nominal, abs=2e-5)
    assert cost.effective == pytest.approx(effective, abs=2e-5)


@settings(max_examples=60, deadline=None)
@given(lease_terms(max_term=36))
def test_the_cap_without_a_root_agrees_with_the_rate(terms: LeaseTerms) -> None:
    deposit, fee = terms.financed_minor // 20, terms.financed_minor // 50
    flows = lessee_flows(terms, deposit_minor=deposit, fee_minor=fee)
    rents = sum(row.amount_minor for row in schedule(terms) if row.kind != "option")
    assert sum(flows) == terms.financed_minor - fee - rents
    if flows[0] <= 0:
        return  # nothing is lent: the first rent and the charges eat it all up
    try:
        cost = all_in_cost(terms, deposit_minor=deposit, fee_minor=fee)
    except NoRate:
        return
    sums = Sums.of(TermColumns.of_terms([terms]), np.array([deposit]), np.array([fee]))
    cap = HOUSE_GUARDS.cost_cap
    if abs(cost.nominal - float(cap)) > 1e-6:
        assert cost_within(sums, cap)[0] == (cost.nominal < float(cap))


def test_day_counts() -> None:
    start, end = date(2007, 12, 28), date(2008, 2, 29)
    assert float(year_fraction(start, end, DayCount.ACT_365F)) == 63 / 365
    assert float(year_fraction(start, end, DayCount.THIRTY_360)) == 61 / 360
    assert float(year_fraction(start, end, DayCount.THIRTY_E_360)) == 61 / 360
    actual = year_fraction(start, date(2008, 2, 28), DayCount.ACT_ACT)
    assert float(actual) == pytest.approx(4 / 365 + 58 / 366)
    assert year_fraction(end, start) == -year_fraction(start, end)


def test_a_month_in_two_ways() -> None:
    assert Rate.of_month(0.01) == Rate(0.12, 1.01**12 - 1)
