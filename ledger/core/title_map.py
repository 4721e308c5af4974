"""The verifiable map of held rights: a sparse Merkle tree of depth 256. docs/title-registry.md.

A right that somebody holds stands as one leaf at its index, which a VRF draws from the right and
the identifier, so that an index names nothing to others. The leaf commits to state, holder and
epoch under a salt. What no leaf stands at is an empty leaf: that it is empty is proven like any
other leaf.

Bit 0 of an index is the most significant one and chooses below the root: 0 left, 1 right.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.core.canonical import canonical_bytes
from ledger.core.errors import MalformedError, ProofError
from ledger.core.hashing import HASH_SIZE

DEPTH = 256
INDEX_SIZE = SALT_SIZE = 32
_TAG = b"title-map/1"
_LEAF, _NODE, _NONE = _TAG + b"\x00", _TAG + b"\x01", _TAG + b"\x02"

Leaf = tuple[int, bytes]
"""An index as a number, and the leaf's hash."""


@dataclass(frozen=True, slots=True)
class Opening:
    """What a leaf commits to: state, holder (a UUID) and the epoch since when it is so."""

    salt: bytes
    state: str
    holder: str
    since: int

    def commitment(self) -> bytes:
        """SHA-256("title-state/1" 0x00 || salt || canonical JSON {holder, since, state})."""
        if len(self.salt) != SALT_SIZE:
            raise MalformedError(f"the salt of a right is {SALT_SIZE} bytes")
        members = {"state": self.state, "holder": self.holder, "since": str(self.since)}
        return sha256(b"title-state/1\0" + self.salt + canonical_bytes(members)).digest()


def alpha(right: str, identifier: str) -> bytes:
    """What the VRF is asked for a right on what a normalised identifier (`VIN:…`) names."""
    if "\0" in right:
        raise MalformedError("a right has no zero byte in its name")
    return b"title-index/1\0" + right.encode() + b"\0" + identifier.encode()


def index_of(output: bytes) -> bytes:
    """The index in the map: the first 32 of the VRF's 64 bytes."""
    return output[:INDEX_SIZE]


def leaf_hash(index: bytes, commitment: bytes) -> bytes:
    """Hash of the leaf of a held right: SHA-256("title-map/1" 0x00 || index || commitment)."""
    return sha256(_LEAF + index + commitment).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256("title-map/1" 0x01 || left || right)."""
    return sha256(_NODE + left + right).digest()


def _empty_hashes() -> tuple[bytes, ...]:
    below = sha256(_NONE).digest()
    found = [below]
    for _depth in range(DEPTH):
        found.append(below := node_hash(below, below))
    return tuple(reversed(found))


EMPTY = _empty_hashes()
"""Hash of a subtree without any right, by the depth of its root: 0 is the whole map."""


@dataclass(frozen=True, slots=True)
class MapProof:
    """The hashes beside the way from the root to an index, from the top; empty ones left out.

    Bit d of `bitmap` (bit 0 the most significant) says that the one at depth d + 1 is among them.
    """

    bitmap: bytes
    siblings: tuple[bytes, ...]

    @classmethod
    def of(cls, beside: Sequence[bytes]) -> MapProof:
        """From all 256 hashes beside the way."""
        bits = 0
        for depth, sibling in enumerate(beside):
            bits = bits << 1 | (sibling != EMPTY[depth + 1])
        kept = (item for depth, item in enumerate(beside) if item != EMPTY[depth + 1])
        return cls(bits.to_bytes(DEPTH // 8, "big"), tuple(kept))

    def beside(self) -> list[bytes]:
        """All 256 hashes; `MalformedError` where the bitmap does not count the ones that came."""
        if len(self.bitmap) != DEPTH // 8 or any(len(item) != HASH_SIZE for item in self.siblings):
            raise MalformedError("a proof of the map is a bitmap of 32 bytes and hashes of 32")
        bits = int.from_bytes(self.bitmap, "big")
        if bits.bit_count() != len(self.siblings):
            raise MalformedError(
                f"the bitmap names {bits.bit_count()} hashes, {len(self.siblings)} came"
            )
        given = iter(self.siblings)
        found = []
        for depth in range(DEPTH):
            is_given = bits >> (DEPTH - 1 - depth) & 1
            found.append(next(given) if is_given else EMPTY[depth + 1])
            if is_given and found[-1] == EMPTY[depth + 1]:
                raise MalformedError("the bitmap names a hash that is an empty one")
        return found


def root_of_proof(index: bytes, commitment: bytes | None, proof: MapProof) -> bytes:
    """The root that a proof leads to from the leaf at an index, or from an empty one (None)."""
    if len(index) != INDEX_SIZE or (commitment is not None and len(commitment) != HASH_SIZE):
        raise MalformedError("an index and a commitment are 32 bytes")
    way = int.from_bytes(index, "big")
    node = EMPTY[DEPTH] if commitment is None else leaf_hash(index, commitment)
    for sibling in reversed(proof.beside()):
        node = node_hash(sibling, node) if way & 1 else node_hash(node, sibling)
        way >>= 1
    return node


def verify_map(root: bytes, index: bytes, commitment: bytes | None, proof: MapProof) -> None:
    """`ProofError` unless the map of this root holds just that at the index (None: nothing)."""
    if root_of_proof(index, commitment, proof) != root:
        if commitment is None:
            raise ProofError("the map of this root does not show that nothing stands at the index")
        raise ProofError("the map of this root does not hold this commitment at the index")


def subtree(leaves: Sequence[Leaf], depth: int) -> bytes:
    """Hash of the subtree whose root is `depth` deep, of its leaves by rising index.

    All must begin with the same `depth` bits.
    """
    if not leaves:
        return EMPTY[depth]
    if len(leaves) == 1:
        index, node = leaves[0]
        for level in range(DEPTH, depth, -1):
            is_right = index & 1
            node = node_hash(EMPTY[level], node) if is_right else node_hash(node, EMPTY[level])
            index >>= 1
        return node
    middle = _split(leaves, depth)
    return node_hash(subtree(leaves[:middle], depth + 1), subtree(leaves[middle:], depth + 1))


def beside_within(leaves: Sequence[Leaf], index: int, depth: int) -> list[bytes]:
    """The hashes beside the way to `index`, from the subtree's root at `depth` down to the leaf."""
    found = []
    for level in range(depth, DEPTH):
        middle = _split(leaves, level)
        if index >> (DEPTH - 1 - level) & 1:
            other, leaves = leaves[:middle], leaves[middle:]
        else:
            leaves, other = leaves[:middle], leaves[middle:]
        found.append(subtree(other, level + 1))
    return found


def _split(leaves: Sequence[Leaf], depth: int) -> int:
    """Where those begin whose bit at `depth` is set."""
    if not leaves:
        return 0
    shift = DEPTH - 1 - depth
    border = (leaves[0][0] >> shift | 1) << shift
    return bisect_left(leaves, border, key=lambda leaf: leaf[0])
