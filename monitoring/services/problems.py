"""Problem assets: found by the roll-forward, a remedy proposed by one person, closed by another."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from monitoring.models import AssetPerformance, Cause, ProblemAsset, Remedy
from pools.tasks import look_for_endings
from tenants.problems import Invalid, NotFound, Refused

PROBLEM_AFTER_DAYS = 60


def find_problems(*, lease_rids: Sequence[UUID], at: datetime) -> int:
    """Open a problem for each of these leases that has become one; returns how many were new."""
    late = AssetPerformance.objects.filter(
        pk__in=lease_rids, days_past_due__gt=PROBLEM_AFTER_DAYS, balance_minor__gt=0
    )
    found = [
        ProblemAsset(
            lease_rid=row.lease_rid,
            lessor_id=row.lessor_id,
            pool_id=row.pool_id,
            cause=Cause.DEFAULTED if row.defaulted_on else Cause.DELINQUENT,
            found_at=at,
        )
        for row in late
    ]
    known = set(
        ProblemAsset.objects.filter(
            lease_rid__in=[row.lease_rid for row in found], done_at__isnull=True
        ).values_list("lease_rid", flat=True)
    )
    new = [row for row in found if row.lease_rid not in known]
    ProblemAsset.objects.bulk_create(new, ignore_conflicts=True)
    return len(new)


def propose_remedy(
    *, problem_id: int, remedy: str, note: str, by: UUID, at: datetime
) -> ProblemAsset:
    """Say what is to be done. A later proposal replaces an earlier one until it is done."""
    if remedy not in Remedy.values:
        raise Invalid(
            code="remedy_unknown",
            detail="%(remedy)s is no remedy.",
            mend="Replace, repurchase or dispose.",
            params={"remedy": remedy},
        )
    with transaction.atomic():
        problem = _open_problem(problem_id)
        problem.remedy, problem.note = remedy, note.strip()
        problem.proposed_by, problem.proposed_at = by, at
        problem.save(update_fields=["remedy", "note", "proposed_by", "proposed_at"])
    return problem


def close_problem(*, problem_id: int, by: UUID, at: datetime) -> ProblemAsset:
    """The remedy has been carried out, as somebody other than its proposer says."""
    with transaction.atomic():
        problem = _open_problem(problem_id)
        if not problem.remedy:
            raise Refused(
                detail="Nothing has been proposed yet.", mend="Propose a remedy and carry it out."
            )
        if problem.proposed_by == by:
            raise Refused(
                code="four_eyes",
                detail="You proposed this remedy yourself.",
                mend="Let a colleague confirm that it was carried out.",
            )
        problem.done_by, problem.done_at = by, at
        problem.save(update_fields=["done_by", "done_at"])
        if problem.pool_id is not None:
            look_for_endings(problem.pool_id)
    return problem


def _open_problem(problem_id: int) -> ProblemAsset:
    problem = ProblemAsset.objects.select_for_update().filter(pk=problem_id).first()
    if problem is None:
        raise NotFound(detail="There is no such problem.")
    if problem.done_at is not None:
        raise Refused(detail="This problem has been closed.")
    return problem
