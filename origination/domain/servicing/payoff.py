"""What settles a lease on a day, to the unit."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from fractions import Fraction
from typing import Protocol

from origination.domain.months import add_months
from origination.domain.schedule import Receivable
from origination.domain.servicing.rentals import Rental, half_up
from origination.domain.servicing.terms import (
    NO_CHARGES,
    SHARE_SCALE,
    Part,
    ServicingTerms,
    SettlementInterest,
)


class Revision(Protocol):
    """A schedule that counts from a day, whole (`amending.Version`)."""

    @property
    def on(self) -> date: ...
    @property
    def receivables(self) -> Sequence[Receivable]: ...
    @property
    def income(self) -> Sequence[int]: ...


@dataclass(frozen=True, slots=True)
class Contract:
    """What is serviced: the receivables as `schedule` makes them, and the terms that govern.

    `earned` is the income of each receivable's period (`income.earned_parts`), its interest if
    left out. `revisions` are the schedules that changes made of it (`amending`), by their days:
    receivables and income as they are from the end of that day on.
    """

    receivables: Sequence[Receivable]
    started_on: date
    terms: ServicingTerms = NO_CHARGES
    earned: tuple[int, ...] = ()
    revisions: tuple[Revision, ...] = ()

    @property
    def income(self) -> Sequence[int]:
        """Income of each receivable's period, in minor units."""
        return self.earned or [row.interest_minor for row in self.receivables]

    def at(self, day: date) -> Contract:
        """The contract as it stands at the end of a day, as if it had been made so."""
        begun = [revision for revision in self.revisions if revision.on <= day]
        if not begun:
            return self
        last = begun[-1]
        return replace(self, receivables=last.receivables, earned=tuple(last.income))


@dataclass(frozen=True, slots=True)
class Payoff:
    """What settles a lease on a day, part by part, in minor units; `total_minor` is to be paid."""

    day: date
    late_interest_minor: int
    fees_minor: int
    rent_due_minor: int
    later_principal_minor: int
    period_interest_minor: int
    charge_minor: int
    overdrawn_minor: int
    credit_minor: int

    @property
    def total_minor(self) -> int:
        """To be paid; not above zero where the credit covers everything."""
        return (
            self.late_interest_minor + self.fees_minor + self.rent_due_minor
            + self.later_principal_minor + self.period_interest_minor + self.charge_minor
            + self.overdrawn_minor - self.credit_minor
        )  # fmt: skip


def quoted(
    contract: Contract,
    due: Sequence[Rental],
    later: Sequence[Rental],
    *,
    day: date,
    credit_minor: int,
    overdrawn_minor: int,
) -> Payoff:
    """Everything that is due, the principal of what is not, and what the terms add to it.

    `due` have fallen due by the day, `later` have not; late interest has run until the day.
    """
    rule = contract.terms.settlement
    parts = [rental.open_parts(day.toordinal(), contract.terms) for rental in due]
    principal = sum(rental.principal_open for rental in later)
    charge = rule.fee_minor if due or later else 0
    for months, rate in rule.charges:
        if months is None or day < add_months(contract.started_on, months):
            charge += half_up(principal * rate, SHARE_SCALE)
            break
    begins = due[-1].due if due else contract.started_on.toordinal()
    return Payoff(
        day=day,
        late_interest_minor=sum(part[Part.PENALTY] for part in parts),
        fees_minor=sum(part[Part.FEE] for part in parts),
        rent_due_minor=sum(part[Part.INTEREST] + part[Part.PRINCIPAL] for part in parts),
        later_principal_minor=principal,
        period_interest_minor=_period_interest(day, begins, later, rule.interest),
        charge_minor=charge,
        overdrawn_minor=overdrawn_minor,
        credit_minor=credit_minor,
    )


def _period_interest(
    on: date, begins: int, later: Sequence[Rental], rule: SettlementInterest
) -> int:
    """Interest of the period that a day breaks: of the rentals that fall due next."""
    day = on.toordinal()
    if not later or rule is SettlementInterest.NONE or day <= begins:
        return 0
    due = later[0].due
    interest = sum(rental.interest_open for rental in later if rental.due == due)
    if rule is SettlementInterest.WHOLE:
        return interest
    share = Fraction(day - begins, due - begins) * interest
    return half_up(share.numerator, share.denominator)
