"""What the rooms above do when an entry that waited got its place in the log.

Registered once, when an app is ready; called in the transaction that integrates.
"""

from collections.abc import Callable, Sequence
from typing import NamedTuple
from uuid import UUID


class Integrated(NamedTuple):
    """An entry that left the queue, and where it stands."""

    index: int
    kind: str
    rid: UUID
    ts: str


Listener = Callable[[Sequence[Integrated]], None]

_listeners: dict[str, list[Listener]] = {}


def on_integrated(kind: str, function: Listener) -> Listener:
    """Register what is called with the entries of a kind that were integrated together."""
    found = _listeners.setdefault(kind, [])
    if function not in found:
        found.append(function)
    return function


def tell_integrated(rows: Sequence[Integrated]) -> None:
    """Hand integrated entries to everyone who asked for their kind."""
    for kind, functions in _listeners.items():
        of_kind = [row for row in rows if row.kind == kind]
        if of_kind:
            for function in functions:
                function(of_kind)
