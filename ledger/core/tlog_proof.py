"""Offline proof files: C2SP tlog-proof v1, file extension `.tlog-proof`."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from ledger.core.checkpoints import Checkpoint, open_checkpoint, parse_decimal
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.hashing import HASH_SIZE, leaf_hash
from ledger.core.notes import Note, NoteKey, Verified
from ledger.core.policy import Policy
from ledger.core.proofs import verify_inclusion
from ledger.core.trust import ANY_TIME, Judged, Times, judge, require

HEADER = "c2sp.org/tlog-proof@v1"
MAX_HASHES = 63


@dataclass(frozen=True, slots=True)
class TlogProof:
    """An entry's index and inclusion proof with the signed checkpoint that it leads to."""

    index: int
    hashes: tuple[bytes, ...]
    checkpoint: bytes
    extra: bytes | None = None

    def to_bytes(self) -> bytes:
        """The file."""
        lines = [HEADER]
        if self.extra is not None:
            lines.append(f"extra {b64(self.extra)}")
        lines += [f"index {self.index}", *map(b64, self.hashes), "", ""]
        return "\n".join(lines).encode() + self.checkpoint

    @classmethod
    def parse(cls, data: bytes) -> TlogProof:
        """Read a file strictly; nothing in it is believed yet."""
        head, blank, checkpoint = data.partition(b"\n\n")
        try:
            lines = head.decode("ascii").split("\n", MAX_HASHES + 3)
        except UnicodeDecodeError as error:
            raise MalformedError("a proof's own lines are ASCII") from error
        if not blank or lines[0] != HEADER:
            raise MalformedError(f"not a proof file: the first line is not {HEADER}")
        rest, extra = lines[1:], None
        if rest and rest[0].startswith("extra "):
            extra = unb64(rest.pop(0).removeprefix("extra "))
        if not rest or not rest[0].startswith("index "):
            raise MalformedError("the proof names no index")
        index = parse_decimal(rest[0].removeprefix("index "))
        if len(rest) - 1 > MAX_HASHES:
            raise MalformedError(f"more than {MAX_HASHES} hashes")
        return cls(index, tuple(unb64(line, HASH_SIZE) for line in rest[1:]), checkpoint, extra)


def verify_proof(
    proof: TlogProof, entry: bytes, log_key: NoteKey, cosigners: Iterable[NoteKey] = ()
) -> tuple[Checkpoint, tuple[Verified, ...]]:
    """Raise a `LedgerError` unless `entry` stands in the log at the proof's index."""
    checkpoint, verified = open_checkpoint(proof.checkpoint, log_key, cosigners)
    verify_inclusion(proof.index, checkpoint.size, leaf_hash(entry), proof.hashes, checkpoint.root)
    return checkpoint, verified


def verify_path(proof: TlogProof, entry: bytes) -> Checkpoint:
    """Raise unless `entry` leads to the root that the checkpoint names; no signature is checked."""
    checkpoint = Checkpoint.parse(Note.parse(proof.checkpoint).text)
    verify_inclusion(proof.index, checkpoint.size, leaf_hash(entry), proof.hashes, checkpoint.root)
    return checkpoint


def verify_under_policy(
    proof: TlogProof,
    entry: bytes,
    policy: Policy,
    *,
    logs: Sequence[NoteKey] = (),
    times: Times = ANY_TIME,
) -> Judged:
    """`verify_proof` for any log and quorum of a policy; `PolicyNotMet` names who is missing."""
    judged = judge(proof.checkpoint, policy, logs=logs, times=times)
    size, root = judged.checkpoint.size, judged.checkpoint.root
    verify_inclusion(proof.index, size, leaf_hash(entry), proof.hashes, root)
    return require(judged)
