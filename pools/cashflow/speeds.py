"""Speeds of prepayment and default, and what history says they were.

Pure, float64. Source: Bond Market Association, Standard Formulas for the Analysis of
Mortgage-Backed Securities (02/01/99), pages SF-4 to SF-14; page numbers stand at each function.
All rates are fractions (0.01 is one per cent), never per cent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from tenants.problems import Invalid


def _fraction(name: str, value: float) -> float:
    if not 0.0 <= value <= 1.0:
        raise Invalid(
            code="rate_out_of_range",
            detail="%(name)s is %(value)s, outside 0 to 1.",
            mend="Write rates as fractions: 0.06 is six per cent.",
            params={"name": name, "value": value},
        )
    return value


def monthly_from_annual(annual: float) -> float:
    """SMM of a CPR, and MDR of a CDR: 1 − (1 − annual)^(1/12) (SF-5, SF-16)."""
    return float(1.0 - (1.0 - _fraction("annual rate", annual)) ** (1.0 / 12.0))


def annual_from_monthly(monthly: float) -> float:
    """CPR of an SMM, and CDR of an MDR: 1 − (1 − monthly)^12 (SF-5, SF-16)."""
    return float(1.0 - (1.0 - _fraction("monthly rate", monthly)) ** 12)


def smm_from_abs(abs_speed: float, age: int) -> float:
    """SMM in the month in which the asset turns `age` months, at an ABS speed (SF-11, SF-14).

    SMM = ABS / (1 − ABS·(age − 1)); 100 % once what is left of the original count is no more than
    one month's prepayments. Age counts from the lease's own origination, the first month is 1.
    """
    _fraction("ABS speed", abs_speed)
    left = 1.0 - abs_speed * (_age(age) - 1)
    return 1.0 if left <= abs_speed else abs_speed / left


def abs_from_smm(smm: float, age: int) -> float:
    """ABS speed of an SMM at an age, the inverse of `smm_from_abs` (SF-12)."""
    return _fraction("SMM", smm) / (1.0 + smm * (_age(age) - 1))


def _age(age: int) -> int:
    if age < 1:
        raise Invalid(
            code="age_out_of_range",
            detail="The age is %(age)s months; the first month is month 1.",
            mend="Count months from the lease's own origination.",
            params={"age": age},
        )
    return age


def scheduled_factor(annual_rate: float, remaining: int, original: int) -> float:
    """Scheduled balance ÷ original balance of a level-pay asset, `remaining` months left (SF-4)."""
    if not 0 <= remaining <= original or original < 1:
        raise Invalid(
            code="term_out_of_range",
            detail="%(remaining)s of %(original)s months cannot remain.",
            mend="The remaining term lies between 0 and the original term.",
            params={"remaining": remaining, "original": original},
        )
    rate = annual_rate / 12.0
    if rate == 0.0:
        return remaining / original
    return float((1.0 - (1.0 + rate) ** -remaining) / (1.0 - (1.0 + rate) ** -original))


@dataclass(frozen=True, slots=True)
class FactorHistory:
    """One pool between two observations.

    `factor_from` and `factor_to` are balance ÷ original balance; `remaining_*` months left at each;
    `original_balance` in any unit of money, the same for all pools that are put together.
    """

    original_balance: float
    annual_rate: float
    original_term: int
    remaining_from: int
    remaining_to: int
    factor_from: float
    factor_to: float

    @property
    def actual(self) -> float:
        """Balance seen at the end."""
        return self.original_balance * self.factor_to

    @property
    def scheduled(self) -> float:
        """Balance that amortisation alone would have left at the end."""
        before = scheduled_factor(self.annual_rate, self.remaining_from, self.original_term)
        after = scheduled_factor(self.annual_rate, self.remaining_to, self.original_term)
        return self.original_balance * self.factor_from * after / before


def historical_smm(pools: Sequence[FactorHistory]) -> float:
    """Average SMM over the months observed, of one pool or of several together (SF-7, SF-11).

    Speeds are never averaged across pools: actual and scheduled balances are summed first.
    """
    months = {pool.remaining_from - pool.remaining_to for pool in pools}
    if len(months) != 1 or min(months) < 1:
        raise Invalid(
            code="months_differ",
            detail="The pools were not observed over the same number of months.",
            mend="Put pools together only over one and the same period.",
        )
    actual = sum(pool.actual for pool in pools)
    scheduled = sum(pool.scheduled for pool in pools)
    return float(1.0 - (actual / scheduled) ** (1.0 / months.pop()))


def historical_abs(
    *,
    factor_from: float,
    factor_to: float,
    scheduled_from: float,
    scheduled_to: float,
    age_from: int,
    age_to: int,
) -> float:
    """ABS speed between two observations of one pool (SF-13).

    [(F2/F1) − (B2/B1)] / [age1·F2/F1 − age2·B2/B1], with F the pool factors and B the scheduled
    ones at both ages; the sign is turned so that prepayment is positive.
    """
    survived = factor_to / factor_from
    amortised = scheduled_to / scheduled_from
    return (survived - amortised) / (age_from * survived - age_to * amortised)
