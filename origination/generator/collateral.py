"""What the vehicles are worth while they are driven, and what they fetch when sold.

Value falls with age and mileage by energy type, follows the province's resale market and, for
battery cars, the price war. Distressed sales fetch less. Observed prices carry noise of their own.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from origination.generator import provinces, vehicles
from origination.generator.contracts import Contracts
from origination.generator.economy import Economy

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

_NORMAL_KM_A_YEAR = 15_000
_KM_A_DAY = {"private": 38.0, "ride_hailing": 165.0, "commercial": 72.0}
_MILEAGE_LOSS = 0.045  # log points for each 15,000 km above normal
_OBSERVATION_NOISE = 0.07
_DISTRESS_DISCOUNT = (0.20, 0.08)  # mean and deviation, log points


@dataclass(frozen=True)
class Wear:
    """Hidden columns of n vehicles: kilometres a day, and a standing log-value difference."""

    km_a_day: Floats
    condition: Floats


def draw_wear(contracts: Contracts, rng: np.random.Generator) -> Wear:
    """How hard each vehicle is driven and how well it is kept."""
    use = np.select(
        [contracts.ride_hailing, contracts.company],
        [_KM_A_DAY["ride_hailing"], _KM_A_DAY["commercial"]],
        _KM_A_DAY["private"],
    )
    count = len(contracts)
    return Wear(use * rng.gamma(8.0, 1 / 8.0, count), rng.normal(0.0, 0.05, count))


def odometers(contracts: Contracts, wear: Wear, lease: Ints, days: Ints) -> Ints:
    """Kilometres on the clock `days` after origination."""
    return np.asarray(contracts.odometer[lease] + wear.km_a_day[lease] * days, dtype=np.int64)


def market_values(
    contracts: Contracts, wear: Wear, economy: Economy, lease: Ints, days: Ints
) -> Floats:
    """Fen that each vehicle would fetch in an orderly sale `days` after origination."""
    years = days / 365.25
    energy = np.array([vehicles.ENERGIES.index(m.energy) for m in vehicles.CATALOGUE])
    rates = np.array([vehicles.DEPRECIATION[name] for name in vehicles.ENERGIES])
    first, later = rates[energy[contracts.model[lease]]].T
    age = np.where(contracts.used[lease], 1.0, 0.0)  # a used car has its steep year behind it
    lost = first * np.minimum(years, 1.0) * (age == 0) + later * np.where(
        age == 0, np.maximum(years - 1.0, 0.0), years
    )
    excess = (wear.km_a_day[lease] * 365.25 - _NORMAL_KM_A_YEAR) / _NORMAL_KM_A_YEAR * years
    month = contracts.month[lease]
    last = len(economy.price_war) - 1
    now = np.minimum(month + (days / 30.44).astype(np.int64), last)
    battery = energy[contracts.model[lease]] == vehicles.ENERGIES.index("bev")
    war = battery * (economy.price_war[now] - economy.price_war[month])
    resale = np.log(provinces.resale_factors())[contracts.province[lease]]
    settled_in = np.minimum(years, 1.0)  # regional and upkeep differences grow over a year
    log_value = np.log(contracts.price[lease]) - lost - _MILEAGE_LOSS * excess - war
    return np.asarray(np.exp(log_value + settled_in * (resale + wear.condition[lease])))


def observed_prices(values: Floats, *, distressed: bool, rng: np.random.Generator) -> Ints:
    """What an appraiser says or a buyer pays, in fen to the hundred yuan."""
    log_price = np.log(values) + rng.normal(0.0, _OBSERVATION_NOISE, len(values))
    if distressed:
        log_price -= rng.normal(*_DISTRESS_DISCOUNT, len(values))
    return np.maximum(np.round(np.exp(log_price) / 10_000), 1).astype(np.int64) * 10_000
