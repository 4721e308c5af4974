"""Going over a stored log from its first entry: is everything still what was signed? Pure.

Functions and triggers keep the application from altering a row; whoever owns the database can. The
tree is computed again from the leaves' bytes and compared with every stored node and every signed
checkpoint, and each ciphertext with the hash in its leaf, so that the first row that was touched is
named, or the first checkpoint that the rows no longer lead to.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from hashlib import sha256

from ledger.core.errors import LedgerError
from ledger.core.hashing import HASH_SIZE, leaf_hash
from ledger.core.leaves import Leaf
from ledger.core.log_keys import LogKeys
from ledger.core.tree import Frontier


class Altered(LedgerError):
    """The first thing that is not what was signed: at which entry or size, and which part of it."""

    def __init__(self, index: int, part: str, detail: str) -> None:
        super().__init__(f"{part} {index}: {detail}")
        self.index = index
        self.part = part
        self.detail = detail


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row as it is stored. `columns`: kind, record id, time, key id (or the first two)."""

    index: int
    columns: tuple[str, ...]
    leaf: bytes
    nodes: bytes
    ciphertext: bytes | None


@dataclass(slots=True)
class StoredLog:
    """Walks one stored log in order; every method raises `Altered`."""

    keys: LogKeys
    frontier: Frontier = field(default_factory=Frontier)
    contents: int = 0
    checkpoints: int = 0

    def take(self, entry: StoredEntry) -> Leaf | None:
        """The next entry; its record, or None where the leaf never was one."""
        index = self.frontier.size
        if entry.index != index:
            raise Altered(index, "entry", "it is missing")
        if entry.nodes[:HASH_SIZE] != leaf_hash(entry.leaf):
            raise Altered(index, "leaf", "its bytes are not those that the tree was built of")
        if self.frontier.append(entry.nodes[:HASH_SIZE]) != entry.nodes:
            raise Altered(index, "nodes", "the tree nodes stored with it do not follow")
        try:
            leaf = Leaf.parse(entry.leaf)
        except LedgerError:
            return None
        core = leaf.core
        told = (core.kind, core.rid, core.ts, core.device)[: len(entry.columns)]
        if told != entry.columns:
            raise Altered(index, "columns", "its columns are not what its leaf says")
        if entry.ciphertext is not None:
            if sha256(entry.ciphertext).digest() != leaf.ct_sha256:
                raise Altered(index, "content", "the ciphertext is not the one that was signed")
            self.contents += 1
        return leaf

    def checkpoint(self, size: int, root: bytes, note: bytes) -> None:
        """A signed checkpoint of as many entries as were taken."""
        try:
            checkpoint, _ = self.keys.open(note)
        except LedgerError as error:
            raise Altered(size, "checkpoint", str(error)) from error
        if (checkpoint.size, checkpoint.root) != (size, root):
            raise Altered(size, "checkpoint", "its note states another tree than its row")
        self.root(size, root, "checkpoint")
        self.checkpoints += 1

    def root(self, size: int, root: bytes, part: str) -> None:
        """A root that somebody signed for as many entries as were taken."""
        if (size, root) != (self.frontier.size, self.frontier.root()):
            raise Altered(size, part, "the entries do not lead to the root that was signed")
