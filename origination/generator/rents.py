"""What each new contract makes due: the stated rent, and sums over the domain's own schedule."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from origination.domain.schedule import PERIODS_A_YEAR, RATE_SCALE, Pattern
from origination.domain.schedule_columns import (
    PATTERN_CODES,
    TermColumns,
    residual_principal_columns,
    schedule_columns,
)
from origination.generator.contracts import Contracts

Ints = NDArray[np.int64]
Days = NDArray[np.int32]
_UNIT = PERIODS_A_YEAR * RATE_SCALE


@dataclass(frozen=True)
class Rents:
    """Running totals over all receivables of n leases; amounts in fen.

    `stated` is the rent written in the contract, `nominal_rate` its yearly rate in millionths (for
    a flat fee the rate that its rents imply).
    """

    first_payment: Days
    maturity: Days
    stated: Ints
    nominal_rate: Ints
    financed: Ints
    offsets: Ints
    paid: Ints  # running total of amounts over every lease's receivables, from 0
    repaid: Ints  # the same of principal

    def between(self, lease: Ints, start: Ints, stop: Ints) -> Ints:
        """What rents `start` (counted from 0) to `stop` (exclusive) of each lease add up to."""
        first = self.offsets[lease]
        return np.asarray(self.paid[first + stop] - self.paid[first + start])

    def balance(self, lease: Ints, rents: Ints) -> Ints:
        """Principal left once `rents` rents of each lease are paid, the residual included."""
        first = self.offsets[lease]
        return np.asarray(self.financed[lease] - (self.repaid[first + rents] - self.repaid[first]))


def draw_rents(contracts: Contracts, *, originated: Days) -> Rents:
    """Rents of every contract, originated on days since 1970-01-01 (day of month 28 at most)."""
    first_payment = _months_later(originated, np.where(contracts.advance, 0, 1))
    maturity = _months_later(originated, contracts.term)
    terms = TermColumns(
        financed=contracts.financed,
        rent=np.zeros(len(contracts), np.int64),
        rate_scaled=contracts.rate,
        term=contracts.term,
        first_payment=first_payment,
        maturity=maturity,
        pattern=contracts.pattern.astype(np.int8),
        timing=contracts.advance.astype(np.int8),
        residual=contracts.residual,
        residual_kind=contracts.residual_kind.astype(np.int8),
    )
    stated = _stated_rents(contracts, terms)
    nominal = _nominal_rates(contracts, stated)
    terms = TermColumns(**{**_fields(terms), "rent": stated, "rate_scaled": nominal})
    due = schedule_columns(terms)
    return Rents(
        first_payment=first_payment,
        maturity=maturity,
        stated=stated,
        nominal_rate=nominal,
        financed=contracts.financed,
        offsets=due.offsets,
        paid=np.concatenate([[0], np.cumsum(due.amount)]),
        repaid=np.concatenate([[0], np.cumsum(due.principal)]),
    )


def _fields(terms: TermColumns) -> dict[str, NDArray]:  # type: ignore[type-arg]
    return {name: getattr(terms, name) for name in terms.__dataclass_fields__}


def _months_later(day: Days, months: Ints) -> Days:
    month = day.astype("datetime64[D]").astype("datetime64[M]")
    in_month = day - month.astype("datetime64[D]").astype(np.int32)
    later = (month + months.astype("timedelta64[M]")).astype("datetime64[D]").astype(np.int32)
    return np.asarray(later + in_month, dtype=np.int32)


def _stated_rents(contracts: Contracts, terms: TermColumns) -> Ints:
    """First rents, rounded half up: `origination.domain.schedule.first_rent` for columns.

    The annuity is float64, whose error of 1e-8 fen could move a rent only next to an exact half.
    """
    to_repay = contracts.financed - residual_principal_columns(terms)
    rate = contracts.rate / _UNIT
    discount = (1.0 + rate) ** -contracts.term.astype(np.float64)
    level = (contracts.financed - contracts.residual * discount) * rate / (1.0 - discount)
    level = np.where(contracts.advance, level / (1.0 + rate), level)
    share, odd = np.divmod(to_repay, contracts.term)
    interest = (2 * contracts.financed * contracts.rate + _UNIT) // (2 * _UNIT)
    falling = share + (odd > 0) + np.where(contracts.advance, 0, interest)
    charge = contracts.financed * contracts.flat_rate // RATE_SCALE
    return np.select(
        [
            contracts.pattern == PATTERN_CODES[Pattern.FLAT_FEE],
            contracts.pattern == PATTERN_CODES[Pattern.LEVEL_PRINCIPAL],
        ],
        [share + 1 + charge, falling],
        np.floor(level + 0.5).astype(np.int64),
    )


def _nominal_rates(contracts: Contracts, stated: Ints) -> Ints:
    """The contract's yearly rate; for a flat fee the annuity rate of its rents (four decimals)."""
    flat = contracts.pattern == PATTERN_CODES[Pattern.FLAT_FEE]
    term = contracts.term.astype(np.float64)
    rent = stated / contracts.financed
    monthly = np.maximum(contracts.rate / _UNIT, 1e-4)
    for _ in range(12):  # Newton on rate / (1 - (1 + rate)^-term) = rent
        discount = (1.0 + monthly) ** -term
        value = monthly / (1.0 - discount) - rent
        slope = (1.0 - discount - monthly * term * discount / (1.0 + monthly)) / (1 - discount) ** 2
        monthly = np.where(flat, np.maximum(monthly - value / slope, 1e-5), monthly)
    return np.where(flat, np.round(monthly * 12, 4) * RATE_SCALE, contracts.rate).astype(np.int64)
