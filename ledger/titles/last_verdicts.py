"""What the last proof of each right says, for whoever is about to rely on it."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from ledger.models import TitleAlarm, TitleProofKept

_TAKEN = TitleProofKept.Verdict.TAKEN


@dataclass(frozen=True, slots=True)
class LastVerdicts:
    """Claims on which nobody should rely: somebody else holds the right, or the answer was false.

    A false answer stands until a later epoch was proven.
    """

    taken: frozenset[UUID]
    broken: frozenset[UUID]


def last_verdicts(group: UUID, claims: Collection[UUID]) -> LastVerdicts:
    """Of each claim by the newer of two: its own last proof, and that of its group (a pool)."""
    subjects = [group, *claims]
    kept = TitleProofKept.objects.filter(subject_id__in=subjects).defer("file")
    last = {
        row.subject_id: row for row in kept.order_by("subject_id", "-pk").distinct("subject_id")
    }
    alarms = TitleAlarm.objects.filter(
        kind=TitleAlarm.Kind.UNPROVEN, by_us=True, evidence__subject__in=list(map(str, subjects))
    )
    false: dict[str, int] = {}
    for subject, epoch in alarms.values_list("evidence__subject", "epoch"):
        false[subject] = max(epoch, false.get(subject, 0))
    taken, broken = set(), set()
    for claim in claims:
        rows = [row for row in (last.get(claim), last.get(group)) if row is not None]
        newest = max(rows, key=lambda row: row.pk, default=None)
        if newest is not None and (
            newest.verdict == _TAKEN if newest.subject_id == claim else str(claim) in newest.taken
        ):
            taken.add(claim)
        lied = max(false.get(str(claim), 0), false.get(str(group), 0))
        if lied and (newest is None or newest.epoch <= lied):
            broken.add(claim)
    return LastVerdicts(frozenset(taken), frozenset(broken))
