"""Advance rate, borrowing base and overcollateralisation.

Pure, whole minor units. Borrowing base = advance rate × (eligible − excess concentrations) −
reserves. The contract's maximum advance rate and the actual one (notes ÷ eligible pool) are two
figures, always shown together.
"""

from __future__ import annotations

from dataclasses import dataclass
from decimal import ROUND_DOWN, Decimal

from tenants.problems import Invalid


@dataclass(frozen=True, slots=True)
class BorrowingBase:
    """What may be lent against a pool and what is."""

    eligible_minor: int
    excess_minor: int
    reserves_minor: int
    advance_rate: Decimal
    notes_minor: int

    @property
    def base_minor(self) -> int:
        """Rounded down: a lender never advances the last fraction of a cent."""
        lendable = self.advance_rate * (self.eligible_minor - self.excess_minor)
        return max(0, int(lendable.to_integral_value(ROUND_DOWN)) - self.reserves_minor)

    @property
    def available_minor(self) -> int:
        """What can still be drawn; below zero is a deficiency to be cured."""
        return self.base_minor - self.notes_minor

    @property
    def actual_advance_rate(self) -> Decimal:
        """Notes ÷ eligible pool, six places."""
        if self.eligible_minor == 0:
            return Decimal(0)
        return (Decimal(self.notes_minor) / self.eligible_minor).quantize(Decimal("0.000001"))

    @property
    def overcollateralisation_minor(self) -> int:
        return self.eligible_minor - self.notes_minor


def borrowing_base(
    *,
    eligible_minor: int,
    excess_minor: int,
    reserves_minor: int,
    advance_rate: Decimal,
    notes_minor: int,
) -> BorrowingBase:
    """The base of checked figures; raises `Invalid` where one cannot be."""
    if not 0 <= advance_rate <= 1 or not 0 <= excess_minor <= eligible_minor:
        raise Invalid(
            code="borrowing_base_invalid",
            detail="The advance rate lies between 0 and 1 and no more is excess than is eligible.",
            mend="Check the facility's terms and the concentration limits.",
        )
    return BorrowingBase(eligible_minor, excess_minor, reserves_minor, advance_rate, notes_minor)
