"""Where a deal's money comes from at closing and where it goes: sources equal uses.

Pure. The price is the value of the pool's projected cash at the agreed yield; it lies above the
principal where leases pay more than that yield. Senior and mezzanine units are sold at par. The
subordinated units receive whatever is left, so they are issued for whatever the price and the
reserve still need: their nominal, and a premium (or discount) for the pool's excess spread.
"""

from __future__ import annotations

from dataclasses import dataclass

from pools.structure.terms import Deal, Target
from tenants.problems import Refused

SUBORDINATED = "subordinated"


@dataclass(frozen=True, slots=True)
class Funding:
    """One closing, minor units: `notes` are the classes sold at par, with their nominal."""

    price_minor: int
    reserve_minor: int
    notes: tuple[tuple[str, int], ...]
    subordinated_minor: int  # nominal
    pool_minor: int  # principal of the pool

    @property
    def uses_minor(self) -> int:
        return self.price_minor + self.reserve_minor

    @property
    def notes_minor(self) -> int:
        return sum(minor for _name, minor in self.notes)

    @property
    def issue_minor(self) -> int:
        """What the subordinated units are issued for: all that is still needed."""
        return self.uses_minor - self.notes_minor

    @property
    def premium_minor(self) -> int:
        """Above their nominal; below zero is a discount."""
        return self.issue_minor - self.subordinated_minor

    @property
    def excess_minor(self) -> int:
        """What the price pays above the pool's principal; below zero is a discount."""
        return self.price_minor - self.pool_minor

    @property
    def sources_minor(self) -> int:
        """Added up from the classes, so that a page can hold it against the uses."""
        return self.notes_minor + self.subordinated_minor + self.premium_minor


def fund(deal: Deal, price_minor: int) -> Funding:
    """How a price and the reserve are paid for.

    Raises `Refused` where the notes alone raise more than price and reserve need: the trust would
    owe interest on money that nobody is owed.
    """
    reserve = (deal.reserve or Target()).minor(deal.original_pool_minor, deal.original_pool_minor)
    sizes = {tranche.name: tranche.original_minor for tranche in deal.tranches}
    junior = sizes.pop(SUBORDINATED, 0)
    funding = Funding(price_minor, reserve, tuple(sizes.items()), junior, deal.original_pool_minor)
    if funding.issue_minor < 0:
        raise Refused(
            code="notes_above_uses",
            detail="Senior and mezzanine units raise more than the price and the reserve need.",
            mend="Lower their shares, or the price's yield.",
        )
    return funding
