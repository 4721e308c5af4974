"""What a lease's terms make due: every rent a receivable of its own, exact to the minor unit.

The contract states its rent; interest runs a twelfth of the annual nominal rate a period on the
balance, rounded half up once; what is left of the rent is principal, and the last rent takes what
rounding left over. So for every lease sum(principal) == financed amount and every receivable's
amount == interest + principal. A first period that is not a month long bears one month's interest.

Patterns: `level` (annuity, equal rents), `level_principal` (equal principal, falling interest),
`flat_fee` (equal principal and equal fee, both on the original amount; its rate is disclosed, not
used). Timing: `arrears` (due at the end of each period) or `advance` (at its start). A residual is
the last receivable, due at maturity: the lessee's debt when it is a balloon or a purchase price, an
option and no debt when unguaranteed. `schedule_columns` computes the same for whole portfolios.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from enum import StrEnum
from fractions import Fraction
from typing import Final

from origination.domain.months import add_months
from tenants.money import allocate_minor

#: A rate has at most six decimals (a ten-thousandth of a percentage point), so that interest is
#: whole-number arithmetic: balance x RATE_SCALE-ths, exact in 64 bits below AMOUNT_LIMIT.
RATE_SCALE: Final = 10**6
PERIODS_A_YEAR: Final = 12
AMOUNT_LIMIT: Final = 10**12
TERM_LIMIT: Final = 120


class Pattern(StrEnum):
    LEVEL = "level"
    LEVEL_PRINCIPAL = "level_principal"
    FLAT_FEE = "flat_fee"


class Timing(StrEnum):
    ARREARS = "arrears"
    ADVANCE = "advance"


class ResidualKind(StrEnum):
    NOMINAL_PURCHASE = "nominal_purchase"
    BALLOON = "balloon"
    UNGUARANTEED = "unguaranteed"


class ReceivableKind(StrEnum):
    RENT = "rent"
    RESIDUAL = "residual"  # the lessee's debt
    OPTION = "option"  # an unguaranteed residual: nobody's debt


@dataclass(frozen=True, slots=True)
class LeaseTerms:
    """The terms that decide what falls due. Amounts in minor units, rate a fraction a year."""

    financed_minor: int
    rent_minor: int
    annual_nominal_rate: Decimal
    term_months: int
    first_payment_on: date
    maturity_on: date
    pattern: Pattern = Pattern.LEVEL
    timing: Timing = Timing.ARREARS
    residual_minor: int = 0
    residual_kind: ResidualKind = ResidualKind.NOMINAL_PURCHASE

    @property
    def rate_scaled(self) -> int:
        """The rate in millionths: 0.089512 is 89512. ValueError for a finer rate."""
        scaled = self.annual_nominal_rate * RATE_SCALE
        if scaled != int(scaled):
            raise ValueError(f"{self.annual_nominal_rate}: a rate has at most six decimals")
        return int(scaled)


@dataclass(frozen=True, slots=True)
class Receivable:
    """One amount due, numbered from 1: interest + principal = amount, all in minor units."""

    number: int
    due_on: date
    interest_minor: int
    principal_minor: int
    kind: ReceivableKind = ReceivableKind.RENT

    @property
    def amount_minor(self) -> int:
        return self.interest_minor + self.principal_minor


def terms_of(record: Mapping[str, str]) -> LeaseTerms:
    """The terms inside a valid `lease.recorded` payload (docs/entries.md)."""
    return LeaseTerms(
        financed_minor=int(record["financed_amount_minor"]),
        rent_minor=int(record["rent_minor"]),
        annual_nominal_rate=Decimal(record["annual_nominal_rate"]),
        term_months=int(record["term_months"]),
        first_payment_on=date.fromisoformat(record["first_payment_on"]),
        maturity_on=date.fromisoformat(record["maturity_on"]),
        pattern=Pattern(record["rent_pattern"]),
        timing=Timing(record["rent_timing"]),
        residual_minor=int(record["residual_minor"]),
        residual_kind=ResidualKind(record["residual_kind"]),
    )


def period_interest(balance: int, rate_scaled: int) -> int:
    """One month's interest on a balance, rounded half up: whole numbers in, whole number out."""
    unit = PERIODS_A_YEAR * RATE_SCALE
    return (2 * balance * rate_scaled + unit) // (2 * unit)


def residual_principal(terms: LeaseTerms) -> int:
    """The balance that the residual redeems after the last rent.

    In arrears the residual falls due with the last rent and is principal whole. In advance one more
    month passes, so that balance is the residual discounted by one period (half up), except under a
    flat fee, which charges nothing on it.
    """
    if terms.timing is Timing.ARREARS or terms.pattern is Pattern.FLAT_FEE:
        return terms.residual_minor
    return month_before(terms.residual_minor, terms.rate_scaled)


def month_before(amount: int, rate_scaled: int) -> int:
    """An amount discounted by one period, rounded half up."""
    unit = PERIODS_A_YEAR * RATE_SCALE
    grown = unit + rate_scaled
    return (2 * amount * unit + grown) // (2 * grown)


