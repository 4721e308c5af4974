"""The operators' steps, on the platform's host: one proposes, another confirms."""

from datetime import datetime
from uuid import UUID

from django.db import transaction

from origination.contests.problems import (
    ContestClosed,
    ContestInvalid,
    NoProposal,
    NotYetDecidable,
    ProposedByYou,
)
from origination.contests.services import close
from origination.domain import contesting as rules
from tenants import clock
from tenants.models import Contest, ContestQuestion, ContestState, QuestionState, Tenant
from tenants.problems import FieldError
from tenants.registry import release_rights, retried

OUTCOMES = (ContestState.UPHELD, ContestState.DISMISSED)


@transaction.atomic
def propose_decision(
    *, contest: Contest, outcome: str, reason: str, by: UUID, at: datetime
) -> Contest:
    """Say how it should end and why. A later proposal takes an earlier one's place.

    Raises `ContestInvalid` naming every wrong field, `NotYetDecidable` or `ContestClosed`.
    """
    contest = _open(contest, at)
    errors = rules.check_reason(reason, _names(contest))
    if outcome not in OUTCOMES:
        what = "There is no such outcome."
        errors.insert(0, FieldError("outcome", "unknown_code", what, "Uphold or dismiss it."))
    if errors:
        raise ContestInvalid(errors=errors)
    contest.proposed_state, contest.proposed_reason = outcome, reason.strip()
    contest.proposed_by = by
    contest.save(update_fields=["proposed_state", "proposed_reason", "proposed_by"])
    return contest


@retried()
@transaction.atomic
def confirm_decision(*, contest: Contest, outcome: str, by: UUID, at: datetime) -> Contest:
    """Another operator says yes to the `outcome` that was proposed; it cannot be taken back.

    Upheld, the rights of those who were asked are free in the same transaction, where they hold
    them still: who took one since was not heard and keeps it. Confirmed twice it is one decision.
    """
    contest = Contest.objects.select_for_update().get(pk=contest.pk)
    if contest.state == outcome:
        return contest
    contest = _open(contest, at)
    if not contest.proposed_state or contest.proposed_state != outcome:
        raise NoProposal
    if contest.proposed_by == by:
        raise ProposedByYou
    contest.reason = contest.proposed_reason
    if outcome == ContestState.UPHELD:
        for question in contest.questions.filter(role="holder"):
            release_rights(
                claim_ids=[question.claim_id], right=contest.right, holder=question.tenant_id, at=at
            )
    close(contest, ContestState(outcome), by=by, at=at)
    return contest


def _open(contest: Contest, at: datetime) -> Contest:
    """The contest, locked, open and ripe; questions whose time is over have lapsed.

    Its deadline is a time of the contestant's clock, which an `at` of another clock never outruns.
    """
    contest = Contest.objects.select_for_update().get(pk=contest.pk)
    if contest.state != ContestState.OPEN:
        raise ContestClosed
    at = min(at, clock.now_of(contest.contestant))
    states = contest.questions.values_list("state", flat=True)
    answered = [state == QuestionState.ANSWERED for state in states]
    if not rules.may_be_decided(answered, contest.answer_by, at):
        raise NotYetDecidable
    if at >= contest.answer_by:
        contest.questions.filter(state=QuestionState.ASKED).update(state=QuestionState.LAPSED)
    return contest


def _names(contest: Contest) -> set[str]:
    parties = [contest.contestant, *(question.tenant for question in contest.questions.all())]
    return {
        name for tenant in parties for name in (tenant.name, tenant.name_zh, tenant.schema_name)
    }


def who_waits() -> list[Tenant]:
    """Institutions whose contests wait for an answer; each has a clock of its own."""
    waits = Contest.objects.filter(state=ContestState.OPEN, questions__state=QuestionState.ASKED)
    return list(Tenant.objects.filter(pk__in=waits.values("contestant")).order_by("pk"))


def lapse_overdue(*, contestant: Tenant, at: datetime) -> int:
    """Questions that were not answered in time, by `at` of the contestant's clock; returns how
    many. The operators decide then.
    """
    late = ContestQuestion.objects.filter(
        state=QuestionState.ASKED,
        contest__contestant=contestant,
        contest__state=ContestState.OPEN,
        contest__answer_by__lte=at,
    )
    return late.update(state=QuestionState.LAPSED)
