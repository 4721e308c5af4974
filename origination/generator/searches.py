"""What registers outside the platform said: the security-interest register and the vehicle office.

A few vehicles are mortgaged elsewhere; only these searches show it.
"""

from datetime import date, timedelta

import numpy as np
import polars as pl

_HOLDERS = ("恒源小额贷款有限公司", "盛泰典当有限公司", "联信融资担保有限公司")
_RECENT_DAYS = 45


def draw_searches(truth: pl.DataFrame, *, as_of: date, rng: np.random.Generator) -> pl.DataFrame:
    """Two searches of each live lease in the weeks before `as_of`.

    Columns of `registry.searched` items (docs/entries.md) with `lease_row` in the place of the rid.
    """
    ended = pl.min_horizontal("settled_on", "matured_on", "default_on") <= as_of
    live = truth.filter(~ended.fill_null(False) & (pl.col("originated_on") <= as_of))
    zhongdeng = _register(live, "zhongdeng", as_of, rng)
    return pl.concat([zhongdeng, _register(live, "vehicle_office", as_of, rng)])


def _register(
    live: pl.DataFrame, register: str, as_of: date, rng: np.random.Generator
) -> pl.DataFrame:
    count = len(live)
    found = live["encumbered"]
    holder = pl.Series(list(_HOLDERS)).gather(pl.Series(rng.integers(0, 3, count), dtype=pl.UInt32))
    number = pl.Series(rng.integers(10**9, 10**10, count)).cast(pl.String).str.zfill(20)
    ago = pl.Series(rng.integers(0, _RECENT_DAYS, count), dtype=pl.Int64)
    searched = pl.repeat(as_of, count, dtype=pl.Date, eager=True) - (
        ago * timedelta(days=1).days * 86_400_000_000
    ).cast(pl.Duration("us"))
    return pl.DataFrame(
        {
            "lease_row": live["lease_row"],
            "register": pl.repeat(register, count, dtype=pl.String, eager=True),
            "searched_on": searched.cast(pl.Date),
            "result": pl.Series(["clear", "encumbered"]).gather(found.cast(pl.UInt32)),
            "holder": holder.set(~found, None),
            "registration_number": number.set(~found, None),
        }
    )
