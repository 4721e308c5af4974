"""A contest of a right: what each side does, hears and may know, and what never happens twice."""

import io
import threading
import uuid
from base64 import b64encode
from datetime import UTC, datetime, timedelta
from types import SimpleNamespace

import pytest
from django.db import connection
from django.utils import timezone
from django_tenants.utils import tenant_context

from config.demo.calendar import reach
from ledger.models import Entry
from ledger.selectors import entries, payload, proof_file
from ledger.services import open_log, seal_checkpoint
from origination.contests import deciding
from origination.contests.following import write_decisions
from origination.contests.papers import content_of
from origination.contests.problems import ContestInvalid
from origination.contests.proving import proven
from origination.contests.services import answer_question, open_contest, withdraw_contest
from origination.domain.contesting import (
    ANSWER_WITHIN,
    MAX_OPEN,
    MAX_PAPER_BYTES,
    TELL_WITHIN,
    Paper,
)
from origination.tasks import look_after_contests
from tenants import clock
from tenants.jobs import run_waiting_jobs
from tenants.models import Contest, ContestPaper, ContestQuestion
from tenants.registry import (
    ClaimRequest,
    claim_rights,
    perfect_rights,
    reserve_rights,
    states_of,
)
from tests.pools.refusals import refused

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)
AFTER = AT + ANSWER_WITHIN
VIN, FREE = "LSVAA2180C2123456", "LSVAA2180C2654321"
SAID = "We bought this car in 2024 and never gave it to anybody."
WHY = "The papers of both sides were compared; the earlier one counts."
PDF = Paper("C:\\scans\\invoice.pdf", b"%PDF-1.7 an invoice")
RIGHT = "receivables"


@pytest.fixture
def held(cast):
    """A vehicle of Anda whose receivables are pledged to the trust; the claim's id."""
    return hold(cast)


def hold(cast):
    rid = uuid.uuid4()
    claim_rights(claims=[ClaimRequest(rid, [f"vin:{VIN}"])], by_tenant=cast.anda.pk, at=AT)
    given = {"claim_ids": [rid], "right": RIGHT, "holder": cast.trust.pk, "at": AT}
    reserve_rights(**given)
    perfect_rights(**given, state="pledged")
    return rid


def contest(cast, vin=VIN, **changed):
    with tenant_context(cast.xingyu):
        given = {"vin": vin, "right": RIGHT, "statement": SAID, "paper": PDF}
        given |= {"by": cast.rival_manager.pk, "at": AT} | changed
        return open_contest(**given)


def question(tenant):
    return ContestQuestion.objects.get(tenant=tenant)


def reply(tenant, by, **changed):
    with tenant_context(tenant):
        given = {"statement": SAID, "by": by.pk, "at": AT + timedelta(days=1)} | changed
        return answer_question(question=question(tenant), **given)


def operator(number):
    """Operators are uuids to the services; the pages ask for the role."""
    return uuid.UUID(int=number)


def decide(found, outcome, at=AFTER):
    deciding.propose_decision(contest=found, outcome=outcome, reason=WHY, by=operator(1), at=at)
    return deciding.confirm_decision(contest=found, outcome=outcome, by=operator(2), at=at)


def said(tenant, kind):
    with tenant_context(tenant):
        return [payload(entry.index) for entry in entries().filter(kind=kind)]


def written(tenant):
    with tenant_context(tenant):
        found = Entry.objects.filter(kind__startswith="contest.").order_by("index")
        return list(found.values_list("kind", flat=True))


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


