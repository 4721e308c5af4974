"""Bank lines and price observations made from the lives that were lived.

An instalment becomes one bank line, or two where it was paid in parts, or three where the first
line bounced. Ends of lives add settlements, residuals, recoveries and sales.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from origination.domain.schedule import ResidualKind
from origination.domain.schedule_columns import RESIDUAL_CODES
from origination.generator.collateral import Wear, market_values, observed_prices, odometers
from origination.generator.contracts import Contracts
from origination.generator.economy import Economy
from origination.generator.rents import Rents
from origination.generator.simulation import Instalments, Lives

Ints = NDArray[np.int64]

KINDS = ("rent", "settlement", "recovery", "reversal")
RENT, SETTLEMENT, RECOVERY, REVERSAL = range(4)
PRICE_KINDS = ("appraisal", "turn_in_sale", "distressed_sale")
APPRAISAL, TURN_IN_SALE, DISTRESSED_SALE = range(3)

_GRACE = 27  # days by which a month's last part is paid, before the next rent is due
_BOUNCED = 0.0012
_IN_PARTS = (0.004, 0.08)  # in health, in distress
_PENALTY_PER_CENT = 2
_TURNED_IN = 0.55
_REPOSSESSED = 0.64
_SALE_COST = 0.04
_REAPPRAISED = 0.12


@dataclass(frozen=True)
class Lines:
    """Bank lines as columns; `reverses` is the row of the line taken back within the same columns,
    -1 for the others."""

    lease: Ints
    kind: Ints
    amount: Ints
    day: Ints
    reverses: Ints


@dataclass(frozen=True)
class Prices:
    """Price observations as columns; `kind` indexes `PRICE_KINDS`."""

    lease: Ints
    kind: Ints
    price: Ints
    odometer: Ints
    day: Ints


@dataclass(frozen=True)
class Book:
    """The columns that events are made from, for one partition."""

    contracts: Contracts
    rents: Rents
    lives: Lives
    wear: Wear
    economy: Economy
    originated: Ints
    last_day: int


def draw_events(book: Book, rng: np.random.Generator) -> tuple[Lines, Prices]:
    """Every bank line and every price observation up to the book's last day."""
    recoveries, distressed_sales = _recoveries(book, rng)
    residuals, turn_ins = _maturities(book, rng)
    lines = _stack_lines(_instalment_lines(book, rng), _settlements(book), residuals, recoveries)
    prices = _stack_prices(_appraisals(book, rng), turn_ins, distressed_sales)
    return lines, prices


def _instalment_lines(book: Book, rng: np.random.Generator) -> Lines:
    """Rents as the bank shows them: whole, in two parts, or bounced and paid again."""
    paid: Instalments = book.lives.instalments
    amount = book.rents.between(paid.lease, paid.start, paid.start + paid.count)
    latest = np.maximum(paid.due + _GRACE, paid.day)
    count = len(paid.lease)
    draw = rng.random(count)
    early = paid.day - paid.due <= 12
    in_parts = early & (draw < np.where(paid.distressed, *_IN_PARTS[::-1]))
    bounced = early & ~in_parts & (draw > 1 - _BOUNCED)
    first = np.where(in_parts, (amount * rng.uniform(0.3, 0.8, count)).astype(np.int64), amount)
    second = np.flatnonzero(in_parts)
    back, again = np.flatnonzero(bounced), np.flatnonzero(bounced)
    later = np.minimum(paid.day[second] + rng.integers(2, 14, len(second)), latest[second])
    returned = paid.day[back] + rng.integers(1, 4, len(back))
    repaid = np.minimum(returned + rng.integers(1, 9, len(again)), latest[again])
    lease = np.concatenate([paid.lease, *(paid.lease[rows] for rows in (second, back, again))])
    none = np.full(count, -1, dtype=np.int64)
    return Lines(
        lease=lease,
        kind=np.concatenate(
            [
                np.full(count + len(second), RENT),
                np.full(len(back), REVERSAL),
                np.full(len(again), RENT),
            ]
        ),
        amount=np.concatenate([first, (amount - first)[second], amount[back], amount[again]]),
        day=np.concatenate([paid.day, later, returned, repaid]),
        reverses=np.concatenate([none, none[second], back, none[again]]),
    )


def _settlements(book: Book) -> Lines:
    """Early settlement: the principal left, and a penalty on it."""
    lease = np.flatnonzero(book.lives.settled_on <= book.last_day)
    balance = book.rents.balance(lease, book.lives.rents_paid[lease])
    penalty = (balance * _PENALTY_PER_CENT + 50) // 100
    return _lines(lease, SETTLEMENT, balance + penalty, book.lives.settled_on[lease])


