"""A contest of a right: what each side does, hears and may know, and what never happens twice."""

import threading
import uuid
from base64 import b64encode
from datetime import timedelta

import pytest
from django.db import connection
from django_tenants.utils import tenant_context

from ledger.selectors import proof_file
from ledger.services import open_log, seal_checkpoint
from origination.contests import deciding
from origination.contests.following import write_decisions
from origination.contests.papers import content_of
from origination.contests.problems import ContestInvalid
from origination.contests.proving import proven
from origination.contests.services import open_contest, withdraw_contest
from origination.domain.contesting import (
    MAX_OPEN,
    MAX_PAPER_BYTES,
    TELL_WITHIN,
    Paper,
)
from origination.tasks import look_after_contests
from tenants import clock
from tenants.jobs import run_waiting_jobs
from tenants.models import Contest, ContestPaper
from tenants.registry import (
    ClaimRequest,
    claim_rights,
    reserve_rights,
    states_of,
)
from tests.origination.contesting import (
    AFTER,
    AT,
    FREE,
    PDF,
    RIGHT,
    SAID,
    VIN,
    WHY,
    contest,
    decide,
    hold,
    operator,
    question,
    reply,
    said,
    written,
)
from tests.pools.refusals import refused


@pytest.fixture
def held(cast):
    """A vehicle of Anda whose receivables are pledged to the trust; the claim's id."""
    return hold(cast)


def test_from_the_contest_to_the_right_that_is_free(held, cast, monkeypatch):
    """Upheld: the registry lets go, every side's ledger says it, none names the other."""
    found = contest(cast)
    assert {row.tenant_id: row.role for row in found.questions.all()} == {
        cast.trust.pk: "holder",
        cast.anda.pk: "claimant",
    }
    reply(cast.trust, cast.portfolio_manager, paper=PDF)
    reply(cast.anda, cast.manager)
    ripe = AT + timedelta(days=2)  # all have answered
    decide(found, "upheld", at=ripe)
    assert states_of(claim_ids=[held]) == {held: "claimed"}
    monkeypatch.setattr(clock, "now_of", lambda _tenant: ripe + TELL_WITHIN)
    look_after_contests.func(0)
    assert run_waiting_jobs() == 3
    names = ("opened", "decided"), ("answered", "decided"), ("answered", "decided")
    for tenant, own in zip((cast.xingyu, cast.trust, cast.anda), names, strict=True):
        assert written(tenant) == [f"contest.{name}" for name in own]
    [opened] = said(cast.xingyu, "contest.opened")
    assert (opened["vin"], opened["evidence_sha256"]) == (VIN, PDF.sha256)
    assert opened["evidence_name"] == "invoice.pdf"
    [heard] = said(cast.xingyu, "contest.decided")
    assert heard == {"right": RIGHT, "outcome": "upheld", "reason": WHY}
    [told] = said(cast.trust, "contest.decided")
    assert told == heard | {"lease": str(held), "role": "holder", "answer": "given"}
    assert content_of(ContestPaper.objects.get(question=question(cast.trust))) == PDF.content
    look_after_contests.func(0)
    assert run_waiting_jobs() == 0
    with tenant_context(cast.trust):
        assert write_decisions(at=AFTER + TELL_WITHIN) == 0
    # who contested may claim and pledge it now
    again = uuid.uuid4()
    request = ClaimRequest(again, [f"vin:{VIN}"])
    [outcome] = claim_rights(claims=[request], by_tenant=cast.xingyu.pk, at=AFTER)
    assert outcome.accepted
    reserve_rights(claim_ids=[again], right=RIGHT, holder=cast.trust.pk, at=AFTER)


def test_the_contestant_hears_the_same_whether_anybody_holds_it_or_not(held, cast):
    one, other = contest(cast), contest(cast, FREE)
    ways = []
    for found in (one, other):
        own = {k: v for k, v in vars(found).items() if k not in {"id", "fingerprint", "sealed"}}
        ways.append({k: v for k, v in own.items() if k not in {"_state", "opened_index"}})
        with refused("not_yet_decidable"):  # not sooner either
            decide(found, "dismissed", at=AFTER - timedelta(seconds=1))
    assert ways[0] == ways[1]
    assert (one.questions.count(), other.questions.count()) == (2, 0)
    for found in (one, other):
        decide(found, "dismissed")
    run_waiting_jobs()
    first, second = said(cast.xingyu, "contest.decided")
    assert first == second
    assert states_of(claim_ids=[held]) == {held: "pledged"}


