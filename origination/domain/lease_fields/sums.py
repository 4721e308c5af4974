"""Whether a lease's amounts agree with each other, for columns of leases (or a column of one).

float64 is used for discounting only, to compare two sides; no amount is booked from it.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal
from typing import Final

import numpy as np
import numpy.typing as npt

from origination.domain.schedule import PERIODS_A_YEAR, Pattern, ReceivableKind, Timing
from origination.domain.schedule_columns import (
    KIND_CODES,
    PATTERN_CODES,
    TIMING_CODES,
    Bools,
    Ints,
    ReceivableColumns,
    TermColumns,
    schedule_columns,
)

Floats = npt.NDArray[np.float64]

#: A stated rent may be rounded to whole yuan: its last rent then moves by up to this share of the
#: rent and this many minor units a period.
_ROUNDING_SHARE: Final = 20
_ROUNDING_UNITS: Final = 100


@dataclass(frozen=True, slots=True)
class Sums:
    """Terms with their schedule, the deposit and the fee: what a lessee pays and gets."""

    terms: TermColumns
    receivables: ReceivableColumns
    deposit: Ints
    fee: Ints

    @classmethod
    def of(cls, terms: TermColumns, deposit: Ints, fee: Ints) -> Sums:
        return cls(terms, schedule_columns(terms), deposit, fee)


def rents_fit(sums: Sums) -> Bools:
    """Whether rent, rate, term, residual and amount describe one lease, shape (n,).

    Level: the last rent, which takes the remainder, is the stated rent within rounding. Level
    principal: the first rent is the stated one. Flat fee: at the disclosed rate the rents are worth
    the financed amount within one per cent.
    """
    terms, rows = sums.terms, sums.receivables
    fits = ~rows.unfit
    own = np.flatnonzero(fits)
    first = rows.offsets[:-1][own]
    amounts = rows.amount
    tested = np.where(
        terms.pattern[own] == PATTERN_CODES[Pattern.LEVEL],
        amounts[first + terms.term[own] - 1],
        amounts[first],
    )
    slack = terms.rent[own] // _ROUNDING_SHARE + _ROUNDING_UNITS * terms.term[own]
    near = np.abs(tested - terms.rent[own]) <= slack
    worth = present_value(sums, terms.rate_scaled / 1e6)[own]
    same_worth = np.abs(worth - terms.financed[own]) <= terms.financed[own] * 0.01
    flat = terms.pattern[own] == PATTERN_CODES[Pattern.FLAT_FEE]
    fits[own] = near & (same_worth | ~flat)
    return fits


def cost_within(sums: Sums, cap: Decimal) -> Bools:
    """Whether the lessee's all-in nominal cost a year is at most `cap`, shape (n,).

    The lessee gets the financed amount less fee and deposit, pays the rents and the residual debt
    and has the deposit set off at the end. The internal rate is above the cap exactly when those
    payments, discounted at the cap, are worth more than what the lessee got: no root is needed.
    """
    terms = sums.terms
    rate = float(cap)
    deposit_back = sums.deposit * (1 + rate / PERIODS_A_YEAR) ** -terms.term.astype(np.float64)
    paid = present_value(sums, np.full(len(terms), rate), debts_only=True) - deposit_back
    got = (terms.financed - sums.fee - sums.deposit).astype(np.float64)
    return paid <= got * (1 + 1e-9)


def present_value(sums: Sums, annual_rate: Floats, *, debts_only: bool = False) -> Floats:
    """Receivables discounted monthly to the lease's start, minor units, shape (n,).

    `debts_only` leaves out unguaranteed residuals. A lease that does not fit is worth 0.
    """
    terms, rows = sums.terms, sums.receivables
    lengths = np.diff(rows.offsets)
    lease = np.repeat(np.arange(len(terms)), lengths)
    position = np.arange(len(lease)) - rows.offsets[:-1][lease]
    arrears = (terms.timing == TIMING_CODES[Timing.ARREARS])[lease]
    at_end = position == terms.term[lease]  # the residual, one whole term after the start
    period = np.where(at_end, position, position + arrears)
    growth = 1 + annual_rate / PERIODS_A_YEAR
    worth = rows.amount * growth[lease] ** -period.astype(np.float64)
    if debts_only:
        worth = np.where(rows.kind == KIND_CODES[ReceivableKind.OPTION], 0.0, worth)
    return np.bincount(lease, worth, len(terms)).astype(np.float64)
