"""The economy behind the portfolio: one stress factor a month and province.

Stress is a business cycle (bad around months 7 and 49 of the portfolio, 42 months apart), a
national AR(1) wander and a smaller provincial one. It moves the chance of distress.
"""

from dataclasses import dataclass
from datetime import date

import numpy as np
import polars as pl
from numpy.typing import NDArray

from origination.generator.provinces import CODES
from origination.generator.spec import month_start

_CYCLE_MONTHS = 42
_CYCLE_PEAK = 49
_NATIONAL = (0.88, 0.30)  # AR(1) coefficient and stationary standard deviation
_PROVINCIAL = (0.85, 0.30)


@dataclass(frozen=True)
class Economy:
    """`stress[month, province]`, about zero on average, higher is worse; `price_war[month]` is the
    log-point fall of battery-vehicle prices so far."""

    stress: NDArray[np.float64]
    price_war: NDArray[np.float64]


def draw_economy(*, months: int, rng: np.random.Generator) -> Economy:
    """Draw the stress of `months` months in all provinces, and the battery price war's course."""
    cycle = 0.8 * np.cos(2 * np.pi * (np.arange(months) - _CYCLE_PEAK) / _CYCLE_MONTHS)
    national = _autoregression(_NATIONAL, (months, 1), rng)
    provincial = _autoregression(_PROVINCIAL, (months, len(CODES)), rng)
    onset = 18 + rng.integers(0, 6)
    ramp = np.clip((np.arange(months) - onset) / 12.0, 0.0, 1.0)
    return Economy(stress=cycle[:, None] + national + provincial, price_war=0.14 * ramp)


def published_index(
    economy: Economy, *, first_month: date, rng: np.random.Generator
) -> pl.DataFrame:
    """What a statistics office would print: a noisy climate index (100 is normal, lower is worse).

    Columns `month` (its first day), `province`, `climate_index` to one decimal.
    """
    months, provinces = economy.stress.shape
    noise = rng.normal(0.0, 1.5, economy.stress.shape)
    index = np.round(100.0 - 6.0 * economy.stress + noise, 1)
    starts = [month_start(first_month, month) for month in range(months)]
    return pl.DataFrame(
        {
            "month": pl.Series(starts, dtype=pl.Date).gather(
                np.repeat(np.arange(months), provinces)
            ),
            "province": list(CODES) * months,
            "climate_index": index.ravel(),
        }
    )


def _autoregression(
    parameters: tuple[float, float], shape: tuple[int, int], rng: np.random.Generator
) -> NDArray[np.float64]:
    """A stationary AR(1) along the first axis."""
    memory, deviation = parameters
    shocks = rng.normal(0.0, deviation * np.sqrt(1 - memory**2), shape)
    path = np.empty(shape)
    path[0] = rng.normal(0.0, deviation, shape[1])
    for month in range(1, shape[0]):
        path[month] = memory * path[month - 1] + shocks[month]
    return path
