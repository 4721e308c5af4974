"""What stands in a batch: its items, each with its path to the root that the entry signs.

An own batch is whole; of another's, what was shared. The rows of a tape are entries of their own
and follow it: they carry their path in their leaf.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from uuid import UUID

from ledger import selectors
from ledger.core.canonical import canonical_bytes
from ledger.core.errors import ProofError
from ledger.core.fields import SALT_SIZE
from ledger.core.hashing import leaf_hash
from ledger.core.items import ItemShare
from ledger.core.leaves import Leaf
from ledger.core.partial import path_from_partial
from ledger.core.proofs import root_from_inclusion
from ledger.exchange import selectors as copies
from ledger.explorer import Step, climb_steps
from ledger.models import Entry, ReplicaEntry
from ledger.problems import NoSuchEntry
from ledger.reading import read_leaf

TAPE = "tape.imported"


@dataclass(frozen=True)
class Item:
    """One item: what it says, and where it stands in its batch (from 0)."""

    place: int
    fields: dict[str, str]


@dataclass(frozen=True)
class ProvenItem:
    """One item, the bytes that are hashed for it, and its climb to the signed root."""

    item: Item
    count: int
    salt: str
    record: str
    leaf_hash: str
    steps: list[Step]
    root: str
    valid: bool


class HeldBatch(Sequence[Item]):
    """The items of a batch that are held here, in their order; opened when first looked at."""

    def __init__(self, leaf: Leaf, opened: Callable[[], list[ItemShare]]) -> None:
        self._leaf, self._shares = leaf, opened()
        places: dict[int, tuple[ItemShare, int]] = {}
        for share in self._shares:
            for at, place in enumerate(share.places):
                places.setdefault(place, (share, at))
        self._found = sorted(places.items())
        self._places = places

    @property
    def count(self) -> int:
        """How many the entry says that there are."""
        return self._leaf.core.items_count

    def __len__(self) -> int:
        return len(self._found)

    def __getitem__(self, at):
        if isinstance(at, slice):
            return [self._item(place, *held) for place, held in self._found[at]]
        place, held = self._found[at]
        return self._item(place, *held)

    @staticmethod
    def _item(place: int, share: ItemShare, at: int) -> Item:
        return Item(place, {k: v for k, v in share.items.record(at).items() if v != ""})

    def prove(self, place: int) -> ProvenItem:
        """One item with its path; `NoSuchEntry` if it is not held here."""
        if place not in self._places:
            raise NoSuchEntry(detail="Item %(place)s is not here.", params={"place": place + 1})
        share, at = self._places[place]
        hashes, root = share.items.hashes(), self._leaf.core.items_root or b""
        try:
            share.verify(root, self.count)
            path = path_from_partial(share.size, share.places, hashes, share.proof, place)
            valid = root_from_inclusion(place, self.count, hashes[at], tuple(path)) == root
        except ProofError:
            path, valid = [], False
        record = share.items.record(at)
        return ProvenItem(
            item=self._item(place, share, at),
            count=self.count,
            salt=share.items.salts[at * SALT_SIZE : (at + 1) * SALT_SIZE].hex(),
            record=canonical_bytes(record).decode(),
            leaf_hash=hashes[at].hex(),
            steps=climb_steps(place, self.count, hashes[at], path) if valid else [],
            root=root.hex(),
            valid=valid,
        )


def own_batch(index: int) -> HeldBatch:
    """A batch of this tenant's log; `PayloadErased` or `PayloadMissing` where it is gone."""
    leaf = read_leaf(index, bytes(selectors.entry(index).leaf))
    return HeldBatch(leaf, lambda: [selectors.batch_share(index)])


def copied_batch(source: UUID, index: int) -> HeldBatch:
    """What was shared of a batch of another's log."""
    row = ReplicaEntry.objects.filter(source=source, index=index).first()
    if row is None:
        raise NoSuchEntry(detail="The copy has no entry %(index)s.", params={"index": index})
    leaf = read_leaf(index, bytes(row.leaf))
    if leaf.core.items_root is None:
        raise NoSuchEntry(detail="Entry %(index)s has no items.", params={"index": index})
    return HeldBatch(leaf, lambda: copies.replica_shares(source, index))


@dataclass(frozen=True)
class TapeRow:
    """A row's place in its signed tape: the tape's entry, and the climb to the root it signs."""

    tape: int
    place: int
    count: int
    leaf_hash: str
    steps: list[Step]
    root: str
    valid: bool


def tape_row(index: int, leaf: Leaf, source: UUID | None = None) -> TapeRow | None:
    """Where an entry stands in a tape; None where it is no row, or the tape is not here."""
    if leaf.row is None:
        return None
    rows = Entry.objects if source is None else ReplicaEntry.objects.filter(source=source)
    found = rows.filter(kind=TAPE, rid=leaf.row.rid, index__lt=index).order_by("-index").first()
    if found is None:
        return None
    core = read_leaf(found.index, bytes(found.leaf)).core
    node, root = leaf_hash(leaf.core.to_bytes()), core.items_root or b""
    try:
        leaf.row.verify(leaf.core.to_bytes(), root, core.items_count)
    except ProofError:
        valid = False
    else:
        valid = True
    place, count = leaf.row.index, core.items_count
    steps = climb_steps(place, count, node, leaf.row.path) if valid else []
    return TapeRow(found.index, place, count, node.hex(), steps, root.hex(), valid)