class TestPages:
    """Who sees what, in the browser's place."""

    @pytest.fixture
    def desks(self, cast, client_of):
        from tenants.models import User
        from tenants.permissions import Role
        from tenants.provisioning import ensure_person

        second = ensure_person(
            email="second@example.test", display_name="Second", password=None,
            tenant=cast.public, roles=[Role.PLATFORM_OPERATOR],
        )  # fmt: skip
        return SimpleNamespace(
            rival=client_of(cast.rival_manager, cast.xingyu),
            trust=client_of(cast.portfolio_manager, cast.trust),
            anda=client_of(cast.manager, cast.anda),
            one=client_of(cast.operator, cast.public),
            two=client_of(User.objects.get(email="second@example.test"), cast.public),
            second=second,
        )

    def file(self):
        paper = io.BytesIO(PDF.content)
        paper.name = "invoice.pdf"
        return paper

    def test_the_whole_way_and_nobody_sees_the_others(self, held, cast, desks, monkeypatch):
        monkeypatch.setattr(clock, "now_of", lambda _tenant: AT)
        form = {"vin": VIN, "right": RIGHT, "statement": SAID}
        answer = desks.rival.post("/contests/open/", form | {"evidence": self.file()})
        assert answer.status_code == 302, answer.content.decode()
        found = Contest.objects.get()
        page = desks.rival.get(f"/contests/{found.pk}/").content.decode()
        assert VIN in page and "2026-01-26" in page  # fourteen days to answer, seven to decide
        for name in ("Huaxin", "Anda"):
            assert name not in page
        asked = question(cast.trust)
        page = desks.trust.get(f"/contests/questions/{asked.pk}/").content.decode()
        assert SAID in page and "Xingyu" not in page
        # neither side reaches the other's pages or papers, nor does a third
        paper = found.papers.get()
        assert desks.rival.get(f"/contests/papers/{paper.pk}/").content == PDF.content
        for desk in (desks.trust, desks.anda):
            assert desk.get(f"/contests/{found.pk}/").status_code == 404
            assert desk.post(f"/contests/{found.pk}/withdraw/").status_code == 404
            assert desk.get(f"/contests/papers/{paper.pk}/").status_code == 404
        for desk in (desks.rival, desks.anda):
            assert desk.get(f"/contests/questions/{asked.pk}/").status_code == 404
            assert desk.post(f"/contests/questions/{asked.pk}/", form).status_code == 404
        empty = desks.trust.post(f"/contests/questions/{asked.pk}/", {})
        assert empty.status_code == 422
        answer = desks.trust.post(f"/contests/questions/{asked.pk}/", {"statement": SAID})
        assert answer.status_code == 302
        # the operators see all of it, and decide with four eyes
        monkeypatch.setattr(clock, "now_of", lambda _tenant: AFTER)
        case = f"/contests/{found.pk}/"
        page = desks.one.get(case).content.decode()
        for text in (VIN, SAID, "Xingyu", "Huaxin", "Anda", "invoice.pdf"):
            assert text in page
        assert desks.one.get(f"/contests/papers/{paper.pk}/").content == PDF.content
        wrong = desks.one.post(f"{case}propose/", {"outcome": "upheld", "reason": "Anda."})
        assert wrong.status_code == 422
        proposal = {"outcome": "upheld", "reason": WHY}
        assert desks.one.post(f"{case}propose/", proposal).status_code == 302
        assert desks.one.post(f"{case}confirm/", proposal).status_code == 409
        assert desks.two.post(f"{case}confirm/", proposal).status_code == 302
        run_waiting_jobs()
        page = desks.rival.get(f"/contests/{found.pk}/").content.decode()
        assert WHY in page and "Huaxin" not in page
        assert states_of(claim_ids=[held]) == {held: "claimed"}

    def test_a_demo_is_judged_by_its_calendar(self, held, cast, desks):
        """The platform lives by the wall, months ahead of the day that the demo is at."""
        reach(AT.date())
        form = {"vin": VIN, "right": RIGHT, "statement": SAID}
        answer = desks.rival.post("/contests/open/", form | {"evidence": self.file()})
        assert answer.status_code == 302, answer.content.decode()
        found = Contest.objects.get()
        assert found.answer_by < timezone.now()
        look_after_contests.func(0)
        assert question(cast.trust).state == "asked"
        case, proposal = f"/contests/{found.pk}/", {"outcome": "upheld", "reason": WHY}
        assert "To be decided<" not in desks.one.get("/contests/").content.decode()
        page = desks.one.get(case).content.decode()
        assert "after the deadline" in page and f"{case}propose/" not in page
        assert desks.one.post(f"{case}propose/", proposal).status_code == 409
        with refused("not_yet_decidable"):  # whatever time a caller says it is
            decide(found, "upheld", at=timezone.now())
        reach(found.answer_by.date())
        look_after_contests.func(0)
        assert question(cast.trust).state == "lapsed"
        assert "To be decided<" in desks.one.get("/contests/").content.decode()
        assert desks.one.post(f"{case}propose/", proposal).status_code == 302
        assert desks.two.post(f"{case}confirm/", proposal).status_code == 302
        found.refresh_from_db()
        assert found.closed_at.year == AT.year

    def test_a_third_institution_sees_nothing(self, held, cast, client_of, monkeypatch):
        """Two lessors and a trust have to do with it; the other pages are empty."""
        monkeypatch.setattr(clock, "now_of", lambda _tenant: AT)
        with tenant_context(cast.anda):
            open_contest(vin=VIN, right=RIGHT, statement=SAID, paper=PDF, by=cast.manager.pk, at=AT)
        page = client_of(cast.rival_manager, cast.xingyu).get("/contests/").content.decode()
        assert VIN not in page and "/contests/questions/" not in page

    @pytest.mark.parametrize("path", ["/contests/", "/contests/open/"])
    def test_only_who_may_contest_gets_in(self, cast, client_of, path):
        for person, tenant in ((cast.officer, cast.anda), (cast.investor, cast.trust)):
            assert client_of(person, tenant).get(path).status_code == 403
        stranger = client_of(cast.manager, cast.public).get("/contests/")
        assert stranger.headers.get("Location", "").startswith("/sign-in/")
