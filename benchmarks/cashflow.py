"""Pool projection beside numpy's floor, and packing beside its own linear relaxation."""

from __future__ import annotations

import numpy as np

from benchmarks.figures import Figure, best_seconds
from pools.cashflow.projection import AssetColumns, Assumptions, project_pool
from pools.packing.choose import Packing, pack
from pools.packing.program import Groups, Mean

ASSETS, MONTHS, CHUNK, CANDIDATES = 200_000, 60, 16_384, 50_000


def _assets() -> AssetColumns:
    rng = np.random.default_rng(5)
    return AssetColumns.of(
        balance=rng.uniform(1e6, 5e7, ASSETS),
        annual_rate=rng.uniform(0.03, 0.15, ASSETS),
        remaining=np.full(ASSETS, MONTHS),
    )


def _numpy_floor(assets: AssetColumns) -> float:
    """Level rent with one survival curve, in chunks: the least that any projection must do."""
    months = np.arange(MONTHS + 1)
    survival = 0.99**months
    total = 0.0
    for start in range(0, ASSETS, CHUNK):
        part = slice(start, start + CHUNK)
        rate = assets.annual_rate[part, None] / 12
        factor = (1 - (1 + rate) ** (months - MONTHS)) / (1 - (1 + rate) ** -MONTHS)
        total += float((assets.balance[part, None] * factor * survival).sum())
    return total


def _market(size: int) -> Packing:
    rng = np.random.default_rng(3)
    balance = rng.integers(2_000_000, 25_000_000, size)
    risk = rng.beta(1.2, 25, size)
    return pack(
        balance_minor=balance,
        value=balance * (1.02 - 1.5 * risk),
        target_minor=int(balance.sum()) // 4,
        groups=[Groups(rng.integers(0, 31, size) ** 2 // 31, 0.15)],
        means=[Mean(risk, 0.02, True)],
    )


def figures() -> list[Figure]:
    """Seconds: less is better. The packing figure's ratio is its value against the bound."""
    assets = _assets()
    assumptions = Assumptions.constant(mdr=0.001, smm=0.01, lag_months=4, severity=0.4)
    project_pool(assets, assumptions)  # compiles once
    ours = best_seconds(lambda: project_pool(assets, assumptions))
    floor = best_seconds(lambda: _numpy_floor(assets))
    packed = _market(CANDIDATES)
    seconds = best_seconds(lambda: _market(CANDIDATES), repeat=1)
    return [
        Figure(f"project {ASSETS:,} assets × {MONTHS} months", ours, floor, "numpy balances", "s"),
        Figure(f"pack from {CANDIDATES:,} candidates", seconds, 10.0, "the goal of 10 s", "s"),
        Figure("value of the packed pool", packed.value, packed.bound, "linear bound", "fen"),
    ]