def _maturities(book: Book, rng: np.random.Generator) -> tuple[Lines, Prices]:
    """Residuals at maturity. An unguaranteed one is nobody's debt: the lessee buys the vehicle or
    returns it to the maker's dealer, who pays the residual and sells the vehicle on the market."""
    lease = np.flatnonzero(book.lives.matured_on <= book.last_day)
    day, residual = book.lives.matured_on[lease], book.contracts.residual[lease]
    option = book.contracts.residual_kind[lease] == RESIDUAL_CODES[ResidualKind.UNGUARANTEED]
    debts = _lines(lease[~option], RENT, residual[~option], day[~option])
    bought = _lines(lease[option], SETTLEMENT, residual[option], day[option])
    returned = option & (rng.random(len(lease)) < _TURNED_IN)
    sold_on = day[returned] + rng.integers(5, 45, int(returned.sum()))
    return _stack_lines(debts, bought), _observe(book, lease[returned], sold_on, TURN_IN_SALE, rng)


def _recoveries(book: Book, rng: np.random.Generator) -> tuple[Lines, Prices]:
    """After default: repossession and a distressed sale, or a few payments, or nothing."""
    lease = np.flatnonzero(book.lives.default_on <= book.last_day)
    day = book.lives.default_on[lease]
    taken = rng.random(len(lease)) < _REPOSSESSED
    sold_on = day + 25 + rng.gamma(3.0, 28.0, len(lease)).astype(np.int64)
    sales = _observe(book, lease[taken], sold_on[taken], DISTRESSED_SALE, rng)
    claim = book.rents.balance(lease, book.lives.rents_paid[lease])
    cost = (sales.price * _SALE_COST).astype(np.int64)
    proceeds = np.minimum(sales.price - cost, claim[taken][_within(sold_on[taken], book)])
    sold = _lines(sales.lease, RECOVERY, proceeds, sales.day)
    pays = np.flatnonzero(~taken & (rng.random(len(lease)) < 0.5))
    parts = rng.integers(1, 5, len(pays))
    row = np.repeat(pays, parts)
    share = rng.uniform(0.03, 0.22, len(row))
    paid_on = day[row] + rng.integers(10, 240, len(row))
    keep = paid_on <= book.last_day
    amount = np.maximum((claim[row] * share).astype(np.int64), 1)
    paid = _lines(lease[row][keep], RECOVERY, amount[keep], paid_on[keep])
    return _stack_lines(sold, paid), sales


def _appraisals(book: Book, rng: np.random.Generator) -> Prices:
    """The appraisal of every leaseback at origination, and a later one for some vehicles."""
    first = np.flatnonzero(book.contracts.leaseback)
    at_start = Prices(
        lease=first,
        kind=np.full(len(first), APPRAISAL),
        price=book.contracts.price[first],
        odometer=book.contracts.odometer[first],
        day=book.originated[first],
    )
    lives = book.lives
    end = np.minimum.reduce([lives.default_on, lives.settled_on, lives.matured_on])
    end = np.minimum(end, book.last_day)
    chosen = np.flatnonzero(rng.random(len(end)) < _REAPPRAISED)
    span = np.maximum(end[chosen] - book.originated[chosen], 1)
    day = book.originated[chosen] + (span * rng.random(len(chosen))).astype(np.int64)
    later = _observe(book, chosen, day, APPRAISAL, rng)
    return _stack_prices(at_start, later)


def _within(day: Ints, book: Book) -> NDArray[np.bool_]:
    return np.asarray(day <= book.last_day)


def _observe(book: Book, lease: Ints, day: Ints, kind: int, rng: np.random.Generator) -> Prices:
    """Prices of vehicles on given days; those past the book's last day are left out."""
    keep = _within(day, book)
    lease, day = lease[keep], day[keep]
    elapsed = day - book.originated[lease]
    values = market_values(book.contracts, book.wear, book.economy, lease, elapsed)
    return Prices(
        lease=lease,
        kind=np.full(len(lease), kind),
        price=observed_prices(values, distressed=kind == DISTRESSED_SALE, rng=rng),
        odometer=odometers(book.contracts, book.wear, lease, elapsed),
        day=day,
    )


def _lines(lease: Ints, kind: int, amount: Ints, day: Ints) -> Lines:
    return Lines(lease, np.full(len(lease), kind), amount, day, np.full(len(lease), -1))


def _stack_lines(*parts: Lines) -> Lines:
    """Columns one after another; reversals keep pointing at their rows."""
    starts = np.cumsum([0] + [len(part.lease) for part in parts[:-1]])
    shifted = [
        np.where(part.reverses >= 0, part.reverses + start, -1)
        for part, start in zip(parts, starts, strict=True)
    ]
    return Lines(
        lease=np.concatenate([part.lease for part in parts]),
        kind=np.concatenate([part.kind for part in parts]),
        amount=np.concatenate([part.amount for part in parts]),
        day=np.concatenate([part.day for part in parts]),
        reverses=np.concatenate(shifted),
    )


def _stack_prices(*parts: Prices) -> Prices:
    names = ("lease", "kind", "price", "odometer", "day")
    return Prices(*(np.concatenate([getattr(part, name) for part in parts]) for name in names))