def schedule(terms: LeaseTerms) -> list[Receivable]:
    """Every receivable of a lease in order of number; the residual, if any, comes last.

    Raises ValueError where the rent does not fit the other terms (a negative part would follow):
    `lease_fields` reports those before any schedule is made.
    """
    to_repay = terms.financed_minor - residual_principal(terms)
    if to_repay < 0:
        raise ValueError("the residual is above the financed amount")
    parts = {
        Pattern.LEVEL: _level,
        Pattern.LEVEL_PRINCIPAL: _level_principal,
        Pattern.FLAT_FEE: _flat_fee,
    }[terms.pattern](terms, to_repay)
    if any(interest < 0 or principal < 0 for interest, principal in parts):
        raise ValueError("the rent does not fit amount, rate and term: check the four together")
    rows = [
        Receivable(k + 1, add_months(terms.first_payment_on, k), interest, principal)
        for k, (interest, principal) in enumerate(parts)
    ]
    if terms.residual_minor:
        left = residual_principal(terms)
        option = terms.residual_kind is ResidualKind.UNGUARANTEED
        kind = ReceivableKind.OPTION if option else ReceivableKind.RESIDUAL
        number = terms.term_months + 1
        interest = terms.residual_minor - left
        rows.append(Receivable(number, terms.maturity_on, interest, left, kind))
    return rows


def _interest_due(terms: LeaseTerms, k: int, balance: int) -> int:
    """Interest inside rent k (from 0): the first rent in advance bears none."""
    if k == 0 and terms.timing is Timing.ADVANCE:
        return 0
    return period_interest(balance, terms.rate_scaled)


def _level(terms: LeaseTerms, to_repay: int) -> list[tuple[int, int]]:
    balance, repaid, parts = terms.financed_minor, 0, []
    for k in range(terms.term_months):
        interest = _interest_due(terms, k, balance)
        last = k == terms.term_months - 1
        principal = to_repay - repaid if last else terms.rent_minor - interest
        parts.append((interest, principal))
        balance -= principal
        repaid += principal
    return parts


def _level_principal(terms: LeaseTerms, to_repay: int) -> list[tuple[int, int]]:
    balance, parts = terms.financed_minor, []
    for k, principal in enumerate(allocate_minor(to_repay, [1] * terms.term_months)):
        parts.append((_interest_due(terms, k, balance), principal))
        balance -= principal
    return parts


def _flat_fee(terms: LeaseTerms, to_repay: int) -> list[tuple[int, int]]:
    principal, odd = divmod(to_repay, terms.term_months)
    fee = terms.rent_minor - principal
    return [(fee, principal)] * (terms.term_months - 1) + [(fee, principal + odd)]


def level_rent(
    *,
    financed_minor: int,
    annual_nominal_rate: Decimal,
    term_months: int,
    residual_minor: int = 0,
    timing: Timing = Timing.ARREARS,
) -> int:
    """The equal rent that repays a lease down to its residual, rounded half up once (minor units).

    Ordinary annuity: rent = (PV - FV v^n) r / (1 - v^n), divided by (1 + r) in advance. Exact
    rational arithmetic. Reproduces numpy-financial's pmt and QuantLib's amortising bonds.
    """
    rate = Fraction(annual_nominal_rate) / PERIODS_A_YEAR
    if term_months < 1 or rate <= -1:
        raise ValueError("a term has at least one month and a rate is above -100 %")
    if rate == 0:
        exact = Fraction(financed_minor - residual_minor, term_months)
    else:
        discount = 1 / (1 + rate) ** term_months
        exact = (financed_minor - residual_minor * discount) * rate / (1 - discount)
        exact = exact / (1 + rate) if timing is Timing.ADVANCE else exact
    return _half_up(exact)


def first_rent(
    *,
    pattern: Pattern,
    financed_minor: int,
    annual_nominal_rate: Decimal,
    term_months: int,
    residual_minor: int = 0,
    timing: Timing = Timing.ARREARS,
    flat_rate_monthly: Decimal | None = None,
) -> int:
    """The rent to write into `rent_minor` for these terms (minor units).

    `flat_rate_monthly` is a flat fee's charge a month on the original amount (0.01 for 1 %).
    """
    if pattern is Pattern.LEVEL:
        return level_rent(
            financed_minor=financed_minor,
            annual_nominal_rate=annual_nominal_rate,
            term_months=term_months,
            residual_minor=residual_minor,
            timing=timing,
        )
    share = Fraction(financed_minor - residual_minor, term_months)
    if pattern is Pattern.FLAT_FEE:
        if flat_rate_monthly is None:
            raise ValueError("a flat fee needs flat_rate_monthly")
        return _half_up(share + financed_minor * Fraction(flat_rate_monthly))
    if timing is Timing.ADVANCE:
        left = month_before(residual_minor, int(annual_nominal_rate * RATE_SCALE))
        return _half_up(Fraction(financed_minor - left, term_months))
    return _half_up(share + financed_minor * Fraction(annual_nominal_rate) / PERIODS_A_YEAR)


def _half_up(value: Fraction) -> int:
    return (2 * value.numerator + value.denominator) // (2 * value.denominator)
