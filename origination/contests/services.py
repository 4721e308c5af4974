"""The steps of the contestant and of those who are asked, each in its own tenant."""

from datetime import datetime
from uuid import UUID

from django.db import IntegrityError, transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.contests.papers import hashes, keep_paper, sealed_words
from origination.contests.problems import (
    AnswerTooLate,
    ContestClosed,
    ContestInvalid,
    TooManyContests,
)
from origination.contests.proving import Named, named_entry
from origination.domain import contesting as rules
from origination.domain.contesting import Paper
from tenants.context import current_tenant
from tenants.models import Contest, ContestQuestion, ContestState, QuestionState
from tenants.problems import FieldError
from tenants.registry import RIGHTS, Held, fingerprints, holders_of, retried


@retried()
@transaction.atomic
def open_contest(
    *, vin: str, right: str, statement: str, paper: Paper | None, by: UUID, at: datetime
) -> Contest:
    """Object to whoever holds this right on this vehicle: `contest.opened` on one's own ledger.

    What comes back is the same whether anybody holds it or not. Opened twice it is one, the first.
    Raises `ContestInvalid` naming every wrong field, or `TooManyContests`.
    """
    vin, own = "".join(vin.split()).upper(), current_tenant()
    if errors := rules.check_filing(vin, right, statement, paper, RIGHTS):
        raise ContestInvalid(errors=errors)
    assert paper is not None
    marks = fingerprints(f"vin:{vin}")
    mine = Contest.objects.filter(contestant=own, state=ContestState.OPEN)
    if found := mine.filter(right=right, fingerprint__in=marks).first():
        return found
    if mine.count() >= rules.MAX_OPEN:
        raise TooManyContests
    held = holders_of(identifier=f"vin:{vin}", right=right)
    if any(claim.holder == own.pk for claim in held):
        what = "Your own institution holds this right."
        raise ContestInvalid(errors=[FieldError("vin", "own", what, "Look at your own pools.")])
    contest = Contest(
        contestant=own, right=right, fingerprint=marks[0], opened_by=by, opened_at=at,
        answer_by=at + rules.ANSWER_WITHIN,
    )  # fmt: skip
    contest.sealed = sealed_words({"vin": vin, "statement": statement.strip()}, contest)
    try:
        with transaction.atomic():
            contest.save(force_insert=True)
    except IntegrityError:  # a colleague was faster by a moment
        return mine.get(right=right, fingerprint=marks[0])
    keep_paper(paper, contest=contest)
    ask(contest, held)
    contest.opened_index = append_entry(draft=_opened(contest, vin, statement, paper)).index
    contest.save(update_fields=["opened_index"])
    return contest


def ask(contest: Contest, held: list[Held]) -> None:
    """A question to each who holds the right and to each who gave it, but not to the contestant."""
    asked = {}
    for claim in held:
        for role, tenant in (("claimant", claim.claimant), ("holder", claim.holder)):
            if tenant != contest.contestant_id:
                asked[tenant, claim.claim_id] = role
    ContestQuestion.objects.bulk_create(
        [
            ContestQuestion(contest=contest, tenant_id=tenant, role=role, claim_id=claim_id)
            for (tenant, claim_id), role in asked.items()
        ]
    )


def _opened(contest: Contest, vin: str, statement: str, paper: Paper) -> Draft:
    fields = {
        "vin": vin,
        "right": contest.right,
        "statement": statement.strip(),
        "answer_by": contest.answer_by.isoformat(),
        "opened_by": str(contest.opened_by),
    } | hashes(paper)
    return Draft.service(
        kind="contest.opened", rid=contest.pk, fields=fields, ts=contest.opened_at
    )  # fmt: skip


@transaction.atomic
def withdraw_contest(*, contest: Contest, by: UUID, at: datetime) -> Contest:
    """The contestant takes it back: `contest.withdrawn`. Repeating it changes nothing."""
    contest = Contest.objects.select_for_update().get(pk=contest.pk, contestant=current_tenant())
    if contest.state == ContestState.WITHDRAWN:
        return contest
    if contest.state != ContestState.OPEN:
        raise ContestClosed
    close(contest, ContestState.WITHDRAWN, by=by, at=at)
    draft = Draft.service(
        kind="contest.withdrawn", rid=contest.pk, fields={"withdrawn_by": str(by)}, ts=at
    )
    contest.closed_index = append_entry(draft=draft).index
    contest.save(update_fields=["closed_index"])
    return contest


def close(contest: Contest, state: ContestState, *, by: UUID, at: datetime) -> None:
    """An open, locked contest ends; jobs write what follows on the ledgers of those concerned."""
    from origination.contests.following import tell

    contest.state, contest.closed_by, contest.closed_at = state, by, at
    contest.save(update_fields=["state", "closed_by", "closed_at", "reason"])
    contest.questions.filter(state=QuestionState.ASKED).update(state=QuestionState.CLOSED)
    tell(contest)


@transaction.atomic
def answer_question(
    *,
    question: ContestQuestion,
    statement: str,
    paper: Paper | None = None,
    entry: int | None = None,
    proof: bytes | None = None,
    by: UUID,
    at: datetime,
) -> ContestQuestion:
    """Say why the right should stand: `contest.answered` on the answering side's ledger, once.

    Raises `ContestInvalid` naming every wrong field, or `AnswerTooLate`.
    """
    contest = Contest.objects.select_for_update().get(pk=question.contest_id)
    question = contest.questions.get(pk=question.pk, tenant=current_tenant())
    if question.state != QuestionState.ASKED or at >= contest.answer_by:
        raise AnswerTooLate
    errors = [*rules.check_text("statement", statement), *rules.check_paper(paper, needed=False)]
    named = None
    try:
        named = named_entry(entry, proof)
    except ContestInvalid as refused:
        errors += refused.errors
    if errors:
        raise ContestInvalid(errors=errors)
    question.state = QuestionState.ANSWERED
    question.answered_by, question.answered_at = by, at
    question.sealed = sealed_words({"statement": statement.strip()}, question)
    if paper is not None:
        keep_paper(paper, contest=contest, question=question)
    if named is not None:
        question.entry_index, question.leaf, question.proof = named.index, named.leaf, named.proof
    draft = _answered(question, contest, statement, paper, named)
    question.answered_index = append_entry(draft=draft).index
    question.save()
    return question


def _answered(
    question: ContestQuestion,
    contest: Contest,
    statement: str,
    paper: Paper | None,
    named: Named | None,
) -> Draft:
    fields = {
        "lease": str(question.claim_id),
        "right": contest.right,
        "role": question.role,
        "statement": statement.strip(),
        "answered_by": str(question.answered_by),
    } | hashes(paper)
    if named is not None:
        fields["entry"] = str(named.index)
    return Draft.service(
        kind="contest.answered", rid=question.pk, fields=fields, ts=question.answered_at
    )
