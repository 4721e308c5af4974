"""The projection against the BMA's published Cash Flow A and against a naive reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pools.cashflow.projection import AssetColumns, Assumptions, project_pool
from tenants.problems import Invalid
from tests.pools.cashflow.reference import Lease, project_naively

CASH_FLOW_A = {  # SF-22 to SF-28, in whole units of money
    1: (97_934_244, 1_000_000, 999_329, 67_098, 999_329, 671, 66_427, 666_667, 6_667, 660_000,
        0, 0),
    2: (95_910_689, 979_342, 1_977_334, 66_870, 978_680, 1_337, 65_532, 659_557, 13_191, 646_366,
        0, 0),
    13: (76_203_943, 778_161, 10_453_093, 64_118, 777_591, 7_666, 56_453, 589_936, 76_349, 513_587,
         791_646, 200_000),
}  # fmt: skip


@pytest.mark.parametrize("month", CASH_FLOW_A)
def test_published_cash_flow_a(month: int) -> None:
    assets = AssetColumns.of(balance=[100_000_000.0], annual_rate=0.08, remaining=360)
    flow = project_pool(
        assets, Assumptions.constant(mdr=0.01, smm=0.01, lag_months=12, severity=0.2, advanced=True)
    )
    columns = (
        flow.performing, flow.new_default, flow.foreclosure, flow.expected_amortisation,
        flow.prepayment, flow.amortisation_from_default, flow.amortisation, flow.expected_interest,
        flow.interest_lost, flow.interest, flow.recovery, flow.loss,
    )  # fmt: skip
    assert [round(float(column[month - 1])) for column in columns] == pytest.approx(
        CASH_FLOW_A[month], abs=1
    )


def test_no_default_in_the_last_months_of_the_lag() -> None:
    assets = AssetColumns.of(balance=[1_000.0], annual_rate=0.08, remaining=36)
    flow = project_pool(assets, Assumptions.constant(mdr=0.01, smm=0, lag_months=6, severity=0.5))
    assert flow.new_default[29] > 0
    assert not flow.new_default[30:].any()
    assert flow.foreclosure[-1] == pytest.approx(0, abs=1e-12)


leases = st.builds(
    Lease,
    balance=st.floats(1_000, 1_000_000),
    annual_rate=st.sampled_from([0.0, 0.045, 0.12]),
    remaining=st.integers(1, 60),
    age=st.integers(0, 24),
    balloon=st.floats(0, 900),
    level_principal=st.booleans(),
    default_multiplier=st.sampled_from([0.0, 0.5, 1.0, 3.0]),
    prepay_multiplier=st.sampled_from([0.5, 1.0]),
)
curves = st.lists(st.floats(0, 0.05), min_size=1, max_size=40)


def columns_of(pool: list[Lease]) -> AssetColumns:
    return AssetColumns.of(
        balance=[lease.balance for lease in pool],
        annual_rate=[lease.annual_rate for lease in pool],
        remaining=[lease.remaining for lease in pool],
        age=[lease.age for lease in pool],
        balloon=[lease.balloon for lease in pool],
        pattern=[int(lease.level_principal) for lease in pool],
        default_multiplier=[lease.default_multiplier for lease in pool],
        prepay_multiplier=[lease.prepay_multiplier for lease in pool],
    )


@settings(max_examples=60, deadline=None)
@given(
    st.lists(leases, min_size=1, max_size=6), curves, curves, st.integers(1, 14),
    st.floats(0, 1), st.booleans(),
)  # fmt: skip
def test_equals_the_naive_reference(
    pool: list[Lease], defaults: list[float], prepays: list[float], lag: int, severity: float,
    advanced: bool,
) -> None:  # fmt: skip
    flow = project_pool(
        columns_of(pool),
        Assumptions(np.array(defaults), np.array(prepays), lag, severity, advanced),
    )
    months = project_naively(pool, defaults, prepays, lag, severity, advanced)
    for name in vars(months[0]):
        wanted = [getattr(month, name) for month in months]
        assert getattr(flow, name) == pytest.approx(wanted, rel=1e-9, abs=1e-6), name


@settings(max_examples=30, deadline=None)
@given(st.lists(leases, min_size=1, max_size=6), curves, curves)
def test_without_advances_every_unit_is_paid_or_lost(
    pool: list[Lease], defaults: list[float], prepays: list[float]
) -> None:
    assets = columns_of(pool)
    flow = project_pool(assets, Assumptions(np.array(defaults), np.array(prepays), 3, 0.4))
    assert flow.principal.sum() + flow.loss.sum() == pytest.approx(flow.opening, rel=1e-9)


def test_threads_do_not_change_a_bit() -> None:
    rng = np.random.default_rng(7)
    assets = AssetColumns.of(
        balance=rng.uniform(1e4, 5e5, 5_000), annual_rate=rng.uniform(0.03, 0.2, 5_000),
        remaining=rng.integers(1, 60, 5_000), default_multiplier=rng.uniform(0, 4, 5_000),
    )  # fmt: skip
    assumptions = Assumptions.constant(mdr=0.001, smm=0.01, lag_months=4, severity=0.4)
    one, four = (project_pool(assets, assumptions, threads=n) for n in (1, 4))
    assert np.array_equal(one.cash, four.cash)
    assert np.array_equal(one.performing, four.performing)


def test_bad_columns_are_named_with_their_row() -> None:
    with pytest.raises(Invalid) as caught:
        AssetColumns.of(balance=[1.0, -5.0], annual_rate=0.1, remaining=[12, 0])
    assert [(error.field, error.params["row"]) for error in caught.value.errors] == [
        ("balance", 1),
        ("remaining", 1),
        ("balloon", 1),
    ]
