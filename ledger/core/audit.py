"""Taking the entries of someone else's log, one by one, believing nothing.

What a replica does before it stores and what the offline verifier does: each entry is canonical,
of this log, signed by a key that the log itself approved (or a row of a tape that such a key
signed), and extends the tree. The roots are compared with signed checkpoints by the caller.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from ledger.core.errors import LedgerError, ProofError
from ledger.core.hashing import leaf_hash
from ledger.core.keyring import KINDS, KeyRing
from ledger.core.leaves import Leaf
from ledger.core.payloads import Payload
from ledger.core.scanning import read
from ledger.core.tree import Frontier
from ledger.core.verifiers import Verifier


class AuditError(LedgerError):
    """The first lie: at which entry (or size, where a part is signed for so many), which part."""

    def __init__(self, index: int, part: str, detail: str) -> None:
        super().__init__(f"entry {index}: {part}: {detail}")
        self.index = index
        self.part = part
        self.detail = detail


@dataclass(frozen=True, slots=True)
class Tape:
    """A signed tape: who signed it, and the root and count of its rows."""

    device: str
    root: bytes
    count: int


@dataclass(frozen=True, slots=True)
class Taken:
    """An entry that holds, with the tree nodes that it completes."""

    index: int
    leaf: Leaf
    nodes: bytes


Show = Callable[[Leaf], Payload | None]
"""Answers the disclosed payload of a leaf, or None."""

Check = Callable[[int, Verifier, bytes, bytes], None]


def show_nothing(_leaf: Leaf) -> Payload | None:
    """No payload is disclosed."""
    return None


def check_now(index: int, verifier: Verifier, message: bytes, signature: bytes) -> None:
    """Check a signature at once (another `Check` may gather them for several processes)."""
    verifier.verify(message, signature)


@dataclass(slots=True)
class LogAuditor:
    """Walks one log from `frontier` on."""

    log_id: str
    frontier: Frontier = field(default_factory=Frontier)
    keys: KeyRing = field(default_factory=KeyRing)
    tapes: dict[str, Tape] = field(default_factory=dict)
    check: Check = check_now

    def take(self, data: bytes, show: Show = show_nothing) -> Taken:
        """Verify the next entry and the payload that is shown of it; `AuditError` names the lie.

        Entries of kind `device.*` must come with their payload, since they say which keys count.
        """
        index = self.frontier.size
        leaf = self.read(index, data)
        self.judge(index, leaf, show)
        return Taken(index, leaf, self.frontier.append(leaf_hash(data)))

    @staticmethod
    def read(index: int, data: bytes) -> Leaf:
        """The record in a leaf; `AuditError` if it holds none."""
        try:
            return read(data)
        except LedgerError as error:
            raise AuditError(index, "leaf", str(error)) from error

    def judge(self, index: int, leaf: Leaf, show: Show = show_nothing) -> None:
        """Whose entry it is, and that a key which the log itself approved signed it."""
        part = "tenant_log"
        try:
            if leaf.core.log_id != self.log_id:
                raise ProofError(f"it belongs to the log {leaf.core.log_id!r}")
            part = "fields_root"
            payload = show(leaf)
            if payload is not None:
                check_payload(leaf, payload)
            part = "device"
            self.learn_keys(index, leaf, payload)
            part = "dev_sig" if leaf.row is None else "batch"
            self.check_origin(index, leaf)
        except AuditError:
            raise
        except LedgerError as error:
            raise AuditError(index, part, str(error)) from error

    def learn_keys(self, index: int, leaf: Leaf, payload: Payload | None) -> None:
        """Take in what a `device.*` entry says; others say nothing of keys."""
        if leaf.core.kind in KINDS:
            if payload is None:
                raise ProofError(f"a {leaf.core.kind} entry must show its fields")
            self.keys.learn(index, leaf.core.kind, payload.fields)

    def learn_tape(self, leaf: Leaf) -> None:
        """Remember a signed tape, for the rows that follow."""
        if leaf.row is None and (tape := tape_of(leaf)) is not None:
            self.tapes[leaf.core.rid] = tape

    def check_origin(self, index: int, leaf: Leaf) -> None:
        """Raise unless its signature holds, or its path in a signed tape; a tape is remembered."""
        core = leaf.core
        if leaf.row is None:
            verifier = self.keys.verifier_at(index, core.device)
            self.check(index, verifier, core.to_bytes(), leaf.signature or b"")
            self.learn_tape(leaf)
            return
        signed = self.tapes.get(leaf.row.rid)
        if signed is None:
            raise ProofError(f"no tape {leaf.row.rid} stands before it")
        check_row(leaf, signed)


def check_row(leaf: Leaf, tape: Tape) -> None:
    """Raise unless the entry, which stands for a row, is in this tape and names its key."""
    if tape.device != leaf.core.device:
        raise ProofError("it names another key than its tape")
    assert leaf.row is not None
    leaf.row.verify(leaf.core.to_bytes(), tape.root, tape.count)


def check_payload(leaf: Leaf, payload: Payload) -> None:
    """Raise unless these are the fields that the entry commits to."""
    if payload.root() != leaf.core.fields_root:
        raise ProofError("the fields are not those that were signed")


def tape_of(leaf: Leaf) -> Tape | None:
    """The tape that an entry states, if it is one."""
    core = leaf.core
    if core.kind != "tape.imported" or core.items_root is None:
        return None
    return Tape(core.device, core.items_root, core.items_count)
