"""Draw a portfolio: whole, or partition by partition.

    spec = portfolio_of(50_000)
    portfolio = generate(spec)
    portfolio.leases, portfolio.payments, portfolio.prices, …

Each partition has a random stream of its own, seeded by the partition's place, so that partitions
can be drawn in any order and the first is the same whatever follows.
"""

from collections.abc import Iterator
from dataclasses import dataclass, fields
from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl

from origination.generator import frames
from origination.generator.calibration import calibrate
from origination.generator.collateral import draw_wear
from origination.generator.contracts import Contracts, draw_contracts
from origination.generator.economy import Economy, draw_economy, published_index
from origination.generator.events import Book, draw_events
from origination.generator.rents import draw_rents
from origination.generator.risk import Risk, dealer_effects, draw_risk
from origination.generator.searches import draw_searches
from origination.generator.simulation import NEVER, Lives, World, live
from origination.generator.spec import PortfolioSpec, month_start
from origination.generator.telematics import draw_telematics


@dataclass(frozen=True)
class Portfolio:
    """The frames of one draw.

    `leases`, `payments`, `prices`, `telematics`, `searches` and `climate` may leave the generator;
    `truth` never does: it holds what no lender could know. `upcoming` are the payments that become
    known after `as_of`, for a demo to let arrive.
    """

    leases: pl.DataFrame
    payments: pl.DataFrame
    upcoming: pl.DataFrame
    prices: pl.DataFrame
    telematics: pl.DataFrame
    searches: pl.DataFrame
    climate: pl.DataFrame
    truth: pl.DataFrame


def generate(spec: PortfolioSpec) -> Portfolio:
    """The whole portfolio in memory, for up to a few hundred thousand leases."""
    parts = list(generate_partitions(spec))
    if len(parts) == 1:
        return parts[0]
    joined = {
        field.name: pl.concat([getattr(part, field.name) for part in parts])
        for field in fields(Portfolio)
        if field.name != "climate"
    }
    for name in ("payments", "upcoming", "prices"):
        joined[name] = joined[name].sort("known_at", "lease_row", maintain_order=True)
    return Portfolio(**joined, climate=parts[0].climate)


def generate_partitions(spec: PortfolioSpec) -> Iterator[Portfolio]:
    """Partitions of at most `spec.partition_leases` leases of one lessor each."""
    economy, rng = economy_of(spec)
    climate = published_index(economy, first_month=spec.first_month, rng=rng)
    climate = climate.filter(pl.col("month") <= spec.as_of)
    for place, count, level in places(spec, economy):
        yield _partition(place, count, level, economy, climate)


def _partition(
    place: frames.Place, count: int, level: float, economy: Economy, climate: pl.DataFrame
) -> Portfolio:
    spec = place.spec
    rng = np.random.default_rng([spec.seed, 2, place.first])
    risk, book = lived(place, count, level, economy, rng)
    contracts, rents, lives, wear = book.contracts, book.rents, book.lives, book.wear
    lines, prices = draw_events(book, rng)
    payments = frames.payment_frame(place, lines, rng)
    cut = datetime.combine(spec.as_of + timedelta(days=1), time(), UTC)
    leases = frames.lease_frame(place, contracts, rents, book.originated, rng)
    truth = _truth(leases, risk, lives, wear.km_a_day, rng)
    return Portfolio(
        leases=leases,
        payments=payments.filter(pl.col("known_at") < cut),
        upcoming=payments.filter(pl.col("known_at") >= cut),
        prices=frames.price_frame(place, prices, rng).filter(pl.col("known_at") < cut),
        telematics=draw_telematics(
            truth,
            seed=spec.seed,
            first_day=spec.as_of - timedelta(days=spec.telematics_days - 1),
            last_day=spec.as_of,
            share=spec.telematics_share,
        ),
        searches=draw_searches(truth, as_of=spec.as_of, rng=rng),
        climate=climate,
        truth=truth,
    )


def lived(
    place: frames.Place, count: int, level: float, economy: Economy, rng: np.random.Generator
) -> tuple[Risk, Book]:
    """A partition's contracts and what became of them up to the last simulated day."""
    spec, lessor = place.spec, place.lessor
    contracts = draw_contracts(spec, lessor, count, rng)
    originated = _origination_days(spec, contracts)
    rents = draw_rents(contracts, originated=originated)
    risk = draw_risk(contracts, dealer_effects(spec.seed, lessor.code), rng)
    wear = draw_wear(contracts, rng)
    last_day = _days(month_start(spec.first_month, spec.simulated_months)) - 1
    lives = live(World(contracts, rents, risk, economy, level, last_day, rng))
    return risk, Book(contracts, rents, lives, wear, economy, originated.astype(np.int64), last_day)


def places(spec: PortfolioSpec, economy: Economy) -> Iterator[tuple[frames.Place, int, float]]:
    """Each partition's place, its leases and its lessor's level of hazard."""
    first = 0
    for lessor in spec.lessors:
        level = calibrate(spec, lessor, economy) if lessor.leases else 0.0
        for start in range(0, lessor.leases, spec.partition_leases):
            count = min(spec.partition_leases, lessor.leases - start)
            yield frames.Place(spec, lessor, first + start), count, level
        first += lessor.leases


def economy_of(spec: PortfolioSpec) -> tuple[Economy, np.random.Generator]:
    """The economy that all partitions live in, and the stream that it was drawn from."""
    rng = np.random.default_rng([spec.seed, 1])
    return draw_economy(months=spec.simulated_months, rng=rng), rng


def _origination_days(spec: PortfolioSpec, contracts: Contracts) -> np.typing.NDArray[np.int32]:
    first = np.datetime64(spec.first_month, "M")
    month = (first + contracts.month.astype("timedelta64[M]")).astype("datetime64[D]")
    return np.asarray(month.astype(np.int64) + contracts.day - 1, dtype=np.int32)


def _days(day: object) -> int:
    return int(np.datetime64(day, "D").astype(np.int64))  # type: ignore[call-overload]


def _truth(
    leases: pl.DataFrame,
    risk: Risk,
    lives: Lives,
    km_a_day: np.typing.NDArray[np.float64],
    rng: np.random.Generator,
) -> pl.DataFrame:
    """What the simulation knows and a lender does not, one row a lease."""
    return leases.select(
        "lease_row", "lessor", "province", "originated_on", "vehicle_use"
    ).with_columns(
        pl.Series("score", risk.score),
        pl.Series("frailty", risk.frailty),
        frames.day_or_null(lives.distressed_on).alias("distressed_on"),
        frames.day_or_null(lives.default_on).alias("default_on"),
        frames.day_or_null(lives.settled_on).alias("settled_on"),
        frames.day_or_null(lives.matured_on).alias("matured_on"),
        pl.Series("km_a_day", km_a_day),
        pl.Series("encumbered", _encumbered(lives, rng)),
    )


def _encumbered(lives: Lives, rng: np.random.Generator) -> np.typing.NDArray[np.bool_]:
    """Vehicles mortgaged elsewhere: two in a thousand, and at least one that is still on the road,
    so that the smallest demo has one to find."""
    draw = rng.random(len(lives.default_on))
    ended = np.minimum.reduce([lives.default_on, lives.settled_on, lives.matured_on]) != NEVER
    found = draw < 0.002
    if len(draw) and not (found & ~ended).any():
        found[np.argmin(np.where(ended, 2.0, draw))] = True
    return np.asarray(found)
