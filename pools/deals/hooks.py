"""Other rooms hear of a purchase; pools import none of them."""

from collections.abc import Callable

from pools.models import Pool

Listener = Callable[[Pool], None]
_purchases: list[Listener] = []


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
