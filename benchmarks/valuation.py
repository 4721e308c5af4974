"""Net value of a portfolio against a floor of the same run: copying its cash flows once."""

import numpy as np

from benchmarks.figures import Figure, best_seconds
from pools.valuation.cash_flows import MonthlyFlows
from pools.valuation.curve import Curve
from pools.valuation.net_value import Hazards, Recoveries, net_value

ASSETS, MONTHS = 50_000, 60


def portfolio(assets: int, seed: int = 1) -> tuple[MonthlyFlows, Hazards, Recoveries]:
    """Level annuities of random size and length, float64 minor units."""
    rng = np.random.default_rng(seed)
    term = rng.integers(6, MONTHS + 1, assets)
    principal = rng.uniform(2e6, 2e7, assets)
    t = np.arange(MONTHS + 1)
    rate = 0.008
    level = principal * rate / (1 - (1 + rate) ** -term.astype(float))
    live = (t >= 1) & (t <= term[:, None])
    growth = (1 + rate) ** t
    balance = principal[:, None] * growth - level[:, None] * (growth - 1) / rate
    balance = np.where(t < term[:, None], np.maximum(balance, 0), 0.0)
    rent = np.where(live, level[:, None], 0.0)
    interest = np.zeros_like(rent)
    interest[:, 1:] = balance[:, :-1] * rate * live[:, 1:]
    flows = MonthlyFlows(rent, interest, np.zeros_like(rent), balance, np.zeros(assets))
    flat = np.full(130, 0.001)
    one = np.ones(assets)
    timing, state = np.ones((5, 12)), rng.integers(0, 5, assets)  # states of lateness × months
    hazards = Hazards(rng.integers(0, 30, assets), one, flat, one, 8 * flat, timing, state)
    return flows, hazards, Recoveries(principal, one * 0.012, one * 0.5, 4)


def figures() -> list[Figure]:
    """One figure; the first run compiles and is thrown away."""
    flows, hazards, recoveries = portfolio(ASSETS)
    discount = Curve("flat", (0, 120), (0.06, 0.06)).factors(0.0, MONTHS + 10)

    def value() -> None:
        net_value(
            flows,
            hazards,
            recoveries,
            discount=discount,
            settlement_penalty=0.02,
            servicing_rate=0.008,
        )

    value()
    ours = best_seconds(value)
    floor = best_seconds(lambda: [part.copy() for part in (flows.rent, flows.balance)])
    name = f"net value of {ASSETS:,} assets over {MONTHS} months"
    return [Figure(name, ours, floor, "copying rents and balances", "s")]
