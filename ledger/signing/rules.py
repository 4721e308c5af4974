"""When a tree head may be signed. Pure: no Django, no files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.core.audit import check_payload
from ledger.core.errors import ProofError
from ledger.core.hashing import EMPTY_ROOT, leaf_hash
from ledger.core.leaves import Leaf
from ledger.core.log_keys import ROTATED, Handover
from ledger.core.payloads import Payload
from ledger.core.proofs import verify_consistency, verify_inclusion
from ledger.core.tree_heads import Checkpoint
from ledger.problems import BadSignerRequest, NoSuchEntry, RollbackRefused

Signed = tuple[int, bytes]
"""Size and root of a tree head that was signed."""
Turns = tuple[int, ...]
"""Indexes of the entries at which a log's key handed over to the next."""
ProofOf = Callable[[int, int], Sequence[bytes]]
"""Answers the consistency proof between two sizes."""


@dataclass(frozen=True, slots=True)
class Growth:
    """A tree head that was signed before, and the proof that another one extends it."""

    size: int
    root: bytes
    proof: tuple[bytes, ...]

    @property
    def signed(self) -> Signed:
        """What was signed."""
        return self.size, self.root


def grown(checkpoint: Checkpoint, signed: Signed | None, proof_of: ProofOf) -> Growth | None:
    """What a caller shows of `signed`; an empty proof, which proves nothing, where it has none."""
    if signed is None:
        return None
    size, root = signed
    try:
        proof = tuple(proof_of(size, checkpoint.size)) if size <= checkpoint.size else ()
    except NoSuchEntry:
        proof = ()
    return Growth(size, root, proof)


def check_empty(checkpoint: Checkpoint) -> None:
    """Raise `BadSignerRequest` for an empty tree of another root than the one that it has.

    From an empty tree everything goes on but the entries there are none of (RFC 6962, 2.1).
    """
    if checkpoint.size == 0 and checkpoint.root != EMPTY_ROOT:
        raise BadSignerRequest(detail="An empty log has one root, and this is another.")


def check_extends(checkpoint: Checkpoint, *before: Growth | None) -> None:
    """Raise `RollbackRefused` unless the tree extends everything that was signed before."""
    for step in filter(None, before):
        if step.signed == (0, EMPTY_ROOT):  # from an empty tree everything goes on
            continue
        if checkpoint.size < step.size:
            raise not_extended(checkpoint.size, step.size)
        try:
            verify_consistency(step.size, checkpoint.size, step.proof, step.root, checkpoint.root)
        except ProofError as error:
            raise not_extended(checkpoint.size, step.size) from error


def is_beside(tree: Checkpoint, ours: Growth | None, last: Signed) -> bool:
    """Whether what was signed last goes on from another tree of that size: `ours`, proven."""
    if ours is None or ours.size != tree.size or ours.root == tree.root:
        return False
    try:
        verify_consistency(ours.size, last[0], ours.proof, ours.root, last[1])
    except ProofError:
        return False
    return ours.size > 0  # from an empty tree everything goes on


def not_extended(size: int, signed: int) -> RollbackRefused:
    """A log of `size` entries is not a later state of the tree of `signed` that was signed."""
    detail = "The log of %(size)s entries does not extend the signed one of %(signed)s."
    if size < signed:
        detail = "The log has %(size)s entries, but one of %(signed)s was signed before."
    return RollbackRefused(detail=detail, params={"size": size, "signed": signed})


@dataclass(frozen=True, slots=True)
class TurnShown:
    """A tree's last entry, which changes the log's key: its leaf, payload and inclusion path."""

    leaf: bytes
    payload: bytes
    path: tuple[bytes, ...]

    def handover(self, checkpoint: Checkpoint) -> Handover:
        """What it says; `LedgerError` unless it stands at the end of this tree and says so."""
        index = checkpoint.size - 1
        verify_inclusion(index, checkpoint.size, leaf_hash(self.leaf), self.path, checkpoint.root)
        leaf, payload = Leaf.parse(self.leaf), Payload.parse(self.payload)
        check_payload(leaf, payload)
        if leaf.core.kind != ROTATED:
            raise ProofError("the last entry does not change the log's key")
        return Handover.parse(index, payload.fields)


def check_turns(size: int, turns: Turns, known: Turns) -> Turns:
    """The hand-overs beyond those that were signed before (`known`), of which proof is wanted.

    `RollbackRefused` where one that was signed is gone, `BadSignerRequest` for what is no list of
    places in a tree of this size.
    """
    if list(turns) != sorted(set(turns)) or any(not 0 <= index < size for index in turns):
        raise BadSignerRequest(detail="These are no places at which the key of a log changed.")
    if turns[: len(known)] != known:
        raise RollbackRefused(
            detail="The log has lost an entry at which its key changed, number %(index)s.",
            params={"index": known[-1]},
        )
    return turns[len(known) :]


def unproven(turn: int) -> BadSignerRequest:
    """Nothing shows that the log's key changed there, or it is not sealed by itself."""
    return BadSignerRequest(
        detail="The log's key changes at entry %(index)s: show that, and seal it by itself.",
        params={"index": turn},
    )
