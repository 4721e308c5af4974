"""How a period moved a pool's balance: opening, every reason for a change, closing; to the unit.

Pure. The balance is the principal of the leases that perform (not more than 90 days past due), so
a lease that falls into default leaves it whole and one that pays its arrears comes back. Each
reason is added up on its own, from the payments and from the leases, not taken as what is missing;
`ended` alone is a difference, of leases that a settlement closed (an option nobody exercised).
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Bools = npt.NDArray[np.bool_]
#: Fields of `Movements` between opening and closing, with the side on which they count.
SIGNS = {
    "collected_minor": -1,
    "late_minor": -1,
    "restored_minor": 1,
    "defaulted_minor": -1,
    "returned_minor": 1,
    "ended_minor": -1,
}


@dataclass(frozen=True, slots=True)
class LeaseMove:
    """One lease in one period, minor units: balance and standing before and after, principal."""

    before: int
    after: int
    performed: bool
    performs: bool
    collected: int
    late: int
    recovered: int
    restored: int


@dataclass(frozen=True, slots=True)
class Movements:
    """A pool's balance from the beginning of a period to its end.

    `late_minor` is principal of lines of before the cut-off that became known in the period,
    `restored_minor` what bounced of payments that the price had counted, `defaulted_minor` what
    fell more than 90 days past due, `returned_minor` what came back from there. `recovered_minor`
    is principal paid on leases in default: money of the period that moves no balance.
    """

    opening_minor: int
    collected_minor: int
    late_minor: int
    restored_minor: int
    defaulted_minor: int
    returned_minor: int
    ended_minor: int
    closing_minor: int
    recovered_minor: int

    @property
    def holds(self) -> bool:
        """Whether opening and every reason give closing."""
        moved = sum(sign * getattr(self, name) for name, sign in SIGNS.items())
        return bool(self.opening_minor + moved == self.closing_minor)

    @property
    def principal_minor(self) -> int:
        """The principal that the waterfall received: collected, known late and recovered."""
        return self.collected_minor + self.late_minor + self.recovered_minor


def movements_of(moves: Iterable[LeaseMove]) -> Movements:
    """The pool's movements from its leases'."""
    sums = dict.fromkeys(Movements.__dataclass_fields__, 0)
    for move in moves:
        sums["opening_minor"] += move.before if move.performed else 0
        sums["closing_minor"] += move.after if move.performs else 0
        sums["recovered_minor"] += move.recovered
        if not (move.performed or move.performs):
            sums["recovered_minor"] += move.collected + move.late
            continue
        sums["collected_minor"] += move.collected
        sums["late_minor"] += move.late
        sums["restored_minor"] += move.restored
        sums["defaulted_minor"] += 0 if move.performs else move.after
        sums["returned_minor"] += 0 if move.performed else move.before
        paid = move.collected + move.late - move.restored
        sums["ended_minor"] += move.before - move.after - paid
    return Movements(**sums)


def movements_of_columns(
    before: Ints,
    after: Ints,
    performed: Bools,
    performs: Bools,
    collected: Ints,
    late: Ints,
    recovered: Ints,
    restored: Ints,
) -> Movements:
    """`movements_of` for a whole pool: columns of `LeaseMove`'s fields."""
    inside = performed | performs
    paid = collected + late - restored
    return Movements(
        opening_minor=int(before[performed].sum()),
        collected_minor=int(collected[inside].sum()),
        late_minor=int(late[inside].sum()),
        restored_minor=int(restored[inside].sum()),
        defaulted_minor=int(after[inside & ~performs].sum()),
        returned_minor=int(before[inside & ~performed].sum()),
        ended_minor=int((before - after - paid)[inside].sum()),
        closing_minor=int(after[performs].sum()),
        recovered_minor=int(recovered.sum() + (collected + late)[~inside].sum()),
    )
