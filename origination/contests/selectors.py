"""What each side may see of contests: its own filings, and what itself is asked."""

from datetime import datetime
from uuid import UUID

from django.db.models import F, Q, QuerySet

from origination.contests.papers import words_of
from origination.contests.wording import RIGHT_NAMES
from origination.domain import contesting as rules
from tenants.context import current_tenant
from tenants.models import Contest, ContestPaper, ContestQuestion, ContestState, QuestionState


def own_contests() -> QuerySet[Contest]:
    """This tenant's contests, the newest first."""
    return Contest.objects.filter(contestant=current_tenant())


def own_questions() -> QuerySet[ContestQuestion]:
    """What this tenant is asked, the newest first."""
    asked = ContestQuestion.objects.filter(tenant=current_tenant()).select_related("contest")
    return asked.order_by("-contest__opened_at", "id")


def questions_waiting(at: datetime) -> QuerySet[ContestQuestion]:
    """Questions that wait for this tenant's answer."""
    return own_questions().filter(state=QuestionState.ASKED, contest__answer_by__gt=at)


def own_papers() -> QuerySet[ContestPaper]:
    """Files that this tenant gave itself."""
    own = current_tenant()
    filed = Q(contest__contestant=own, question=None)
    return ContestPaper.objects.filter(filed | Q(question__tenant=own))


def ripe(contest: Contest, at: datetime) -> bool:
    """Whether the operators may decide now."""
    answered = [q.state == QuestionState.ANSWERED for q in contest.questions.all()]
    is_open = contest.state == ContestState.OPEN
    return is_open and rules.may_be_decided(answered, contest.answer_by, at)


def described(contest: Contest, at: datetime) -> dict[str, object]:
    """A contest with its words opened, for its contestant or the operators."""
    is_open = contest.state == ContestState.OPEN
    return {
        "contest": contest,
        "words": words_of(contest),
        "right": RIGHT_NAMES[contest.right],
        "hear_by": rules.hear_by(contest.answer_by),
        "is_open": is_open,
        "is_late": is_open and rules.is_late(contest.answer_by, at),
    }


def asked_about(question: ContestQuestion, at: datetime) -> dict[str, object]:
    """A question as whom it is put to may see it: neither who contests, nor the evidence."""
    contest = question.contest
    return {
        "question": question,
        "asked": words_of(contest).get("statement", ""),
        "answer": words_of(question).get("statement", ""),
        "right": RIGHT_NAMES[contest.right],
        "is_open": question.state == QuestionState.ASKED and at < contest.answer_by,
    }


def cases() -> QuerySet[Contest]:
    """Every contest, for the operators: open ones first, by their deadline."""
    found = Contest.objects.select_related("contestant").prefetch_related("questions")
    return found.order_by(F("closed_at").desc(nulls_first=True), "answer_by", "id").defer("sealed")


def case_of(contest_id: UUID) -> Contest | None:
    """One contest with all that belongs to it."""
    found = Contest.objects.select_related("contestant")
    return found.prefetch_related("questions__tenant", "questions__papers").filter(
        pk=contest_id
    ).first()  # fmt: skip
