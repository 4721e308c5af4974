"""Daily aggregates of the vehicles' trackers.

Each day has a random stream of its own, so a day's rows are the same in whatever window it is asked
for. Distress shows before the default: fewer trips, silent or unplugged trackers, a car that left.
"""

from datetime import UTC, date, datetime, timedelta

import numpy as np
import polars as pl
from numpy.typing import NDArray

from origination.generator.provinces import CODES

#: Columns of `daily` items (docs/entries.md), with `lease_row` in the place of the lease's rid.
DAILY_COLUMNS = ("lease_row", "day", "kilometres", "trips", "last_seen_at", "province", "alarms")

_ALARMS = ("", "power_cut", "left_region", "silent")
_ALARM_CHANCES = {False: (0.0004, 0.0015, 0.0008), True: (0.008, 0.012, 0.020)}


def draw_telematics(
    truth: pl.DataFrame, *, seed: int, first_day: date, last_day: date, share: float
) -> pl.DataFrame:
    """Aggregates from `first_day` to `last_day` of the share of live vehicles that carry a tracker.

    `truth` is the hidden frame of the portfolio. One row a day and vehicle, `DAILY_COLUMNS`.
    """
    equipped = truth.filter(pl.Series(_has_tracker(truth["lease_row"].to_numpy(), share)))
    days = [first_day + timedelta(days=n) for n in range((last_day - first_day).days + 1)]
    parts = [_one_day(equipped, day, seed) for day in days]
    if not parts:
        return _one_day(equipped.clear(), first_day, seed)
    return pl.concat(parts)


def _has_tracker(lease_row: NDArray[np.int32], share: float) -> NDArray[np.bool_]:
    """A fixed pseudo-random choice by serial: the same vehicles every day."""
    scrambled = (lease_row.astype(np.uint64) * np.uint64(2_654_435_761)) % np.uint64(2**32)
    return np.asarray(scrambled < share * 2**32)


def _one_day(equipped: pl.DataFrame, day: date, seed: int) -> pl.DataFrame:
    live = equipped.filter(
        (pl.col("originated_on") <= day)
        & ~(pl.min_horizontal("settled_on", "matured_on") <= day).fill_null(False)
        & ~(pl.col("default_on") + pl.duration(days=60) <= day).fill_null(False)
    )
    count = len(live)
    first = int(live["lease_row"][0]) if count else 0
    rng = np.random.default_rng([seed, 3, day.toordinal(), first])
    distressed = (live["distressed_on"] <= day).fill_null(False).to_numpy()
    mean = live["km_a_day"].to_numpy() * np.where(distressed, 0.8, 1.0)
    mean = mean * (0.85 if day.weekday() >= 5 else 1.05)
    kilometres = np.where(rng.random(count) < 0.12, 0.0, rng.gamma(2.0, 0.5, count) * mean)
    draw = rng.random(count)
    bounds = [np.cumsum(_ALARM_CHANCES[bool(state)]) for state in (False, True)]
    alarm = np.where(distressed, np.digitize(draw, bounds[1]), np.digitize(draw, bounds[0]))
    alarm = (alarm + 1) % len(_ALARMS)
    silent = alarm == _ALARMS.index("silent")
    kilometres = np.where(silent, 0.0, kilometres)
    trips = np.where(kilometres > 0, 1 + rng.poisson(kilometres / 14.0), 0)
    minutes = np.where(silent, rng.integers(0, 120, count), rng.integers(600, 960, count))
    noon = datetime(day.year, day.month, day.day, tzinfo=UTC)
    province = np.array([CODES.index(code) for code in CODES])  # positions, for the strays
    home = live["province"].replace_strict(
        list(CODES), list(range(len(CODES))), return_dtype=pl.Int64
    )
    stray = (home.to_numpy() + rng.integers(1, len(CODES), count)) % len(province)
    where = np.where(alarm == _ALARMS.index("left_region"), stray, home.to_numpy())
    return pl.DataFrame(
        {
            "lease_row": live["lease_row"],
            "day": pl.repeat(day, count, dtype=pl.Date, eager=True),
            "kilometres": pl.Series(np.round(kilometres, 1)),
            "trips": pl.Series(trips, dtype=pl.Int64),
            "last_seen_at": pl.repeat(noon, count, dtype=pl.Datetime("us", "UTC"), eager=True)
            + pl.Series(minutes * 60_000_000, dtype=pl.Int64).cast(pl.Duration("us")),
            "province": pl.Series(list(CODES)).gather(pl.Series(where, dtype=pl.UInt32)),
            "alarms": pl.Series(list(_ALARMS)).gather(pl.Series(alarm, dtype=pl.UInt32)),
        }
    )
