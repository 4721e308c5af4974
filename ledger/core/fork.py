"""Evidence that a log signed two histories: two checkpoints that no one log can have. Pure.

At a common size the two histories have different roots; from there consistency proofs (RFC 6962
section 2.1.2), in one or more steps, lead to a signed checkpoint each. Both carry the log's own
signature, so that anybody who knows its key can convict it, offline and without either party. Of
several keys of a log the one counts that signs a log of that size: whoever stole one that handed
over convicts nobody by what he signs beyond its place.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from ledger.core.canonical import Canonical, canonical_bytes, parse_canonical
from ledger.core.checkpoints import Checkpoint, parse_decimal
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError, ProofError
from ledger.core.hashing import HASH_SIZE
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note
from ledger.core.proofs import verify_consistency

VERSION = "lease-fork/1"
MAX_STEPS = 8


@dataclass(frozen=True, slots=True)
class Step:
    """A later size and root of the same history, and the proof that it extends the one before."""

    size: int
    root: bytes
    proof: tuple[bytes, ...]


@dataclass(frozen=True, slots=True)
class Branch:
    """One history: its root at the common size, and the steps to a checkpoint that was signed."""

    root: bytes
    steps: tuple[Step, ...]
    note: bytes


@dataclass(frozen=True, slots=True)
class Fork:
    """Two histories that agree on no root at `size`."""

    size: int
    branches: tuple[Branch, Branch]

    def to_bytes(self) -> bytes:
        """Canonical JSON: the file that convicts."""
        return canonical_bytes(
            {
                "v": VERSION,
                "size": str(self.size),
                "branches": [_branch_members(branch) for branch in self.branches],
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Fork:
        """Read the file strictly; `verify_fork` tells whether it convicts."""
        members = parse_canonical(data)
        branches = members.get("branches")
        if members.keys() != {"v", "size", "branches"} or members["v"] != VERSION:
            raise MalformedError(f"this is no evidence of the form {VERSION}")
        if not isinstance(branches, list) or len(branches) != 2:
            raise MalformedError("the evidence has two branches")
        first, second = map(_branch_of, branches)
        return cls(parse_decimal(str(members["size"])), (first, second))


def _branch_members(branch: Branch) -> Canonical:
    return {
        "note": branch.note.decode(),
        "root": b64(branch.root),
        "steps": [
            {"size": str(step.size), "root": b64(step.root), "proof": b64(b"".join(step.proof))}
            for step in branch.steps
        ],
    }


def _branch_of(value: object) -> Branch:
    if not isinstance(value, Mapping) or value.keys() != {"note", "root", "steps"}:
        raise MalformedError("a branch is a note, a root and steps")
    steps = value["steps"]
    if not isinstance(steps, list) or len(steps) > MAX_STEPS:
        raise MalformedError(f"a branch has at most {MAX_STEPS} steps")
    root = unb64(str(value["root"]), HASH_SIZE)
    return Branch(root, tuple(map(_step_of, steps)), str(value["note"]).encode())


def _step_of(value: object) -> Step:
    if not isinstance(value, Mapping) or value.keys() != {"size", "root", "proof"}:
        raise MalformedError("a step is a size, a root and a proof")
    proof = unb64(str(value["proof"]))
    if len(proof) % HASH_SIZE:
        raise MalformedError("a proof holds whole hashes")
    hashes = tuple(proof[at : at + HASH_SIZE] for at in range(0, len(proof), HASH_SIZE))
    return Step(parse_decimal(str(value["size"])), unb64(str(value["root"]), HASH_SIZE), hashes)


def fork_of_notes(first: bytes, second: bytes) -> Fork:
    """Two signed notes of one size as evidence."""
    heads = [Checkpoint.parse(Note.parse(note).text) for note in (first, second)]
    if heads[0].size != heads[1].size:
        raise MalformedError(
            "two bare checkpoints convict a log only if their sizes are the same; "
            "of different sizes, ask the holder of a copy for the evidence file"
        )
    return Fork(
        heads[0].size, (Branch(heads[0].root, (), first), Branch(heads[1].root, (), second))
    )


def verify_fork(fork: Fork, keys: LogKeys) -> tuple[Checkpoint, Checkpoint]:
    """The two contradicting checkpoints, each signed by the key of the log that signs its size.

    Raises a `LedgerError` if the evidence does not convict: then the log is not accused.
    """
    first, second = fork.branches
    if fork.size < 1:
        raise ProofError("an empty log has one history only")
    if first.root == second.root:
        raise ProofError("the two histories are the same: nobody is convicted")
    return (_lead(fork.size, first, keys), _lead(fork.size, second, keys))


def _lead(size: int, branch: Branch, keys: LogKeys) -> Checkpoint:
    checkpoint, root = keys.open_reigning(branch.note), branch.root
    for step in branch.steps:
        verify_consistency(size, step.size, step.proof, root, step.root)
        size, root = step.size, step.root
    if (size, root) != (checkpoint.size, checkpoint.root):
        raise ProofError("a branch does not lead to the checkpoint that was signed")
    return checkpoint
