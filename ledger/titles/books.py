"""What the rooms above tell of their books: which rights they hold, and what they look at.

Registered once, when an app is ready. These are an institution's own records, never the platform's.
"""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Holding:
    """A right that this institution holds. `grip` changes when it was let go and taken anew."""

    claim_id: UUID
    right: str
    identifier: str
    grip: str


HoldingsOf = Callable[[], Iterable[Holding]]
ScreenedOf = Callable[[UUID], str | None]

_holdings: list[HoldingsOf] = []
_screened: list[ScreenedOf] = []


def holdings(function: HoldingsOf) -> HoldingsOf:
    """Register a function that lists the rights that the current tenant holds."""
    if function not in _holdings:
        _holdings.append(function)
    return function


def screened(function: ScreenedOf) -> ScreenedOf:
    """Register a function that names the vehicle of a lease that the current tenant looks at.

    It answers an identifier such as `vin:LSV…`, or None for a lease that is none of its own.
    """
    if function not in _screened:
        _screened.append(function)
    return function


def all_holdings() -> list[Holding]:
    """Of every room."""
    return [holding for function in _holdings for holding in function()]


def identifier_of(claim_id: UUID) -> str | None:
    """The vehicle of a lease, if this institution looks at it."""
    found = (function(claim_id) for function in _screened)
    return next((identifier for identifier in found if identifier is not None), None)
