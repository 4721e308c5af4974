"""Judging a signed checkpoint by a trust policy: which log signed, who cosigned, who is missing."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from ledger.core.errors import ProofError, SignatureError
from ledger.core.notes import Note, NoteKey, Verified, verify_note
from ledger.core.policy import Missing, Policy
from ledger.core.tree_heads import Checkpoint


class PolicyNotMet(ProofError):
    """The checkpoint is signed, but not cosigned by a quorum."""


@dataclass(frozen=True, slots=True)
class Times:
    """Which cosignature times count (POSIX seconds). Those outside do not; none at all by default.

    `oldest`: earliest that counts; a cosignature without a time then does not.
    `newest`: latest that counts; refuses cosigners whose clock runs ahead.
    """

    oldest: int | None = None
    newest: int | None = None

    def count(self, time: int) -> bool:
        """Whether a cosignature of this time counts."""
        if self.oldest is not None and time < self.oldest:
            return False
        return self.newest is None or time <= self.newest


ANY_TIME = Times()


@dataclass(frozen=True, slots=True)
class Judged:
    """A checkpoint under a policy. Names are those of the policy's witnesses."""

    checkpoint: Checkpoint
    logs: tuple[NoteKey, ...]
    satisfied: bool
    counted: tuple[str, ...]
    untimely: tuple[str, ...]
    missing: tuple[Missing, ...]


def judge(
    data: bytes, policy: Policy, *, logs: Sequence[NoteKey] = (), times: Times = ANY_TIME
) -> Judged:
    """Read a signed checkpoint under a policy.

    `logs`: keys that are accepted beside the policy's own. Raises `SignatureError` when none of
    them signed, or a known signature fails; a quorum that is not met is an answer, not an error.
    """
    note = Note.parse(data)
    checkpoint = Checkpoint.parse(note.text)
    accepted = [*(log.key for log in policy.logs), *logs]
    ours = [key for key in accepted if key.name == checkpoint.origin]
    if not ours:
        raise SignatureError(f"no log named {checkpoint.origin!r} is accepted")
    names = {item.key: name for name, item in policy.witnesses.items()}
    verified = verify_note(note, (*ours, *names))
    signed = tuple(item.key for item in verified if item.key in ours)
    if not signed:
        raise SignatureError(f"the log {checkpoint.origin} did not sign the checkpoint")
    counted, untimely = _sort(verified, names, times)
    return Judged(
        checkpoint=checkpoint,
        logs=signed,
        satisfied=policy.is_met(frozenset(counted)),
        counted=counted,
        untimely=untimely,
        missing=policy.missing(frozenset(counted)),
    )


def _sort(
    verified: Sequence[Verified], names: dict[NoteKey, str], times: Times
) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Witnesses that count, and those whose cosignatures all have a time that does not."""
    counted, seen = dict[str, None](), dict[str, None]()
    for item in verified:
        if item.key in names:
            seen[names[item.key]] = None
            if times.count(item.time or 0):
                counted[names[item.key]] = None
    return tuple(counted), tuple(name for name in seen if name not in counted)


def require(judged: Judged) -> Judged:
    """The same, or `PolicyNotMet` that says who is missing."""
    if not judged.satisfied:
        lacking = ", ".join(
            f"{item.needed} of {' '.join(item.among)}" if item.among else item.name
            for item in judged.missing
        )
        raise PolicyNotMet(f"the checkpoint lacks cosignatures: {lacking}")
    return judged
