"""A title proof: whether rights on vehicles stood in the registry's map of an epoch.

Canonical JSON {answers, entry, v}, in version 2 {answers, entry, handovers, v}, to the byte in
docs/title-registry.md. An answer is {bitmap, commitment, identifier, opening, right, siblings,
vrf_proof}; `entry` is a disclosure file (`core.disclosed`) of the `registry.root` entry that names
the map's root, all its fields shown; `handovers` are the roots in which the registry's key changed.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from typing import cast

from ledger.core import vrf
from ledger.core.canonical import Canonical, canonical_bytes, parse_canonical
from ledger.core.checkpoints import parse_decimal
from ledger.core.cut import TITLE_START, is_cut
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError, ProofError
from ledger.core.hashing import HASH_SIZE
from ledger.core.title_map import (
    DEPTH,
    SALT_SIZE,
    MapProof,
    Opening,
    alpha,
    index_of,
    verify_map,
)
from ledger.core.title_root import SignedRoot

#: The second carries hand-overs, and is made only where the registry's key has changed.
VERSIONS = ("title-proof/1", "title-proof/2")
MARKS = tuple(f'"v":"{version}"'.encode() for version in VERSIONS)
MAX_ANSWERS = 20_000
MAX_HANDOVERS = 1_000
#: Of a whole file. An opened answer in a map of a hundred million rights has about 2,000 bytes.
MAX_BYTES = 1 << 26
_ANSWER = {
    "right", "identifier", "vrf_proof", "bitmap", "siblings", "commitment", "opening",
}  # fmt: skip
_OPENING = {"salt", "state", "holder", "since"}
FREE, TAKEN, HELD, MIXED = "free", "taken", "held", "mixed"


def overall(verdicts: Iterable[str]) -> str:
    """One word for many: `taken` if anything is, `mixed` where some are held and others free."""
    found = set(verdicts)
    if TAKEN in found:
        return TAKEN
    return found.pop() if len(found) == 1 else MIXED


@dataclass(frozen=True, slots=True)
class Answer:
    """What the registry answers for one right: proofs under a root, whichever it is.

    `commitment`: of the leaf at the index, None if there is none. `opening`: only for the holder.
    """

    right: str
    identifier: str
    vrf_proof: bytes
    proof: MapProof
    commitment: bytes | None = None
    opening: Opening | None = None

    def verify(self, *, root: bytes, vrf_key: bytes, epoch: int) -> str:
        """`free`, `taken` (by whom is not told) or `held` (by the one that `opening` names).

        Raises `ProofError` or `MalformedError` if it does not hold under this root and key.
        """
        output = vrf.verify(vrf_key, alpha(self.right, self.identifier), self.vrf_proof)
        verify_map(root, index_of(output), self.commitment, self.proof)
        if self.opening is None:
            return FREE if self.commitment is None else TAKEN
        if self.commitment is None or self.opening.commitment() != self.commitment:
            raise ProofError("what is told of the holder is not what the map commits to")
        if self.opening.since > epoch:
            raise ProofError(f"epoch {epoch} holds a right since epoch {self.opening.since}")
        return HELD


@dataclass(frozen=True, slots=True)
class TitleProof:
    """The file; nothing in it is believed yet."""

    answers: tuple[Answer, ...]
    entry: bytes
    handovers: tuple[SignedRoot, ...] = ()

    def to_bytes(self) -> bytes:
        """The file."""
        members: dict[str, Canonical] = {
            "v": VERSIONS[bool(self.handovers)],
            "answers": [_members(answer) for answer in self.answers],
            "entry": cast("Canonical", parse_canonical(self.entry)),
        }
        if self.handovers:
            members["handovers"] = [cast("Canonical", item.fields()) for item in self.handovers]
        return canonical_bytes(members)

    @classmethod
    def parse(cls, data: bytes) -> TitleProof:
        """Read a file strictly."""
        if len(data) > MAX_BYTES:
            raise MalformedError(f"it is longer than {MAX_BYTES} bytes")
        members = parse_canonical(data)
        version = VERSIONS["handovers" in members]
        told = members.pop("handovers", [])
        if members.keys() != {"v", "answers", "entry"} or members["v"] != version:
            raise MalformedError("this is no title proof")
        answers, entry = members["answers"], members["entry"]
        if not isinstance(answers, list) or not 1 <= len(answers) <= MAX_ANSWERS:
            raise MalformedError(f"the answers are a list of 1 to {MAX_ANSWERS}")
        if not isinstance(entry, dict):
            raise MalformedError("the entry is a disclosure")
        found = tuple(map(_answer, answers))
        if len({(answer.right, answer.identifier) for answer in found}) != len(found):
            raise MalformedError("a right on a vehicle is answered for twice")
        handovers = () if version == VERSIONS[0] else _handovers(told)
        return cls(found, canonical_bytes(cast("Canonical", entry)), handovers)


def _handovers(told: object) -> tuple[SignedRoot, ...]:
    if not isinstance(told, list) or not 1 <= len(told) <= MAX_HANDOVERS:
        raise MalformedError(f"the hand-overs are a list of 1 to {MAX_HANDOVERS}")
    if not all(isinstance(item, dict) for item in told):
        raise MalformedError("a hand-over is the fields of a root")
    return tuple(SignedRoot.of_fields({name: _text(item, name) for name in item}) for item in told)


def _members(answer: Answer) -> Canonical:
    opening = answer.opening
    return {
        "right": answer.right,
        "identifier": answer.identifier,
        "vrf_proof": b64(answer.vrf_proof),
        "bitmap": b64(answer.proof.bitmap),
        "siblings": [b64(item) for item in answer.proof.siblings],
        "commitment": None if answer.commitment is None else b64(answer.commitment),
        "opening": None
        if opening is None
        else {
            "salt": b64(opening.salt),
            "state": opening.state,
            "holder": opening.holder,
            "since": str(opening.since),
        },
    }


def _answer(members: object) -> Answer:
    if not isinstance(members, dict) or members.keys() != _ANSWER:
        raise MalformedError("an answer has other members")
    siblings, commitment = members["siblings"], members["commitment"]
    if not isinstance(siblings, list) or len(siblings) > DEPTH:
        raise MalformedError(f"the hashes beside the way are a list of at most {DEPTH}")
    return Answer(
        right=_text(members, "right"),
        identifier=_text(members, "identifier"),
        vrf_proof=unb64(_text(members, "vrf_proof"), vrf.PROOF_SIZE),
        proof=MapProof(
            unb64(_text(members, "bitmap"), DEPTH // 8),
            tuple(unb64(_text({"hash": item}, "hash"), HASH_SIZE) for item in siblings),
        ),
        commitment=None if commitment is None else unb64(_text(members, "commitment"), HASH_SIZE),
        opening=_opening(members["opening"]),
    )


def is_title_proof(data: bytes) -> bool:
    """Whether a file wants to be a title proof; of a longer one its first `MAX_BYTES` + 1 do."""
    begins = data.startswith(TITLE_START)
    if len(data) > MAX_BYTES:
        return begins
    is_marked = data[:1] == b"{" and any(mark in data for mark in MARKS)
    return is_marked or (begins and is_cut(data))  # the mark stands last


def _opening(value: object) -> Opening | None:
    if value is None:
        return None
    if not isinstance(value, dict) or value.keys() != _OPENING:
        raise MalformedError("what is told of the holder is a salt, a state, a holder and an epoch")
    return Opening(
        salt=unb64(_text(value, "salt"), SALT_SIZE),
        state=_text(value, "state"),
        holder=_text(value, "holder"),
        since=parse_decimal(_text(value, "since")),
    )


def _text(members: dict[str, object], name: str) -> str:
    value = members[name]
    if not isinstance(value, str):
        raise MalformedError(f"the member {name!r} is not text")
    return value
