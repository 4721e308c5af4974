"""What other rooms hear of a bought pool and say of it; pools import none of them."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime
from uuid import UUID

from pools.models import Pool, PoolAsset

Listener = Callable[[Pool], None]
#: by lease: the reason (`disposed`, `replaced`) and when two people had said that it was done
Remedied = Mapping[UUID, tuple[str, datetime]]
_purchases: list[Listener] = []
_remedies: list[Callable[[Pool], Remedied]] = []
_returns: list[Callable[[Pool, Sequence[PoolAsset]], None]] = []


def on_purchase(function: Listener) -> Listener:
    """Register what is called in the purchase's transaction, before its entries are written.

    (Before: who takes locks of his own takes them ahead of the log's head, as everywhere.)
    """
    if function not in _purchases:
        _purchases.append(function)
    return function


def purchased(pool: Pool) -> None:
    """Tell everyone."""
    for function in _purchases:
        function(pool)


def remedy_source(function: Callable[[Pool], Remedied]) -> Callable[[Pool], Remedied]:
    """Register who knows which problem assets of a pool were dealt with."""
    if function not in _remedies:
        _remedies.append(function)
    return function


def remedied(pool: Pool) -> dict[UUID, tuple[str, datetime]]:
    """What all of them say."""
    found: dict[UUID, tuple[str, datetime]] = {}
    for function in _remedies:
        found |= function(pool)
    return found


def on_given_back(
    function: Callable[[Pool, Sequence[PoolAsset]], None],
) -> Callable[[Pool, Sequence[PoolAsset]], None]:
    """Register what is called in the release's transaction, before its entries are written."""
    if function not in _returns:
        _returns.append(function)
    return function


def given_back(pool: Pool, members: Sequence[PoolAsset]) -> None:
    """Tell everyone."""
    for function in _returns:
        function(pool, members)
