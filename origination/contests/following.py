"""What follows a contest's end on each side's own ledger, by a job in its tenant."""

import random
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.contests import hooks
from origination.domain.contesting import TELL_WITHIN
from tenants import clock
from tenants.context import current_tenant
from tenants.jobs import enqueue_once
from tenants.models import Contest, ContestQuestion, ContestState, Tenant

_chance = random.SystemRandom()


def tell(contest: Contest) -> None:
    """Say when each side's entry is due, and enqueue what is due at once (caller's transaction).

    A holder whose right is gone has to know and its counterparties see that anyway; the others'
    entries wait for a random while, see `TELL_WITHIN`.
    """
    assert contest.closed_at is not None
    at_once = {contest.contestant_id} if contest.state != ContestState.WITHDRAWN else set()
    for question in contest.questions.all():
        lost = contest.state == ContestState.UPHELD and question.role == "holder"
        wait = TELL_WITHIN * (0 if lost else _chance.random())
        question.told_after = contest.closed_at + wait
        question.save(update_fields=["told_after"])
        if lost:
            at_once.add(question.tenant_id)
    for tenant in Tenant.objects.filter(pk__in=at_once).order_by("pk"):
        enqueue(tenant)


def enqueue(tenant: Tenant) -> None:
    """A job that writes what is due in this tenant."""
    from origination.tasks import follow_contests

    enqueue_once(follow_contests, tenant=tenant, lock=f"contests-{tenant.pk}")


def who_is_due() -> list[Tenant]:
    """Institutions on whose ledger something is to be written, each by its own clock."""
    told = ContestQuestion.objects.exclude(told_after=None).filter(decided_index=None)
    due = {
        tenant.pk
        for tenant in Tenant.objects.filter(pk__in=told.values("tenant"))
        if _questions(clock.now_of(tenant)).filter(tenant=tenant).exists()
    }
    due |= set(_contests().values_list("contestant_id", flat=True))
    return list(Tenant.objects.filter(pk__in=due).order_by("pk"))


def _questions(at: datetime):
    return ContestQuestion.objects.filter(told_after__lte=at, decided_index=None)


def _contests():
    decided = (ContestState.UPHELD, ContestState.DISMISSED)
    return Contest.objects.filter(state__in=decided, closed_index=None)


def write_decisions(*, at: datetime) -> int:
    """`contest.decided` for each decision that concerns this tenant; returns how many, once each.

    A holder that lost gives the right back in its own books in the same transaction.
    """
    own = current_tenant()
    contests = _contests().filter(contestant=own).values_list("pk", flat=True)
    questions = _questions(at).filter(tenant=own).values_list("pk", flat=True)
    done = sum(_tell_contestant(pk, at) for pk in sorted(contests))
    return done + sum(_tell_asked(pk, at) for pk in sorted(questions))


@transaction.atomic
def _tell_contestant(contest_id: UUID, at: datetime) -> int:
    contest = Contest.objects.select_for_update().get(pk=contest_id)
    if contest.closed_index is not None:
        return 0
    fields = {"right": contest.right} | _decision(contest)
    draft = Draft.service(kind="contest.decided", rid=contest.pk, fields=fields, ts=at)
    contest.closed_index = append_entry(draft=draft).index
    contest.save(update_fields=["closed_index"])
    return 1


@transaction.atomic
def _tell_asked(question_id: UUID, at: datetime) -> int:
    found = ContestQuestion.objects.select_for_update(of=("self",)).select_related("contest")
    question = found.get(pk=question_id)
    if question.decided_index is not None:
        return 0
    contest = question.contest
    if contest.state == ContestState.UPHELD and question.role == "holder":
        hooks.upheld(question.claim_id, contest.right, at)
    fields = {
        "lease": str(question.claim_id),
        "right": contest.right,
        "role": question.role,
        "answer": _ANSWERS[question.state],
    }
    draft = Draft.service(
        kind="contest.decided", rid=question.pk, fields=fields | _decision(contest), ts=at
    )
    question.decided_index = append_entry(draft=draft).index
    question.save(update_fields=["decided_index"])
    return 1


_ANSWERS = {"answered": "given", "lapsed": "lapsed", "question_closed": "none"}


def _decision(contest: Contest) -> dict[str, str]:
    fields = {"outcome": str(contest.state)}
    return fields | ({"reason": contest.reason} if contest.reason else {})
