"""Hashing of a Merkle tree log: RFC 6962 section 2.1 / RFC 9162 section 2.1.1, with SHA-256."""

from __future__ import annotations

from collections.abc import Iterable
from hashlib import sha256

HASH_SIZE = 32
EMPTY_ROOT = sha256(b"").digest()


def leaf_hash(entry: bytes) -> bytes:
    """Hash of one entry: SHA-256(0x00 || entry)."""
    return sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash of an inner node: SHA-256(0x01 || left || right), both 32 bytes."""
    return sha256(b"\x01" + left + right).digest()


def leaf_hashes(entries: Iterable[bytes]) -> list[bytes]:
    """`leaf_hash` of many entries, without a function call for each."""
    return [sha256(b"\x00" + entry).digest() for entry in entries]


def parent_level(level: list[bytes]) -> list[bytes]:
    """The level above: neighbours hashed in pairs, an odd last node promoted unchanged.

    Climbing this way to one node gives RFC 6962's MTH, because splitting at the largest power of
    two leaves exactly the last subtree of each level incomplete.
    """
    pairs = iter(level)
    above = [
        sha256(b"\x01" + left + right).digest() for left, right in zip(pairs, pairs, strict=False)
    ]
    if len(level) % 2:
        above.append(level[-1])
    return above


def root_of_hashes(hashes: list[bytes]) -> bytes:
    """Merkle tree hash of leaf hashes; `EMPTY_ROOT` for none."""
    if not hashes:
        return EMPTY_ROOT
    level = hashes
    while len(level) > 1:
        level = parent_level(level)
    return level[0]
