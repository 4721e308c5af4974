"""A pool's members as their screening saw them, and the strata that circular and page show."""

import polars as pl

from pools.circular.content import Stratification
from pools.circular.strats import by_category, by_range
from pools.models import Pool
from pools.projection.frames import read_frame

_MEMBERS = """
    SELECT m.balance_minor, a.annual_nominal_rate AS annual_rate, r.months_left AS remaining,
           r.months_on_book AS age, r.probability, a.province, a.energy, a.vehicle_make AS make,
           a.product, a.condition, a.vehicle_use AS use, a.lessee_kind AS lessee, a.obligor
    FROM pools_poolasset m JOIN pools_asset a ON a.rid = m.asset_id
    JOIN pools_assetresult r ON r.asset_id = m.asset_id AND r.run_id = '{run}'
    WHERE m.pool_id = '{pool}' ORDER BY a.rid
"""
_WHOLE, _REAL = ("balance_minor", "remaining", "age"), ("annual_rate", "probability")
_RANGES = (
    ("balance", "balance_minor", [2e6, 4e6, 6e6, 8e6, 10e6],
     ["< 20,000", "20,000–40,000", "40,000–60,000", "60,000–80,000", "80,000–100,000",
      "≥ 100,000"]),
    ("rate", "annual_rate", [0.06, 0.08, 0.10, 0.12],
     ["< 6%", "6–8%", "8–10%", "10–12%", "≥ 12%"]),
    ("remaining", "remaining", [6, 12, 24, 36], ["< 6", "6–11", "12–23", "24–35", "≥ 36"]),
    ("age", "age", [6, 12, 24, 36], ["< 6", "6–11", "12–23", "24–35", "≥ 36"]),
    ("probability", "probability", [0.005, 0.01, 0.02, 0.05],
     ["< 0.5%", "0.5–1%", "1–2%", "2–5%", "≥ 5%"]),
)  # fmt: skip
_CATEGORIES = ("province", "energy", "make", "product", "condition", "use", "lessee")


def members_of(pool: Pool) -> pl.DataFrame:
    """One row a member; ids are our own UUIDs, never a text of a request."""
    frame = read_frame(_MEMBERS.format(run=pool.run_id, pool=pool.pk))
    return frame.with_columns(pl.col(_WHOLE).cast(pl.Int64), pl.col(_REAL).cast(pl.Float64))


def strata_of(members: pl.DataFrame) -> list[Stratification]:
    """The cuts by size, terms, risk, place, vehicle and lessee."""
    ranges = [
        by_range(members, column, code=code, edges=edges, labels=labels)
        for code, column, edges, labels in _RANGES
    ]
    return [*ranges, *(by_category(members, name, code=name) for name in _CATEGORIES)]
