"""Net value against a naive reference, closed forms and bounds."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from origination.domain.schedule import LeaseTerms, schedule
from origination.domain.schedule_columns import ReceivableColumns
from pools.valuation.cash_flows import MonthlyFlows, remaining_flows
from pools.valuation.curve import Curve
from pools.valuation.net_value import (
    Hazards,
    Recoveries,
    defaulted_value,
    net_value,
    receivable_value,
)

FLAT = Curve("flat", [0, 120], [0.06, 0.06])
MONTHS = 60


def flows_of(principal, rate, term, option=0.0):
    """A level annuity in float: rents, interest, balance."""
    r = rate / 12
    rent = principal * r / (1 - (1 + r) ** -term) if r else principal / term
    out = {name: np.zeros((1, MONTHS + 1)) for name in ("rent", "interest", "option", "balance")}
    left = principal
    out["balance"][0, 0] = left
    for t in range(1, term + 1):
        out["rent"][0, t] = rent
        out["interest"][0, t] = left * r
        left -= rent - left * r
        out["balance"][0, t] = max(left, 0.0)
    out["option"][0, term] = option
    return MonthlyFlows(**out, option_principal=np.full(1, option))


def hazards(default=0.0, prepay=0.0, age=0):
    def c(h):
        return np.full(130, -np.log1p(-h))

    one = np.ones(1)
    return Hazards(
        np.array([age]), one, c(default), one, c(prepay), np.ones((1, 2)), np.zeros(1, int)
    )


def car(value=100_000.0, decline=0.01, ratio=0.7, lag=6):
    return Recoveries(np.array([value]), np.array([decline]), np.array([ratio]), lag)


def value(flows, h, cars, *, spread=0.0, penalty=0.0, servicing=0.0):
    return net_value(
        flows,
        h,
        cars,
        discount=FLAT.factors(spread, 140),
        settlement_penalty=penalty,
        servicing_rate=servicing,
    )


def naive(flows, h_d, h_p, cars, penalty, servicing):
    """The formula of the design, one month and one term at a time."""
    rent, interest = flows.rent[0], flows.interest[0]
    option, balance = flows.option[0], flows.balance[0]
    total, alive = 0.0, 1.0
    for t in range(1, MONTHS + 1):
        worth = cars.vehicle_value[0] * (1 - cars.monthly_decline[0]) ** t
        residual = sum(option[t:])
        flow = rent[t] + min(option[t], worth)
        settlement = balance[t - 1] + interest[t] + penalty * balance[t] + min(residual, worth)
        recovery = min(balance[t - 1] + residual, cars.ratio[0] * worth)
        total += 1.06 ** (-t / 12) * alive * ((1 - h_d - h_p) * flow + h_p * settlement)
        total += 1.06 ** (-(t + cars.lag) / 12) * alive * h_d * recovery
        total -= 1.06 ** (-t / 12) * alive * servicing / 12 * balance[t - 1]
        alive *= 1 - h_d - h_p
        if t == np.flatnonzero(rent + option)[-1]:
            break
    return total


@settings(max_examples=40, deadline=None)
@given(
    st.floats(0, 0.1),
    st.floats(0, 0.1),
    st.integers(1, MONTHS),
    st.floats(0, 50_000),
    st.floats(10_000, 300_000),
)
def test_equals_the_naive_formula(h_d, h_p, term, option, vehicle):
    flows, cars = flows_of(100_000.0, 0.09, term, option), car(vehicle)
    found = value(flows, hazards(h_d, h_p), cars, penalty=0.02, servicing=0.01)
    assert found.uncapped[0] == pytest.approx(naive(flows, h_d, h_p, cars, 0.02, 0.01), rel=1e-9)


def test_no_risk_is_a_present_value():
    flows = flows_of(100_000.0, 0.09, 36)
    found = value(flows, hazards(), car())
    by_hand = sum(flows.rent[0, t] / 1.06 ** (t / 12) for t in range(1, 37))
    assert found.uncapped[0] == pytest.approx(by_hand)
    assert receivable_value(flows, FLAT.factors(0, 140))[0] == pytest.approx(by_hand)


def test_prepayment_alone_is_worth_par_at_the_contract_rate():
    """At the contract's own monthly yield every path returns the principal."""
    monthly = 0.09 / 12
    own = Curve("own", [0, 120], [(1 + monthly) ** 12 - 1] * 2)
    found = net_value(
        flows_of(100_000.0, 0.09, 36), hazards(0.0, 0.03), car(),
        discount=own.factors(0, 140), settlement_penalty=0.0, servicing_rate=0.0,
    )  # fmt: skip
    assert found.uncapped[0] == pytest.approx(100_000.0)


