"""Going over a stored log from its first entry: is everything still what was signed? Pure.

Functions and triggers keep the application from altering a row; whoever owns the database can. The
tree is computed again from the leaves' bytes and compared with every stored node and every signed
checkpoint, and each ciphertext with the hash in its leaf, so that the first row that was touched is
named, or the first checkpoint that the rows no longer lead to. Every signature is verified by the
keys that the entries themselves approve, as a counterparty does that takes the log.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from hashlib import sha256

from ledger.core.audit import AuditError, Check, LogAuditor, Show, check_now, show_nothing
from ledger.core.errors import LedgerError
from ledger.core.hashing import HASH_SIZE, leaf_hash
from ledger.core.keyring import KeyRing
from ledger.core.leaves import Leaf
from ledger.core.notes import NoteKey
from ledger.core.tree import Frontier


@dataclass(frozen=True, slots=True)
class StoredEntry:
    """One row as it is stored. `columns`: kind, record id, time, key id (or the first two)."""

    index: int
    columns: tuple[str, ...]
    leaf: bytes
    nodes: bytes
    ciphertext: bytes | None


class StoredLog:
    """Walks one stored log in order; every method raises `AuditError`.

    `first`: the key that the log began with. `others`: further keys whose lines under checkpoints
    must hold, such as ML-DSA-44 ones. `check`: of entries' signatures, at once or beside the walk.
    """

    def __init__(
        self,
        log_id: str,
        first: NoteKey,
        others: Sequence[NoteKey] = (),
        check: Check = check_now,
    ) -> None:
        self._auditor = LogAuditor(log_id, keys=KeyRing(log_key=first), check=check)
        self._others = tuple(others)
        self.contents = 0
        self.checkpoints = 0

    @property
    def frontier(self) -> Frontier:
        """The tree of what was taken."""
        return self._auditor.frontier

    @property
    def keys(self) -> KeyRing:
        """Keys as the entries that were taken name them."""
        return self._auditor.keys

    def take(self, entry: StoredEntry, show: Show = show_nothing) -> Leaf:
        """The next entry, with the content that `show` answers; those of keys must be shown."""
        index = self.frontier.size
        if entry.index != index:
            raise AuditError(index, "entry", "it is missing")
        if entry.nodes[:HASH_SIZE] != leaf_hash(entry.leaf):
            raise AuditError(index, "leaf", "its bytes are not those that the tree was built of")
        if self.frontier.append(entry.nodes[:HASH_SIZE]) != entry.nodes:
            raise AuditError(index, "nodes", "the tree nodes stored with it do not follow")
        leaf = self._auditor.read(index, entry.leaf)
        core = leaf.core
        told = (core.kind, core.rid, core.ts, core.device)[: len(entry.columns)]
        if told != entry.columns:
            raise AuditError(index, "columns", "its columns are not what its leaf says")
        if entry.ciphertext is not None:
            if sha256(entry.ciphertext).digest() != leaf.ct_sha256:
                raise AuditError(index, "content", "the ciphertext is not the one that was signed")
            self.contents += 1
        self._auditor.judge(index, leaf, show)
        return leaf

    def checkpoint(self, size: int, root: bytes, note: bytes) -> int | None:
        """A signed checkpoint of as many entries as were taken; by both keys where one ends.

        Answers when it was signed, as the note says (POSIX seconds); None where it does not say.
        """
        old = self.keys.key_before(size)
        others = self._others if old is None else (*self._others, old)
        try:
            checkpoint, verified = self.keys.log_keys.open(note, others)
        except LedgerError as error:
            raise AuditError(size, "checkpoint", str(error)) from error
        if (checkpoint.size, checkpoint.root) != (size, root):
            raise AuditError(size, "checkpoint", "its note states another tree than its row")
        if old is not None and all(line.key != old for line in verified):
            detail = f"the log's old key did not sign where entry {size - 1} changes it"
            raise AuditError(size, "checkpoint", detail)
        self.root(size, root, "checkpoint")
        self.checkpoints += 1
        return min((line.time for line in verified if line.time), default=None)

    def root(self, size: int, root: bytes, part: str) -> None:
        """A root that somebody signed for as many entries as were taken."""
        if (size, root) != (self.frontier.size, self.frontier.root()):
            raise AuditError(size, part, "the entries do not lead to the root that was signed")

    def end(self, size: int, peaks: bytes, part: str) -> None:
        """The size and frontier that are stored of all of it."""
        if self.frontier.size != size:
            raise AuditError(self.frontier.size, "entry", "it is missing")
        if b"".join(self.frontier.peaks) != peaks:
            raise AuditError(size, part, "the tree nodes stored with it do not follow")
