"""Whose parcels somebody in this process carries by hand, so that no job does it too.

The demo lives by a calendar of its own: it exchanges at its own times, not at the clock's.
"""

from collections import Counter
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from uuid import UUID

_carried: Counter[UUID] = Counter()


@contextmanager
def carrying(tenants: Iterable[UUID]) -> Iterator[None]:
    """While this lasts, nothing is enqueued for these tenants."""
    held = list(tenants)
    _carried.update(held)
    try:
        yield
    finally:
        _carried.subtract(held)


def is_carried(tenant: UUID) -> bool:
    """Whether somebody in this process carries the parcels of a tenant."""
    return _carried[tenant] > 0