def test_silence_lapses_and_decides_nothing_by_itself(held, cast):
    found = contest(cast)
    assert deciding.lapse_overdue(contestant=cast.xingyu, at=AFTER - timedelta(seconds=1)) == 0
    assert deciding.lapse_overdue(contestant=cast.xingyu, at=AFTER) == 2
    assert states_of(claim_ids=[held]) == {held: "pledged"}
    with refused("answer_too_late"):
        reply(cast.trust, cast.portfolio_manager, at=AFTER)
    decide(found, "dismissed")
    with tenant_context(cast.trust):
        assert write_decisions(at=AFTER + TELL_WITHIN) == 1
    assert said(cast.trust, "contest.decided")[0]["answer"] == "lapsed"


def test_a_decision_takes_two_operators_names_nobody_and_is_final(held, cast):
    found = contest(cast)
    with pytest.raises(ContestInvalid) as wrong:
        deciding.propose_decision(
            contest=found, outcome="maybe", reason="Huaxin trust was right all along.",
            by=operator(1), at=AFTER,
        )  # fmt: skip
    assert [(e.field, e.code) for e in wrong.value.errors] == [
        ("outcome", "unknown_code"),
        ("reason", "names_party"),
    ]
    given = {"contest": found, "at": AFTER}
    for naming in (
        "The papers say that Xingyu is right.",
        "文件足以证明，星宇所说的属实，因此维持原状。",
        "Write to manager@elsewhere.example about it.",
    ):
        with pytest.raises(ContestInvalid) as wrong:
            deciding.propose_decision(**given, outcome="dismissed", reason=naming, by=operator(1))
        assert [e.code for e in wrong.value.errors] == ["names_party"]
    deciding.propose_decision(**given, outcome="dismissed", reason=WHY, by=operator(1))
    with refused("four_eyes"):
        deciding.confirm_decision(**given, outcome="dismissed", by=operator(1))
    with refused("no_such_proposal"):
        deciding.confirm_decision(**given, outcome="upheld", by=operator(2))
    deciding.confirm_decision(**given, outcome="dismissed", by=operator(2))
    assert deciding.confirm_decision(**given, outcome="dismissed", by=operator(3)).closed_by
    for outcome in ("upheld", "dismissed"):
        with refused("contest_closed"):
            deciding.propose_decision(**given, outcome=outcome, reason=WHY, by=operator(1))


def test_who_took_the_right_since_was_not_heard_and_keeps_it(held, cast):
    from tenants.registry import release_rights

    found = contest(cast)
    release_rights(claim_ids=[held], right=RIGHT, holder=cast.trust.pk, at=AT)
    reserve_rights(claim_ids=[held], right=RIGHT, holder=cast.tenants.auditor.pk, at=AT)
    decide(found, "upheld")
    assert states_of(claim_ids=[held]) == {held: "reserved"}


def test_withdrawn_it_is_over_for_all(held, cast):
    found = contest(cast)
    for _twice in range(2):
        with tenant_context(cast.xingyu):
            withdraw_contest(contest=found, by=cast.rival_manager.pk, at=AT)
    assert written(cast.xingyu) == ["contest.opened", "contest.withdrawn"]
    with refused("answer_too_late"):
        reply(cast.trust, cast.portfolio_manager)
    with refused("contest_closed"):
        decide(found, "upheld")
    with tenant_context(cast.anda), pytest.raises(Contest.DoesNotExist):
        withdraw_contest(contest=found, by=cast.manager.pk, at=AT)
    with tenant_context(cast.trust):
        assert write_decisions(at=AT + TELL_WITHIN) == 1
    [told] = said(cast.trust, "contest.decided")
    assert (told["outcome"], told["answer"]) == ("withdrawn", "none")
    assert contest(cast).pk != found.pk  # anew, if it wants


