"""Published yields, average lives and day counts."""

from __future__ import annotations

from datetime import date
from fractions import Fraction

import numpy as np
import pytest

from pools.cashflow.daycounts import year_fraction
from pools.cashflow.yields import all_yields, dated_wal, irr, monthly_wal, present_value, xirr
from tests.pools.refusals import refused

MATHWORKS = (
    [date(2007, 1, 12), date(2008, 2, 14), date(2008, 3, 3), date(2008, 6, 14), date(2008, 12, 1)],
    [-10_000.0, 2_500.0, 2_000.0, 3_000.0, 4_000.0],
)


@pytest.mark.parametrize(
    ("day_count", "wanted"),
    [
        ("ACT/365F", 0.10064378342638),
        ("ACT/360", 0.0991988898057063),
        ("30/360", 0.100675477282743),
    ],
)
def test_mathworks_xirr(day_count: str, wanted: float) -> None:
    assert xirr(*MATHWORKS, day_count=day_count) == pytest.approx(wanted, abs=1e-12)


def test_hastructure_yields() -> None:
    assert irr([-100, 108]) == pytest.approx(0.08, abs=1e-12)
    dates = [date(2025, 1, 1), date(2025, 3, 1), date(2025, 10, 18)]
    assert xirr(dates, [-100, 50, 70]) == pytest.approx(0.426407, abs=5e-7)


def test_numpy_financial_irr() -> None:
    assert round(irr([-150_000, 15_000, 25_000, 35_000, 45_000, 60_000]), 4) == 0.0524
    assert round(irr([-100, 39, 59, 55, 20]), 5) == 0.28095


def test_no_yield_and_several_yields_say_so() -> None:
    with refused("no_yield"):
        irr([-100, -5, -1])
    two_roots = [-100, 230, -132]  # 10 % and 20 %
    assert all_yields(np.arange(3), two_roots) == pytest.approx([0.1, 0.2], abs=1e-9)
    with refused("several_yields") as caught:
        irr(two_roots)
    assert "0.100000, 0.200000" in str(caught.value)
    assert irr(two_roots, near=0.19) == pytest.approx(0.2, abs=1e-9)


def test_average_lives() -> None:
    paid = dated_wal(date(2023, 1, 1), [date(2023, 6, 30), date(2023, 12, 31)], [50, 50])
    # Hastructure publishes 0.74 with its digits cut; the exact figure is 272/365.
    assert paid == pytest.approx(272 / 365, abs=1e-12)
    assert monthly_wal([0, 0, 0, 0, 0, 100]) == 0.5
    with refused("no_principal"):
        monthly_wal([0.0])


def test_present_value_at_the_irr_is_the_price() -> None:
    flows = np.array([120.0, 130.0, 140.0])
    price = present_value(flows, 0.07)
    assert irr([-price, *flows]) == pytest.approx(0.07 / 12, abs=1e-12)


@pytest.mark.parametrize(
    ("day_count", "wanted"),
    [
        ("ACT/365F", Fraction(63, 365)),
        ("30/360", Fraction(61, 360)),
        ("30E/360", Fraction(61, 360)),
        ("30E/360 ISDA", Fraction(62, 360)),
    ],
)
def test_day_counts_over_a_leap_day(day_count: str, wanted: Fraction) -> None:
    assert year_fraction(date(2007, 12, 28), date(2008, 2, 29), day_count) == wanted


def test_actual_actual_splits_at_the_year() -> None:
    fraction = year_fraction(date(2007, 12, 28), date(2008, 2, 28), "ACT/ACT")
    assert fraction == Fraction(4, 365) + Fraction(58, 366)


def test_unknown_day_count_and_dates_out_of_order() -> None:
    with refused("day_count_unknown"):
        year_fraction(date(2020, 1, 1), date(2021, 1, 1), "ACT/364")
    with refused("dates_out_of_order"):
        year_fraction(date(2021, 1, 1), date(2020, 1, 1), "ACT/360")
