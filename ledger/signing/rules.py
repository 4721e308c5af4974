"""When a tree head may be signed. Pure: no Django, no files."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass

from ledger.core.errors import ProofError
from ledger.core.proofs import verify_consistency
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


def check_extends(checkpoint: Checkpoint, *before: Growth | None) -> None:
    """Raise `RollbackRefused` unless the tree extends everything that was signed before."""
    for step in filter(None, before):
        params = {"size": checkpoint.size, "signed": step.size}
        if checkpoint.size < step.size:
            raise RollbackRefused(
                detail="The log has %(size)s entries, but one of %(signed)s was signed before.",
                params=params,
            )
        try:
            verify_consistency(step.size, checkpoint.size, step.proof, step.root, checkpoint.root)
        except ProofError as error:
            raise RollbackRefused(
                detail="The log of %(size)s entries does not extend the signed one of %(signed)s.",
                params=params,
            ) from error


def check_turns(size: int, turns: Turns, known: Turns, signed: Signed | None) -> None:
    """Raise unless these hand-overs go on from those that were signed before.

    `known`, `signed`: hand-overs and tree head that were signed last. A new hand-over at index i is
    sealed by itself, in the checkpoint of i + 1 entries: readers look for both signatures there.
    """
    if list(turns) != sorted(set(turns)) or any(not 0 <= index < size for index in turns):
        raise BadSignerRequest(detail="These are no places at which the key of a log changed.")
    if turns[: len(known)] != known:
        raise RollbackRefused(
            detail="The log has lost an entry at which its key changed, number %(index)s.",
            params={"index": known[-1]},
        )
    if signed is not None and turns != known and turns != (*known, size - 1):
        raise BadSignerRequest(
            detail="The change of the log's key at entry %(index)s is to be sealed by itself.",
            params={"index": turns[len(known)]},
        )
