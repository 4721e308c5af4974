"""Proves an offline proof file (C2SP tlog-proof) with the bytes of the entry that it is for."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from ledger.core.cut import CUT_SHORT, is_cut_proof
from ledger.core.errors import LedgerError, MalformedError, SignatureError
from ledger.core.leaves import Leaf
from ledger.core.notes import Note, NoteKey
from ledger.core.policy import NONE, Policy
from ledger.core.tlog_proof import HEADER, TlogProof, verify_path, verify_under_policy
from ledger.core.tree_heads import Checkpoint
from ledger.verifier.report import told_of_cosigners
from ledger.verifier.state import Lie, check_log

START = f"{HEADER}\n".encode()
NOT_BY_IT = (
    "not signed by the key that you trust; where the log's key changed since, get the new one"
)


@dataclass(frozen=True, slots=True)
class Proven:
    """What was proven of an entry. `counted`: keys of the policy's witnesses that cosigned."""

    index: int
    checkpoint: Checkpoint
    leaf: Leaf | None
    logs: tuple[NoteKey, ...]
    counted: tuple[NoteKey, ...]


def is_proof(start: bytes) -> bool:
    """Whether a file that begins so wants to be a proof file."""
    return start.startswith(START)


def prove(
    data: bytes, entry: bytes, *, pinned: Iterable[NoteKey] = (), policy: Policy | None = None
) -> Proven:
    """Raise `Lie` unless `entry` leads to the root that a trusted log signed.

    Without any `pinned` key only the path is checked: a proof file brings no key of its own.
    """
    logs, counted = tuple(pinned), tuple[NoteKey, ...]()
    try:
        if is_cut_proof(data):
            raise MalformedError(CUT_SHORT)
        proof = TlogProof.parse(data)
        note = Note.parse(proof.checkpoint)
        check_log("file", "proof", Checkpoint.parse(note.text).origin, logs)
        lines = {(line.name, line.id) for line in note.lines}
        if logs and not any((key.name, key.id) in lines for key in logs):
            raise SignatureError(NOT_BY_IT)
        if logs:
            rule = policy or Policy(NONE)
            judged = verify_under_policy(proof, entry, rule, logs=logs)
            checkpoint, logs = judged.checkpoint, judged.logs
            counted = tuple(rule.witnesses[name].key for name in judged.counted)
        else:
            checkpoint = verify_path(proof, entry)
    except LedgerError as error:
        raise Lie("file", "proof", str(error)) from error
    return Proven(proof.index, checkpoint, _leaf(entry), logs, counted)


def _leaf(entry: bytes) -> Leaf | None:
    try:
        return Leaf.parse(entry)
    except LedgerError:
        return None  # any bytes may stand in a log


def told_of_proof(found: Proven) -> list[str]:
    """Lines for a reader: what is proven, and what is not."""
    checkpoint, leaf = found.checkpoint, found.leaf
    others = [key for key in found.counted if key.name != checkpoint.origin]  # not the log's own
    unchecked = []
    if not found.logs:
        unchecked.append("whose log this is, and any signature (no --log-key)")
    if not others:
        unchecked.append("whether others were shown the same log (no cosigner is pinned)")
    unchecked += ["who signed the entry, and by which right", "what its hashes stand for"]
    if leaf is None:
        told = ["  leaf          no record of this product; its bytes stand in the log"]
    else:
        core = leaf.core
        told = [f"  record        {core.kind}, {core.rid}, {core.ts}"]
    return [
        f"{'PROVEN' if found.logs else 'HOLDS TOGETHER'} {checkpoint.origin}",
        f"  entry         {found.index} of {checkpoint.size}, root {checkpoint.root.hex()}",
        *told,
        *(f"  {line}" for line in told_of_cosigners(others, others)),
        "  not checked   " + "; ".join(unchecked),
    ]
