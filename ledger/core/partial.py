"""One compact proof for many leaves of one tree: what a parcel carries of a batch.

The proof holds the hashes of the maximal subtrees without a shared leaf, level by level from the
leaves, left to right. With every leaf shared it is empty, with one it is the inclusion proof.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from itertools import pairwise

from ledger.core.errors import ProofError
from ledger.core.hashing import HASH_SIZE, node_hash, parent_level, root_of_hashes


def _check_indexes(indexes: Sequence[int], size: int) -> None:
    if not indexes:
        raise ProofError("a partial tree needs at least one leaf")
    if indexes[0] < 0 or indexes[-1] >= size:
        raise ProofError(f"leaf {indexes[-1]} is outside a tree of {size}")
    if any(right <= left for left, right in pairwise(indexes)):
        raise ProofError("the leaves of a partial tree come in rising order, each once")


def partial_proof(hashes: list[bytes], indexes: Sequence[int]) -> list[bytes]:
    """Hashes that, with the leaf hashes at `indexes` (rising), rebuild the root of `hashes`."""
    _check_indexes(indexes, len(hashes))
    if len(indexes) == len(hashes):
        return []
    level, known, proof = hashes, list(indexes), []
    while len(level) > 1:
        present = set(known)
        for index in known:
            sibling = index ^ 1
            if sibling < len(level) and sibling not in present:
                proof.append(level[sibling])
        known = sorted({index >> 1 for index in known})
        level = parent_level(level)
    return proof


def root_from_partial(
    size: int, indexes: Sequence[int], hashes: list[bytes], proof: Sequence[bytes]
) -> bytes:
    """Root of a tree of `size` leaves from some leaf hashes and their partial proof.

    Raises `ProofError` when the proof is too short, too long or malformed.
    """
    _check_indexes(indexes, size)
    if len(indexes) != len(hashes):
        raise ProofError(f"{len(indexes)} places for {len(hashes)} leaves")
    if any(len(item) != HASH_SIZE for item in proof):
        raise ProofError("every hash of a proof is 32 bytes")
    if len(indexes) == size:
        if proof:
            raise ProofError("a complete tree needs no proof")
        return root_of_hashes(hashes)
    rest, known, width = iter(proof), dict(zip(indexes, hashes, strict=True)), size
    try:
        while width > 1:
            known = _climb(known, width, rest)
            width = (width + 1) >> 1
    except StopIteration:
        raise ProofError("the partial proof is too short") from None
    if next(rest, None) is not None:
        raise ProofError("the partial proof is too long")
    return known[0]


def path_from_partial(
    size: int, indexes: Sequence[int], hashes: list[bytes], proof: Sequence[bytes], index: int
) -> list[bytes]:
    """Inclusion proof of one shown leaf, leaf's sibling first, out of a partial proof.

    The whole is to be verified before (`root_from_partial`).
    """
    known, width, path, at = dict(zip(indexes, hashes, strict=True)), size, [], 0
    while width > 1:
        hidden = [one ^ 1 for one in known if one ^ 1 < width and one ^ 1 not in known]
        given = dict(zip(hidden, proof[at : at + len(hidden)], strict=True))
        if index ^ 1 < width:
            path.append(known[index ^ 1] if index ^ 1 in known else given[index ^ 1])
        known, at = _climb(known, width, iter(given.values())), at + len(hidden)
        index, width = index >> 1, (width + 1) >> 1
    return path


def _climb(known: dict[int, bytes], width: int, rest: Iterator[bytes]) -> dict[int, bytes]:
    above: dict[int, bytes] = {}
    for index, node in known.items():
        if index >> 1 in above:
            continue
        sibling = index ^ 1
        if sibling >= width:
            above[index >> 1] = node
            continue
        other = known.get(sibling)
        if other is None:
            other = next(rest)
        above[index >> 1] = node_hash(other, node) if index & 1 else node_hash(node, other)
    return above
