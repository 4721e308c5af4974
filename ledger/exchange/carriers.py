"""Between whom somebody in this process carries parcels by hand, so that no job does it too.

The demo lives by a calendar of its own: it exchanges at its own times, not at the clock's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

_carried: Counter[tuple[UUID, UUID]] = Counter()


@contextmanager
def carrying(pairs: Iterable[tuple[UUID, UUID]]) -> Iterator[None]:
    """While this lasts, no job is enqueued for parcels from the one to the other of a pair."""
    held = list(pairs)
    _carried.update(held)
    try:
        yield
    finally:
        _carried.subtract(held)


def is_carried(sender: UUID, receiver: UUID) -> bool:
    """Whether somebody in this process carries what the one sends to the other."""
    return _carried[sender, receiver] > 0


def is_sealed_by_hand(tenant: UUID) -> bool:
    """Whether somebody carries what a tenant sends, and so seals its log."""
    return any(sender == tenant and count > 0 for (sender, _), count in _carried.items())
