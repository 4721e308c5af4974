"""Vehicle values from price observations: the share of the contract's price that is left."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Final

import numpy as np
import numpy.typing as npt
import polars as pl

from origination.domain.months import days_of
from pools.features.columns import VEHICLE_USE
from pools.features.history import History, end_of, microseconds
from pools.model_life.policy import ValuationPolicy
from pools.models_kit.market_value import MarketValueModel

Floats = npt.NDArray[np.float64]
Ints = npt.NDArray[np.int64]

#: Matrix columns: vehicle age and years since origination (years), odometer (10,000 km), codes.
DIRECTIONS: Final = (-1, -1, -1, 0, 0, 0, 0)
CATEGORICAL: Final = (False, False, False, True, True, True, False)
_USUAL_KM_A_DAY: Final = (40.0, 150.0, 75.0)  # by VEHICLE_USE, until observed
_CONFORM_DAYS: Final = 183
#: An appraisal at signing is the contract's own price: it says nothing about how value falls.
_SIGNING_DAYS: Final = 31

#: Frame of price observations that `fit_values` reads.
PRICE_SCHEMA: Final = {
    "lease": pl.Int64(),
    "distressed": pl.Boolean(),
    "price_minor": pl.Int64(),
    "odometer_km": pl.Float64(),
    "observed_on": pl.Date(),
    "known_at": pl.Datetime("us", "UTC"),
}


@dataclass(frozen=True, slots=True)
class VehicleValues:
    """P10, P50, P90 of a vehicle's price; `model` is None where policy depreciation is used."""

    model: MarketValueModel | None
    km_a_day: Sequence[float]
    observations: int
    yearly_depreciation: float
    band: float

    @property
    def basis(self) -> str:
        return "policy" if self.model is None else "observed"

    def quantiles(
        self, history: History, rows: Ints, today: int | Ints, ahead_years: float = 0.0
    ) -> Floats:
        """(rows, 3) float64 minor units on day `today` (one, or one a row), or years later."""
        price = history.static.numbers["vehicle_price"][rows]
        x = self._matrix(history, rows, today, ahead_years)
        if self.model is None:
            middle = price * (1 - self.yearly_depreciation) ** x[:, 1]
            spread = np.array([1 - self.band, 1.0, 1 + self.band])
            return np.asarray(middle[:, None] * spread, dtype=np.float64)
        return np.asarray(self.model.quantiles(x) * price[:, None], dtype=np.float64)

    def monthly_decline(self, history: History, rows: Ints, today: int, now: Floats) -> Floats:
        """Share of P50 (`now`, minor units) lost a month over the coming year, in [0, 5 %]."""
        later = self.quantiles(history, rows, today, ahead_years=1.0)[:, 1]
        return np.asarray(np.clip(1 - (later / now) ** (1 / 12), 0.0, 0.05), dtype=np.float64)

    def _matrix(
        self, history: History, rows: Ints, today: int | Ints, ahead_years: float
    ) -> Floats:
        days = np.maximum(today - history.static.originated[rows], 0) + ahead_years * 365.25
        use = np.nan_to_num(history.static.codes["vehicle_use"][rows]).astype(np.int64)
        driven = np.asarray(self.km_a_day)[use] * days
        return _matrix(history, rows, days, history.static.numbers["odometer_km"][rows] + driven)


def _matrix(history: History, rows: Ints, days: Floats, odometer: Floats) -> Floats:
    static = history.static
    years = days / 365.25
    return np.column_stack(
        [
            static.numbers["vehicle_age_years"][rows] + years,
            years,
            odometer / 10_000,
            static.codes["energy"][rows],
            static.region[rows],
            static.codes["vehicle_use"][rows],
            np.log(static.numbers["vehicle_price"][rows]),
        ]
    )


def fit_values(
    history: History, prices: pl.DataFrame, as_of: date, policy: ValuationPolicy, seed: int
) -> VehicleValues:
    """Learn from undistressed prices known by the end of `as_of`; the last half year conforms."""
    seen = observed(history, prices, as_of)
    rows, x, y, day = seen
    late = day > days_of(as_of) - _CONFORM_DAYS
    enough = (~late).sum() >= policy.min_prices and late.sum() >= 50
    model = None
    if enough:
        model = MarketValueModel(DIRECTIONS, CATEGORICAL, spread_column=1, seed=seed)
        model.fit(x[~late], y[~late]).conform(x[late], y[late])
    return VehicleValues(
        model=model,
        km_a_day=_km_a_day(history, rows, x, day),
        observations=len(rows),
        yearly_depreciation=policy.yearly_depreciation,
        band=policy.value_band,
    )


def observed(
    history: History, prices: pl.DataFrame, as_of: date, since: date | None = None
) -> tuple[Ints, Floats, Floats, Ints]:
    """Lease rows, matrix, share of the contract's price, and day of the undistressed prices."""
    known = microseconds(end_of(as_of))
    keep = prices.filter(
        ~pl.col("distressed")
        & (pl.col("known_at").dt.epoch("us") <= known)
        & (pl.col("observed_on") > (since or date(1970, 1, 1)))
        & (pl.col("observed_on") <= as_of)
    )
    day = keep["observed_on"].cast(pl.Int32).to_numpy().astype(np.int64)
    signed = history.static.originated[keep["lease"].to_numpy()]
    keep, day = keep.filter(day > signed + _SIGNING_DAYS), day[day > signed + _SIGNING_DAYS]
    rows = keep["lease"].to_numpy().astype(np.int64)
    days = np.maximum(day - history.static.originated[rows], 0).astype(np.float64)
    odometer = keep["odometer_km"].cast(pl.Float64).fill_null(np.nan).to_numpy()
    x = _matrix(history, rows, days, odometer)
    y = keep["price_minor"].to_numpy() / history.static.numbers["vehicle_price"][rows]
    return rows, x, np.asarray(y, dtype=np.float64), day


def _km_a_day(history: History, rows: Ints, x: Floats, day: Ints) -> list[float]:
    """Median kilometres a day by use, where at least 30 observations a quarter year on say so."""
    days = (day - history.static.originated[rows]).astype(np.float64)
    driven = x[:, 2] * 10_000 - history.static.numbers["odometer_km"][rows]
    rate = driven / np.maximum(days, 1)
    use = history.static.codes["vehicle_use"][rows]
    answer = []
    for code in range(len(VEHICLE_USE)):
        mine = rate[(use == code) & (days > 90) & np.isfinite(rate)]
        answer.append(float(np.median(mine)) if len(mine) >= 30 else _USUAL_KM_A_DAY[code])
    return answer
