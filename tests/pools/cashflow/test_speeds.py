"""Published speeds of the BMA's Standard Formulas, SF-7 to SF-14."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from pools.cashflow.speeds import (
    FactorHistory,
    abs_from_smm,
    annual_from_monthly,
    historical_abs,
    historical_smm,
    monthly_from_annual,
    scheduled_factor,
    smm_from_abs,
)
from tests.pools.refusals import refused

ABS_1_50 = """1.50 1.52 1.55 1.57 1.60 1.62 1.65 1.68 1.70 1.73 1.76 1.80 1.83 1.86 1.90 1.94 1.97
2.01 2.05 2.10 2.14 2.19 2.24 2.29 2.34 2.40 2.46 2.52 2.59 2.65 2.73 2.80 2.88 2.97 3.06 3.16 3.26
3.37 3.49 3.61 3.75 3.90 4.05 4.23 4.41 4.62 4.84 5.08 5.36 5.66""".split()  # noqa: SIM905


def test_sf7_one_month() -> None:
    pool = FactorHistory(1.0, 0.095, 359, 344, 343, 0.85150625, 0.84732282)
    smm = historical_smm([pool])
    assert round(smm * 100, 6) == 0.435270
    assert round(annual_from_monthly(smm) * 100, 4) == 5.1000


def test_sf11_two_pools_are_summed_not_averaged() -> None:
    pools = [
        FactorHistory(1_000_000, 0.095, 358, 349, 343, 0.86925218, 0.84732282),
        FactorHistory(2_000_000, 0.095, 360, 359, 353, 0.99950812, 0.98290230),
    ]
    assert sum(pool.actual for pool in pools) == pytest.approx(2_813_127.42, abs=0.005)
    assert sum(pool.scheduled for pool in pools) == pytest.approx(2_859_330.23, abs=0.005)
    smm = historical_smm(pools)
    assert round(smm * 100, 6) == 0.271142
    assert round(annual_from_monthly(smm) * 100, 4) == 3.2056


def test_sf12_abs_to_smm_and_back() -> None:
    assert smm_from_abs(0.02, 11) == pytest.approx(0.025, abs=1e-15)
    assert abs_from_smm(0.025, 11) == pytest.approx(0.02, abs=1e-15)


def test_sf13_car_loans() -> None:
    speed = historical_abs(
        factor_from=1.0,
        factor_to=0.64140448,
        scheduled_from=scheduled_factor(0.10, 34, 36),
        scheduled_to=scheduled_factor(0.10, 25, 36),
        age_from=2,
        age_to=11,
    )
    assert round(speed * 100, 4) == 1.7000


def test_sf14_table() -> None:
    assert [f"{smm_from_abs(0.015, age) * 100:.2f}" for age in range(1, 51)] == ABS_1_50
    two = [f"{smm_from_abs(0.02, age) * 100:.2f}" for age in (1, 10, 20, 30, 40, 50)]
    assert two == ["2.00", "2.44", "3.23", "4.76", "9.09", "100.00"]


@given(st.floats(0, 0.999))
def test_annual_and_monthly_are_inverse(annual: float) -> None:
    assert annual_from_monthly(monthly_from_annual(annual)) == pytest.approx(annual, abs=1e-12)


def test_pools_seen_over_different_months_are_refused() -> None:
    pools = [
        FactorHistory(1, 0.1, 36, 30, 20, 0.9, 0.5),
        FactorHistory(1, 0.1, 36, 30, 24, 0.9, 0.7),
    ]
    with refused("months_differ"):
        historical_smm(pools)


def test_a_per_cent_is_not_taken_for_a_fraction() -> None:
    with refused("rate_out_of_range"):
        monthly_from_annual(6.0)
