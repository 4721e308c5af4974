"""Who leases what on which terms: the columns of new contracts, before anything is paid.

All amounts are whole fen (int64), rates are millionths a year (int64): the integers that
`origination.domain.schedule` computes with. Levels and mixtures are plausible for Chinese vehicle
lessors and are not estimates of any real book.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from origination.domain.schedule import Pattern, ResidualKind
from origination.domain.schedule_columns import PATTERN_CODES, RESIDUAL_CODES
from origination.generator import provinces, vehicles
from origination.generator.spec import LessorSpec, PortfolioSpec

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

DEALERS = 160
_GROWTH_A_MONTH = 0.030
_SEASON = np.array([1.0, 0.75, 1.0, 0.95, 0.95, 1.05, 0.95, 1.0, 1.05, 1.0, 1.1, 1.25])
_TERMS = np.array([12, 24, 36, 48, 60])
_YUAN = 100
_HIGHEST_RATE = 0.18  # well below the cap on the whole cost, fees included

LEVEL, FLAT_FEE = PATTERN_CODES[Pattern.LEVEL], PATTERN_CODES[Pattern.FLAT_FEE]
NOMINAL = RESIDUAL_CODES[ResidualKind.NOMINAL_PURCHASE]


@dataclass(frozen=True)
class Taste:
    """How one kind of lessor's book differs from the other's."""

    company: float
    ride_hailing: float
    leaseback: float
    used_leaseback: float
    used_direct: float
    loan_to_value: float
    rate: float
    rate_spread: float
    score: float
    terms: tuple[float, ...]
    balloon: float
    unguaranteed: float


TASTES = {
    "independent": Taste(
        0.12,
        0.14,
        0.60,
        0.45,
        0.08,
        0.82,
        0.1150,
        0.022,
        0.0,
        (0.06, 0.24, 0.50, 0.12, 0.08),
        0.06,
        0.0,
    ),
    "captive": Taste(
        0.05,
        0.03,
        0.15,
        0.10,
        0.02,
        0.72,
        0.0520,
        0.013,
        25.0,
        (0.05, 0.25, 0.52, 0.10, 0.08),
        0.14,
        0.06,
    ),
}


@dataclass(frozen=True)
class Contracts:
    """Columns of `n` contracts; every array has shape (n,). Codes index the tables they name."""

    month: Ints  # months since the portfolio's first
    day: Ints  # 1 … 28
    province: Ints
    model: Ints
    model_year: Ints
    used: Flags
    ride_hailing: Flags
    company: Flags
    self_employed: Flags
    leaseback: Flags
    dealer: Ints
    score: Ints
    score_known: Flags
    income: Ints
    odometer: Ints
    price: Ints
    financed: Ints
    residual: Ints
    residual_kind: Ints
    pattern: Ints
    advance: Flags
    rate: Ints
    flat_rate: Ints  # millionths a month, flat-fee contracts only
    term: Ints
    deposit: Ints
    fee: Ints

    def __len__(self) -> int:
        return len(self.month)

    @property
    def loan_to_value(self) -> Floats:
        return np.asarray(self.financed / self.price)


def month_weights(spec: PortfolioSpec) -> Floats:
    """Share of a growing, seasonal book written in each origination month."""
    months = np.arange(spec.origination_months)
    season = _SEASON[(spec.first_month.month - 1 + months) % 12]
    raw = np.exp(_GROWTH_A_MONTH * months) * season
    return np.asarray(raw / raw.sum())


def draw_contracts(
    spec: PortfolioSpec, lessor: LessorSpec, count: int, rng: np.random.Generator
) -> Contracts:
    """Draw `count` contracts of one lessor."""
    taste = TASTES[lessor.kind]
    month = rng.choice(spec.origination_months, count, p=month_weights(spec)).astype(np.int64)
    day = rng.integers(1, 29, count)
    province = rng.choice(len(provinces.CODES), count, p=provinces.weights()).astype(np.int64)
    company = rng.random(count) < taste.company
    ride_hailing = ~company & (rng.random(count) < taste.ride_hailing)
    leaseback = rng.random(count) < taste.leaseback
    used = rng.random(count) < np.where(leaseback, taste.used_leaseback, taste.used_direct)
    year = spec.first_month.year + (spec.first_month.month - 1 + month) // 12
    age = np.where(used, rng.integers(1, 7, count), 0)
    model_year = np.maximum(year - age, 2015)
    model = _draw_models(vehicles.available(lessor.makes), model_year, ride_hailing, rng)
    age = np.maximum(year - model_year, 0)
    odometer = np.where(
        age == 0,
        rng.integers(8, 80, count),
        (age * rng.gamma(9.0, 1_800.0, count)).astype(np.int64),
    )
    price = _draw_prices(spec, model, month, age, odometer, rng)

    quality = rng.normal(0.0, 1.0, count)
    score = 652 + taste.score + 52 * (0.8 * quality + 0.6 * rng.normal(0.0, 1.0, count))
    income = 9_200 * np.exp(0.38 * rng.normal(0.0, 1.0, count) + 0.10 * quality)
    value = taste.loan_to_value - 0.025 * quality + rng.normal(0.0, 0.09, count)
    financed = (
        np.round(price * np.clip(value, 0.45, 1.0) / (100 * _YUAN)).astype(np.int64) * 100 * _YUAN
    )
    financed = np.minimum(financed, price)
    return Contracts(
        month=month,
        day=day,
        province=province,
        model=model,
        model_year=model_year,
        used=used,
        ride_hailing=ride_hailing,
        company=company,
        self_employed=~company & ~ride_hailing & (rng.random(count) < 0.27),
        leaseback=leaseback,
        dealer=_draw_dealers(count, rng),
        score=np.clip(np.round(score), 300, 900).astype(np.int64),
        score_known=rng.random(count) < 0.94,
        income=np.round(income / 100).astype(np.int64) * 100 * _YUAN,
        odometer=odometer,
        price=price,
        financed=financed,
        **_draw_terms(taste, leaseback, price, financed, quality, rng),
    )


def _draw_models(
    rows: NDArray[np.intp], model_year: Ints, ride_hailing: Flags, rng: np.random.Generator
) -> Ints:
    """A model on sale in its year; ride-hailing drivers prefer batteries below 200,000 yuan."""
    first_year = np.array([model.first_year for model in vehicles.CATALOGUE])
    weight = np.array([model.weight for model in vehicles.CATALOGUE])
    fares = [m.energy in ("bev", "phev") and m.price_yuan < 200_000 for m in vehicles.CATALOGUE]
    chosen = np.zeros(len(model_year), dtype=np.int64)
    for year in np.unique(model_year):
        for driver in (False, True):
            members = np.flatnonzero((model_year == year) & (ride_hailing == driver))
            likes = weight * np.where(fares, 6.0, 0.4) if driver else weight
            odds = likes[rows] * (first_year[rows] <= year)
            chosen[members] = rng.choice(rows, len(members), p=odds / odds.sum())
    return chosen


def _draw_prices(
    spec: PortfolioSpec,
    model: Ints,
    month: Ints,
    age: Ints,
    odometer: Ints,
    rng: np.random.Generator,
) -> Ints:
    """Invoice or appraised price in fen, to the hundred yuan."""
    listed = np.array([m.price_yuan for m in vehicles.CATALOGUE], dtype=np.float64)[model]
    since_2021 = (spec.first_month.year - 2021) * 12 + spec.first_month.month - 1 + month
    energy = np.array([vehicles.ENERGIES.index(m.energy) for m in vehicles.CATALOGUE])[model]
    log_price = np.log(listed) + rng.normal(0.0, 0.07, len(model))
    for code, name in enumerate(vehicles.ENERGIES):
        first, later = vehicles.DEPRECIATION[name]
        mine = energy == code
        log_price[mine] += np.log(vehicles.price_trend(name, since_2021[mine]))
        log_price[mine] -= (age[mine] > 0) * (first + later * (age[mine] - 1))
    log_price -= 0.04 * (odometer / 16_000 - age) * (age > 0)
    return np.round(np.exp(log_price) / 100).astype(np.int64) * 100 * _YUAN


def _draw_dealers(count: int, rng: np.random.Generator) -> Ints:
    """Dealer numbers: a few large ones, many small ones."""
    odds = 1.0 / (np.arange(DEALERS) + 6.0)
    return rng.choice(DEALERS, count, p=odds / odds.sum()).astype(np.int64)


def _draw_terms(
    taste: Taste,
    leaseback: Flags,
    price: Ints,
    financed: Ints,
    quality: Floats,
    rng: np.random.Generator,
) -> dict[str, NDArray]:  # type: ignore[type-arg]
    """Price of money, pattern, residual, deposit and fee."""
    count = len(price)
    term = rng.choice(_TERMS, count, p=taste.terms).astype(np.int64)
    asked = taste.rate - 0.006 * quality + rng.normal(0.0, taste.rate_spread, count)
    rate: Floats = np.round(np.clip(asked, 0.0199, _HIGHEST_RATE), 4).astype(np.float64)
    kind = rng.choice(
        3, count, p=(1 - taste.balloon - taste.unguaranteed, taste.balloon, taste.unguaranteed)
    )
    kind = np.where(leaseback, NOMINAL, kind)
    share = rng.choice(np.array([0.2, 0.25, 0.3, 0.35]), count)
    residual = np.where(
        kind == NOMINAL, 100 * _YUAN, np.round(price * share / 10_000).astype(np.int64) * 10_000
    )
    pattern = rng.choice(3, count, p=(0.86, 0.07, 0.07))
    pattern = np.where(kind == NOMINAL, pattern, LEVEL)
    flat_rate = np.where(pattern == FLAT_FEE, np.round(rate / 12 * 0.54, 5), 0.0)
    # Deposits and fees raise what money costs: dear and short contracts carry less of them.
    gentle = (rate < 0.14) & (term > 12)
    deposit = np.minimum(price, 0.9 * financed) * rng.choice(
        np.array([0.0, 0.04, 0.08]), count, p=(0.55, 0.25, 0.20)
    )
    fee = gentle * financed * rng.choice(np.array([0.0, 0.01, 0.02]), count, p=(0.5, 0.3, 0.2))
    return {
        "term": term,
        "rate": np.round(rate * 1e6).astype(np.int64),
        "flat_rate": np.round(flat_rate * 1e6).astype(np.int64),
        "residual": np.minimum(residual, financed // 2),
        "residual_kind": kind.astype(np.int64),
        "pattern": pattern.astype(np.int64),
        "advance": (rng.random(count) < 0.05) & (pattern != FLAT_FEE),
        "deposit": np.round(deposit * (rate < 0.14) / _YUAN).astype(np.int64) * _YUAN,
        "fee": np.round(fee / _YUAN).astype(np.int64) * _YUAN,
    }
