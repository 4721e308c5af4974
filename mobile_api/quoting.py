"""What follows from a lease's terms: rent, maturity and totals, before anything is signed. Pure."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from origination.domain.months import add_months
from origination.domain.schedule import (
    LeaseTerms,
    Pattern,
    ReceivableKind,
    ResidualKind,
    Timing,
    first_rent,
    schedule,
)
from tenants.problems import FieldError, Invalid


@dataclass(frozen=True)
class Quote:
    """Amounts in minor units; `total_minor` is every rent and the residual together."""

    rent_minor: int
    total_minor: int
    interest_minor: int
    maturity_on: date


def quote(
    *,
    financed_minor: int,
    residual_minor: int,
    annual_nominal_rate: Decimal,
    term_months: int,
    pattern: Pattern,
    timing: Timing,
    first_payment_on: date,
) -> Quote:
    """First rent and maturity for these terms, by the schedule that the lease will follow."""
    if residual_minor > financed_minor:
        raise Invalid(errors=[_RESIDUAL_TOO_HIGH])
    rent = first_rent(
        pattern=pattern,
        financed_minor=financed_minor,
        annual_nominal_rate=annual_nominal_rate,
        term_months=term_months,
        residual_minor=residual_minor,
        timing=timing,
    )
    # In arrears the last rent falls on maturity, in advance a month before it.
    months = term_months - 1 if timing is Timing.ARREARS else term_months
    terms = LeaseTerms(
        financed_minor=financed_minor,
        rent_minor=rent,
        annual_nominal_rate=annual_nominal_rate,
        term_months=term_months,
        first_payment_on=first_payment_on,
        maturity_on=add_months(first_payment_on, months),
        pattern=pattern,
        timing=timing,
        residual_minor=residual_minor,
        residual_kind=ResidualKind.NOMINAL_PURCHASE,
    )
    due = [row for row in schedule(terms) if row.kind is not ReceivableKind.OPTION]
    return Quote(
        rent_minor=rent,
        total_minor=sum(row.amount_minor for row in due),
        interest_minor=sum(row.interest_minor for row in due),
        maturity_on=terms.maturity_on,
    )


_RESIDUAL_TOO_HIGH = FieldError(
    "residual_minor",
    "residual_above_financed",
    "The residual is above the financed amount.",
    "Write a residual of at most the financed amount.",
)
