"""What the rooms above tell of their books: which rights they hold, and what they look at.

Registered once, when an app is ready. These are an institution's own records, never the platform's.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Holding:
    """A right that this institution holds. `grip` changes when it was let go and taken anew."""

    claim_id: UUID
    right: str
    identifier: str
    grip: str


@dataclass(frozen=True, slots=True)
class Claim:
    """A claim on a right of the vehicle that `identifier` names, such as `vin:LSV…`."""

    claim_id: UUID
    right: str
    identifier: str


@dataclass(frozen=True, slots=True)
class Subject:
    """What proofs may be asked for at once: a lease, or all leases of a pool."""

    name: str
    claims: Sequence[Claim]


HoldingsOf = Callable[[], Iterable[Holding]]
ScreenedOf = Callable[[UUID], Subject | None]

_holdings: list[HoldingsOf] = []
_screened: list[ScreenedOf] = []


def holdings(function: HoldingsOf) -> HoldingsOf:
    """Register a function that lists the rights that the current tenant holds."""
    if function not in _holdings:
        _holdings.append(function)
    return function


def screened(function: ScreenedOf) -> ScreenedOf:
    """Register a function that knows leases or pools which the current tenant looks at, by id.

    It names their vehicles by its own books; None for what it does not know.
    """
    if function not in _screened:
        _screened.append(function)
    return function


def all_holdings() -> list[Holding]:
    """Of every room."""
    return [holding for function in _holdings for holding in function()]


def subject_of(subject_id: UUID) -> Subject | None:
    """What this institution looks at under this id."""
    found = (function(subject_id) for function in _screened)
    return next((subject for subject in found if subject is not None), None)