@pytest.mark.parametrize(
    ("changed", "wrong"),
    [
        ({"vin": "LSV", "right": "lien", "statement": "Mine.", "paper": None},
         [("vin", "invalid"), ("right", "unknown_code"), ("statement", "length"),
          ("evidence", "required")]),
        ({"paper": Paper("a.exe", b"MZ")}, [("evidence", "media_type")]),
        ({"paper": Paper("a.pdf", b"%PDF-" + bytes(MAX_PAPER_BYTES))}, [("evidence", "too_large")]),
        ({"statement": "x" * 2001}, [("statement", "length")]),
    ],
)  # fmt: skip
def test_bad_input_names_every_wrong_field(cast, changed, wrong):
    with pytest.raises(ContestInvalid) as refusal:
        contest(cast, **changed)
    assert [(error.field, error.code) for error in refusal.value.errors] == wrong
    assert (Contest.objects.count(), ContestPaper.objects.count()) == (0, 0)


def test_the_holder_does_not_contest_itself_and_nobody_floods_the_operators(held, cast):
    with tenant_context(cast.trust), pytest.raises(ContestInvalid) as own:
        open_contest(
            vin=VIN, right=RIGHT, statement=SAID, paper=PDF, by=cast.portfolio_manager.pk, at=AT
        )
    assert [(error.field, error.code) for error in own.value.errors] == [("vin", "own")]
    for number in range(MAX_OPEN):
        contest(cast, f"LSVAA2180C3{number:06}")
    with refused("too_many_contests"):
        contest(cast)


def test_a_lessor_contests_a_pledge_of_its_own_lease(held, cast):
    """It claims the right itself: only who holds it is asked."""
    with tenant_context(cast.anda):
        found = open_contest(
            vin=VIN.lower(), right=RIGHT, statement=SAID, paper=PDF, by=cast.manager.pk, at=AT
        )
    assert [row.tenant_id for row in found.questions.all()] == [cast.trust.pk]


def test_an_entry_of_ones_own_ledger_is_proven_to_the_operators(held, cast):
    contest(cast)
    with tenant_context(cast.trust):
        open_log(at=AT)
        seal_checkpoint(at=AT)
        proof = proof_file(0)
    broken = proof.replace(b"index 0", b"index 1")
    longer = b"index 0\n" + b64encode(bytes(32)) + b"\n"
    wrong = [
        ({"proof": b"nonsense"}, ("proof", "malformed")),
        ({"proof": proof, "entry": 1}, ("proof", "other_entry")),
        ({"entry": 10**6}, ("entry", "unknown")),
        ({"proof": proof.replace(b"index 0\n", longer)}, ("proof", "unproven")),
    ]
    for given, code in wrong:
        with pytest.raises(ContestInvalid) as refusal:
            reply(cast.trust, cast.portfolio_manager, **given)
        assert [(error.field, error.code) for error in refusal.value.errors] == [code]
    answered = reply(cast.trust, cast.portfolio_manager, proof=proof)
    assert (answered.entry_index, proven(answered)) == (0, True)
    answered.proof = broken
    assert proven(answered) is False
    assert said(cast.trust, "contest.answered")[0]["entry"] == "0"
    assert proven(reply(cast.anda, cast.manager)) is None


def _together(works):
    barrier, answers = threading.Barrier(len(works)), [None] * len(works)

    def run(number, work):
        try:
            barrier.wait()
            answers[number] = work()
        except Exception as error:
            answers[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=pair) for pair in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_opened_and_decided_by_many_at_once_it_is_one(committed_cast):
    cast = committed_cast
    with tenant_context(cast.xingyu):
        open_log(at=AT)
    rid = hold(cast)
    opened = _together([lambda: contest(cast)] * 4)
    assert len({found.pk for found in opened}) == 1, opened
    assert written(cast.xingyu) == ["contest.opened"]
    found = opened[0]

    def operators(outcome, number):
        def run():
            given = {"contest": found, "outcome": outcome, "at": AFTER}
            deciding.propose_decision(**given, reason=WHY, by=operator(number))
            return deciding.confirm_decision(**given, by=operator(number + 1)).state

        return run

    answers = _together([operators("upheld", 1), operators("dismissed", 3)] * 2)
    found.refresh_from_db()
    given = {str(answer) for answer in answers if not isinstance(answer, Exception)}
    assert given == {found.state}, answers
    codes = {getattr(answer, "code", "") for answer in answers if isinstance(answer, Exception)}
    assert codes <= {"contest_closed", "no_such_proposal", "four_eyes"}, answers
    upheld = found.state == "upheld"
    assert states_of(claim_ids=[rid]) == {rid: "claimed" if upheld else "pledged"}
