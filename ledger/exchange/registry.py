"""What the rooms above tell the exchange: who may read what, and who wants what arrived.

Registered once, when an app is ready.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True)
class Entitlement:
    """What one counterparty may read of this tenant's log, beyond the leaves (which hold hashes).

    `rids`: records by id; an item of a batch is shared if its `lease_rid` is one of them, all of
    them if the batch's own id is.
    `kinds`: kinds whose payloads are shared whatever their id. `everything`: every payload and
    every item (cheap: nothing has to be picked).
    """

    rids: frozenset[str] = frozenset()
    kinds: frozenset[str] = frozenset()
    everything: bool = False

    def __or__(self, other: "Entitlement") -> "Entitlement":
        return Entitlement(
            self.rids | other.rids, self.kinds | other.kinds, self.everything or other.everything
        )

    def covers(self, kind: str, rid: str) -> bool:
        """Whether an entry's payload may be read."""
        return self.everything or kind in self.kinds or rid in self.rids


@dataclass(frozen=True)
class VerifiedBatch:
    """Entries of one kind that were verified and stored, as columns, in the order of the log.

    `fields` holds one mapping a record. For a batch with items there is one `VerifiedBatch` a
    batch: `items` are the shared items' columns (name → values), `rids` the batch's own id, and
    `fields` is empty unless its own fields are shared too.
    """

    source: UUID
    kind: str
    known_at: datetime
    indexes: list[int]
    rids: list[str]
    stamps: list[str]
    fields: list[Mapping[str, str]]
    items: Mapping[str, list[str]] = field(default_factory=dict)

    def __len__(self) -> int:
        return len(self.indexes)


@dataclass(frozen=True)
class ErasedRecord:
    """An entry whose content is being destroyed, in this tenant's own log or in a copy.

    `source` is whose log it is, `fields` what the content was, as far as it could be read here.
    """

    source: UUID
    index: int
    kind: str
    rid: str
    fields: Mapping[str, str]


EntitlementOf = Callable[[UUID], Entitlement]
Projector = Callable[[VerifiedBatch], None]
Eraser = Callable[[ErasedRecord], None]

_entitlements: list[EntitlementOf] = []
_projectors: dict[str, list[Projector]] = {}
_erasers: dict[str, list[Eraser]] = {}


def entitlement(function: EntitlementOf) -> EntitlementOf:
    """Register a function that says, in the sender's context, what a tenant (its id) may read."""
    if function not in _entitlements:
        _entitlements.append(function)
    return function


def projector(kind: str, function: Projector) -> Projector:
    """Register what is called, in the receiver's transaction, with what arrived of a kind."""
    listeners = _projectors.setdefault(kind, [])
    if function not in listeners:
        listeners.append(function)
    return function


def eraser(kind: str, function: Eraser) -> Eraser:
    """Register what blanks the personal data that a room keeps of a kind.

    Called in the transaction that destroys the content, at its source and at every copy.
    """
    listeners = _erasers.setdefault(kind, [])
    if function not in listeners:
        listeners.append(function)
    return function


def entitlement_of(to_tenant: UUID) -> Entitlement:
    """The union of what every room grants."""
    found = Entitlement()
    for function in _entitlements:
        found |= function(to_tenant)
    return found


def project(batch: VerifiedBatch) -> None:
    """Hand a batch to everyone who asked for its kind."""
    for function in _projectors.get(batch.kind, ()):
        function(batch)


def blank(record: ErasedRecord) -> None:
    """Tell everyone who keeps something of a record's kind that its content is destroyed."""
    for function in _erasers.get(record.kind, ()):
        function(record)