def test_certain_default_is_the_first_recovery():
    found = value(flows_of(100_000.0, 0.09, 36), hazards(1 - 1e-12), car(80_000.0))
    assert found.uncapped[0] == pytest.approx(0.7 * 80_000 * 0.99 / 1.06 ** (7 / 12), rel=1e-6)


def test_shortcut_of_centrifuge_is_near_for_a_bullet():
    """debt(1+r)^T·(1 − min(1, PD·LGD·years))/(1+d)^T for one payment a year away, LGD 1."""
    flows = flows_of(0.0, 0.0, 12)
    flows.rent[0, 12], flows.balance[0, :12] = 109_000.0, 100_000.0
    h = 0.001
    found = value(flows, hazards(h), car(0.0))
    shortcut = 109_000 * (1 - 12 * h) / 1.06
    assert found.uncapped[0] == pytest.approx(shortcut, rel=1e-3)


@given(st.floats(0, 0.05), st.floats(0.001, 0.05))
@settings(max_examples=30, deadline=None)
def test_more_risk_never_adds_value_when_recovery_is_poor(h, more):
    flows = flows_of(100_000.0, 0.09, 36)
    poor = car(20_000.0)
    safe, risky = value(flows, hazards(h), poor), value(flows, hazards(h + more), poor)
    assert risky.uncapped[0] < safe.uncapped[0]
    assert risky.expected_loss[0] > safe.expected_loss[0]


def test_cap_binds_when_the_penalty_pays_too_well():
    found = value(flows_of(100_000.0, 0.30, 60), hazards(0.0, 0.0), car(), spread=-0.08)
    assert found.uncapped[0] > found.undiscounted[0] == found.capped[0]


def test_unguaranteed_residual_is_worth_the_vehicle_at_most():
    rich = value(flows_of(50_000.0, 0.09, 36, 40_000.0), hazards(), car(200_000.0))
    poor = value(flows_of(50_000.0, 0.09, 36, 40_000.0), hazards(), car(10_000.0))
    worth = 10_000.0 * 0.99**36
    discount = 1.06**-3
    assert rich.uncapped[0] - poor.uncapped[0] == pytest.approx((40_000.0 - worth) * discount)


def test_defaulted_asset():
    factors = FLAT.factors(0, 20)
    none = np.zeros(1)
    found = defaulted_value([50_000.0], car(60_000.0), discount=factors, already_recovered=none)
    assert found[0] == pytest.approx(42_000.0 * 1.06**-0.5)
    sold = defaulted_value([50_000.0], car(), discount=factors, already_recovered=np.ones(1))
    assert sold[0] == 0.0


def test_short_discount_curve_is_refused():
    with pytest.raises(ValueError, match="recovery lag"):
        net_value(
            flows_of(1.0, 0.0, 12), hazards(), car(),
            discount=FLAT.factors(0, 60), settlement_penalty=0.0, servicing_rate=0.0,
        )  # fmt: skip


def test_remaining_flows_of_a_schedule():
    """36 rents from 2026-01-15, 5 paid in full and half of the sixth; valued on 2026-06-30."""
    from datetime import date
    from decimal import Decimal

    from origination.domain.months import days_of

    terms = LeaseTerms(
        financed_minor=100_000_00, rent_minor=317_997, annual_nominal_rate=Decimal("0.09"),
        term_months=36, first_payment_on=date(2026, 1, 15), maturity_on=date(2028, 12, 15),
    )  # fmt: skip
    own = schedule(terms)
    rows = ReceivableColumns.of_schedules([own])
    unpaid = np.arange(36) >= 5
    part = 158_000
    flows = remaining_flows(
        rows,
        unpaid=unpaid,
        part_paid=[part],
        rows=np.array([0]),
        today=days_of(date(2026, 6, 30)),
    )
    amounts = [row.amount_minor for row in own]
    assert flows.rent[0].sum() == sum(amounts[5:]) - part
    assert flows.rent[0, 1] == amounts[5] - part + amounts[6]  # arrears, and 15 July
    assert flows.balance[0, 0] == sum(row.principal_minor for row in own[5:]) - (
        part - own[5].interest_minor
    )
    assert (np.diff(flows.balance[0]) <= 0).all()
    assert flows.balance[0, 31] == 0
