"""Inclusion and consistency proofs: RFC 6962 sections 2.1.1 and 2.1.2 (RFC 9162 2.1.3, 2.1.4).

Generation names the ranges of leaves whose hashes a proof holds, so that a caller can fetch all
nodes in one query. Verification asks for the exact length and every hash of 32 bytes.
"""

from __future__ import annotations

from collections.abc import Sequence

from ledger.core.errors import MalformedError, ProofError
from ledger.core.hashing import HASH_SIZE, node_hash
from ledger.core.tree import NodeGetter, range_hash

Range = tuple[int, int]


def _split(width: int) -> int:
    """Largest power of two below `width` (width > 1)."""
    return 1 << ((width - 1).bit_length() - 1)


def inclusion_ranges(index: int, size: int) -> list[Range]:
    """Ranges of leaves whose hashes prove leaf `index` of `size`, leaf's sibling first."""
    if not 0 <= index < size:
        raise MalformedError(f"there is no entry {index} in a log of {size}")
    low, high, noted = 0, size, []
    while high - low > 1:
        middle = low + _split(high - low)
        if index < middle:
            noted.append((middle, high))
            high = middle
        else:
            noted.append((low, middle))
            low = middle
    return noted[::-1]


def consistency_ranges(first: int, second: int) -> list[Range]:
    """Ranges of leaves whose hashes prove that the tree of `second` extends the tree of `first`."""
    if not 0 <= first <= second:
        raise MalformedError(f"a log of {second} cannot extend a log of {first}")
    if first in (0, second):
        return []
    low, high, old, whole, noted = 0, second, first, True, []
    while old != high - low:
        split = _split(high - low)
        if old <= split:
            noted.append((low + split, high))
            high = low + split
        else:
            noted.append((low, low + split))
            low += split
            old -= split
            whole = False
    if not whole:
        noted.append((low, high))
    return noted[::-1]


def inclusion_proof(index: int, size: int, get: NodeGetter) -> list[bytes]:
    """Hashes proving leaf `index` in a tree of `size`: leaf's sibling first, root's child last."""
    return [range_hash(low, high, get) for low, high in inclusion_ranges(index, size)]


def consistency_proof(first: int, second: int, get: NodeGetter) -> list[bytes]:
    """Hashes proving that the tree of `second` leaves extends the tree of `first`."""
    return [range_hash(low, high, get) for low, high in consistency_ranges(first, second)]


def _check_hashes(hashes: Sequence[bytes]) -> None:
    if any(len(item) != HASH_SIZE for item in hashes):
        raise ProofError("every hash of a proof is 32 bytes")


def root_from_inclusion(index: int, size: int, leaf: bytes, proof: Sequence[bytes]) -> bytes:
    """The root that `proof` leads to from a leaf hash; `ProofError` if its length is not exact."""
    if not 0 <= index < size:
        raise ProofError(f"there is no entry {index} in a log of {size}")
    _check_hashes([leaf, *proof])
    inner = (index ^ (size - 1)).bit_length()
    border = (index >> inner).bit_count()
    if len(proof) != inner + border:
        raise ProofError(f"the proof has {len(proof)} hashes, not {inner + border}")
    node = leaf
    for level, sibling in enumerate(proof[:inner]):
        node = node_hash(sibling, node) if index >> level & 1 else node_hash(node, sibling)
    for sibling in proof[inner:]:
        node = node_hash(sibling, node)
    return node


def verify_inclusion(
    index: int, size: int, leaf: bytes, proof: Sequence[bytes], root: bytes
) -> None:
    """Raise `ProofError` unless leaf hash `leaf` stands at `index` of the tree (size, root)."""
    if root_from_inclusion(index, size, leaf, proof) != root:
        raise ProofError(f"the proof of entry {index} does not lead to the root of size {size}")


def verify_consistency(
    first: int, second: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> None:
    """Raise `ProofError` unless tree (second, root2) extends tree (first, root1), `first` > 0."""
    if second < first:
        raise ProofError(f"a log of {second} cannot extend a log of {first}")
    if first <= 0:
        raise ProofError("an empty log proves nothing about its successor")
    _check_hashes([root1, root2, *proof])
    if first == second:
        if proof or root1 != root2:
            raise ProofError(f"two different trees of the same size {first}")
        return
    if not proof:
        raise ProofError("the consistency proof is empty")
    _climb_both(first, second, proof, root1, root2)


def _climb_both(
    first: int, second: int, proof: Sequence[bytes], root1: bytes, root2: bytes
) -> None:
    """Rebuild both roots from one proof, 0 < first < second."""
    inner = ((first - 1) ^ (second - 1)).bit_length()
    border = ((first - 1) >> inner).bit_count()
    shift = (first & -first).bit_length() - 1
    inner -= shift
    start = 0 if first & (first - 1) == 0 else 1
    seed = proof[0] if start else root1
    if len(proof) != start + inner + border:
        raise ProofError(f"the proof has {len(proof)} hashes, not {start + inner + border}")
    path, mask = proof[start:], (first - 1) >> shift
    old = new = seed
    for level, item in enumerate(path[:inner]):
        if mask >> level & 1:
            old = node_hash(item, old)
            new = node_hash(item, new)
        else:
            new = node_hash(new, item)
    for item in path[inner:]:
        old = node_hash(item, old)
        new = node_hash(item, new)
    if old != root1:
        raise ProofError(f"the proof does not lead to the old root of size {first}")
    if new != root2:
        raise ProofError(f"the proof does not lead to the new root of size {second}")
