"""The tree of a copy, from its own stored nodes, with entries that are not stored yet on top."""

from collections.abc import Mapping, Sequence
from uuid import UUID

from ledger.core.hashing import HASH_SIZE
from ledger.core.proofs import Range, consistency_ranges, inclusion_ranges
from ledger.core.tree import Frontier, fold_peaks, node_row, range_nodes
from ledger.models import ReplicaEntry
from ledger.problems import NoSuchEntry


class CopyTree:
    """Hashes of a copied log. `overlay`: index → nodes of entries that stand instead of its own."""

    def __init__(self, source: UUID, overlay: Mapping[int, bytes] | None = None) -> None:
        self._source = source
        self._overlay = overlay or {}

    def hashes(self, ranges: Sequence[Range]) -> list[bytes]:
        """Merkle tree hashes of ranges of leaves, with one query."""
        covers = [range_nodes(low, high) for low, high in ranges]
        wanted = {node_row(level, index) for nodes in covers for level, index in nodes}
        stored = ReplicaEntry.objects.filter(
            source=self._source, index__in=wanted - self._overlay.keys()
        )
        rows = dict(stored.values_list("index", "nodes"))
        rows |= {index: self._overlay[index] for index in wanted & self._overlay.keys()}
        if len(rows) != len(wanted):
            raise NoSuchEntry(detail="The copy does not reach that far.")

        def node(level: int, index: int) -> bytes:
            at = HASH_SIZE * level
            return bytes(rows[node_row(level, index)][at : at + HASH_SIZE])

        return [fold_peaks([node(*place) for place in nodes]) for nodes in covers]

    def root(self, size: int) -> bytes:
        """Root of the first `size` (≥ 1) entries."""
        return self.hashes([(0, size)])[0]

    def frontier(self, size: int) -> Frontier:
        """The frontier that the copy had at `size`."""
        nodes = [(index << level, (index + 1) << level) for level, index in range_nodes(0, size)]
        return Frontier(size, self.hashes(nodes) if nodes else [])

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Proof that the tree of `second` extends the tree of `first`."""
        return self.hashes(consistency_ranges(first, second))

    def inclusion(self, index: int, size: int) -> list[bytes]:
        """Proof that entry `index` stands in the tree of `size`."""
        return self.hashes(inclusion_ranges(index, size))


def peaks_of(size: int, peaks: bytes) -> Frontier:
    """A stored frontier."""
    return Frontier(size, hashes_of(peaks))


def hashes_of(stored: bytes) -> list[bytes]:
    """Hashes that are stored one after another."""
    return [stored[at : at + HASH_SIZE] for at in range(0, len(stored), HASH_SIZE)]
