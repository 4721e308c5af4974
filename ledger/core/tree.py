"""The growing tree: its frontier ("compact range") and the nodes that each new leaf completes.

Perfect nodes are numbered (level, index) and cover leaves [index << level, (index + 1) << level).
A node is known exactly when its last leaf is appended, so the nodes completed by leaf n (levels
0 … trailing ones of n) are stored in n's own row and the stored tree is append-only.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from ledger.core.errors import MalformedError
from ledger.core.hashing import EMPTY_ROOT, HASH_SIZE, node_hash, parent_level, root_of_hashes

NodeGetter = Callable[[int, int], bytes]
"""Answers the 32-byte hash of the perfect node (level, index)."""


def fold_peaks(peaks: Sequence[bytes]) -> bytes:
    """Root of a frontier, largest subtree first; `EMPTY_ROOT` for an empty one."""
    if not peaks:
        return EMPTY_ROOT
    root = peaks[-1]
    for peak in reversed(peaks[:-1]):
        root = node_hash(peak, root)
    return root


@dataclass(slots=True)
class Frontier:
    """One hash for each 1-bit of `size`, largest subtree first: all that appending needs."""

    size: int = 0
    peaks: list[bytes] = field(default_factory=list)

    def __post_init__(self) -> None:
        if self.size < 0 or len(self.peaks) != self.size.bit_count():
            raise MalformedError(
                f"a frontier of size {self.size} has {max(self.size, 0).bit_count()} peaks, "
                f"not {len(self.peaks)}"
            )
        if any(len(peak) != HASH_SIZE for peak in self.peaks):
            raise MalformedError("every peak is 32 bytes")

    def append(self, leaf: bytes) -> bytes:
        """Take the next leaf hash; answer the nodes it completes, levels 0 … t, concatenated."""
        node, index, completed = leaf, self.size, leaf
        while index & 1:
            node = node_hash(self.peaks.pop(), node)
            completed += node
            index >>= 1
        self.peaks.append(node)
        self.size += 1
        return completed

    def append_node(self, level: int, node: bytes) -> None:
        """Take the perfect subtree of the next 2**level leaves; `size` is a multiple of that."""
        index = self.size >> level
        if index << level != self.size:
            raise MalformedError(f"no subtree of level {level} begins at leaf {self.size}")
        while index & 1:
            node = node_hash(self.peaks.pop(), node)
            index >>= 1
        self.peaks.append(node)
        self.size += 1 << level

    def root(self) -> bytes:
        """Root of the tree of all leaves taken so far."""
        return fold_peaks(self.peaks)

    def copy(self) -> Frontier:
        """An independent frontier that can run ahead of this one."""
        return Frontier(self.size, list(self.peaks))


def node_row(level: int, index: int) -> int:
    """Index of the leaf whose row holds node (level, index), at bytes [32*level, 32*level+32)."""
    return ((index + 1) << level) - 1


def nodes_of_leaves(hashes: list[bytes]) -> NodeGetter:
    """A getter over leaf hashes held in memory (all levels computed once)."""
    levels = [hashes]
    while len(levels[-1]) > 1:
        levels.append(parent_level(levels[-1]))

    def get(level: int, index: int) -> bytes:
        if (index + 1) << level > len(hashes):
            raise MalformedError(f"node ({level}, {index}) is not complete")
        return levels[level][index]

    return get


def range_nodes(start: int, end: int) -> list[tuple[int, int]]:
    """Perfect nodes that cover leaves [start, end), left to right.

    `start` must be a multiple of the largest power of two below `end - start`, as the ranges
    of RFC 6962 proofs are: then the subtree is one perfect node, or its peaks.
    """
    nodes = []
    while start < end:
        level = (end - start).bit_length() - 1
        nodes.append((level, start >> level))
        start += 1 << level
    return nodes


def subtrees(start: int, hashes: list[bytes]) -> list[tuple[int, bytes]]:
    """(level, hash) of the largest perfect subtrees over leaves `start` …, left to right."""
    found, at = [], 0
    while at < len(hashes):
        level = (len(hashes) - at).bit_length() - 1
        if place := start + at:
            level = min(level, (place & -place).bit_length() - 1)
        found.append((level, root_of_hashes(hashes[at : at + (1 << level)])))
        at += 1 << level
    return found


def range_hash(start: int, end: int, get: NodeGetter) -> bytes:
    """Merkle tree hash of leaves [start, end) (see `range_nodes`)."""
    return fold_peaks([get(level, index) for level, index in range_nodes(start, end)])


def frontier_at(size: int, get: NodeGetter) -> Frontier:
    """The frontier a log of `size` leaves had."""
    return Frontier(size, [get(level, index) for level, index in range_nodes(0, size)])
