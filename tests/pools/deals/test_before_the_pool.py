"""Request, due diligence, facility, vote: who may do what, and what each side learns of it."""

from dataclasses import replace
from datetime import UTC, date, datetime, time
from decimal import Decimal

import pytest
from django_tenants.utils import tenant_context

from ledger.exchange.selectors import replica_payloads
from ledger.models import ReplicaPayload
from ledger.selectors import entries, payload
from origination.models import FinancingApplication
from origination.services import request_financing
from pools.deals import services
from pools.deals.checklist import ASKED, MEASURED
from pools.deals.selectors import checklist_of, terms_of
from pools.eligibility.rules import Criterion, Operator
from pools.models import Facility, FacilityState, FinancingRequest
from tests.pools.deals.books import (
    AT,
    LIMIT_MINOR,
    ask,
    clear,
    exchange,
    facility_of,
    terms,
    vote_all,
)
from tests.pools.refusals import refused

pytestmark = pytest.mark.usefixtures("asked_book")


@pytest.fixture
def facility(request_, cast):
    return vote_all(facility_of(clear(request_, cast), cast), cast, True, True, False)


def structured(**changed):
    """The terms of the tests with another structure."""
    return replace(terms(), structure=replace(terms().structure, **changed))


def _ask(cast, **changed):
    given = {
        "to_tenant": cast.trust, "amount_minor": 100, "currency": "CNY", "term_months": 12,
        "purpose": "Cars", "by": cast.manager.pk, "at": AT,
    }  # fmt: skip
    return request_financing(**(given | changed))


def test_a_request_reaches_the_trust_that_was_asked_and_nobody_else(request_, cast):
    assert (request_.source, request_.state) == (cast.anda.pk, "received")
    with tenant_context(cast.anda):
        application = FinancingApplication.objects.get()
        told = payload(application.entry_index)
    assert told["amount_minor"] == str(request_.amount_minor)


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"amount_minor": 0}, "amount_minor"),
        ({"currency": "yuan"}, "currency"),
        ({"term_months": 121}, "term_months"),
        ({"purpose": "  "}, "purpose"),
    ],
)
def test_a_wrong_request_names_its_field_and_writes_nothing(changed, field, cast, enter):
    enter(cast.anda)
    with refused("financing_invalid") as refusal:
        _ask(cast, **changed)
    assert [error.field for error in refusal.value.errors] == [field]
    assert FinancingApplication.objects.count() == 1  # the one that all tests start from


def test_only_a_trust_that_is_related_can_be_asked(cast, enter):
    enter(cast.anda)
    for other in (cast.xingyu, cast.tenants.auditor):
        with refused("not_related"):
            _ask(cast, to_tenant=other)


def test_diligence_measures_what_the_books_say(request_, cast):
    services.measure_diligence(request=request_, by=cast.analyst.pk, at=AT)
    found = {item.code: finding for item, finding in checklist_of(request_)}
    assert {code for code, finding in found.items() if finding} == {m.code for m in MEASURED}
    figures = {code: finding.note for code, finding in found.items() if finding}
    assert figures["copy-proved"] == figures["screened"] == figures["searched"] == "1.000000"
    assert figures["encumbered"] == "0.004167"  # one of 240
    assert all(finding.passed for finding in found.values() if finding)


def test_diligence_is_cleared_only_when_every_answer_is_yes(request_, cast):
    services.measure_diligence(request=request_, by=cast.analyst.pk, at=AT)
    with refused("diligence_open"):
        services.close_diligence(request=request_, cleared=True, by=cast.analyst.pk, at=AT)
    answer = {"request": request_, "note": "Seen.", "by": cast.reviewer.pk, "at": AT}
    for item in ASKED:
        services.answer_diligence(code=item.code, passed=item.code != "servicer", **answer)
    with refused("diligence_open") as refusal:
        services.close_diligence(request=request_, cleared=True, by=cast.analyst.pk, at=AT)
    assert str(refusal.value.params["codes"]) == "servicer"
    services.answer_diligence(code="servicer", passed=True, **answer)
    services.close_diligence(request=request_, cleared=True, by=cast.analyst.pk, at=AT)
    with refused("request_closed"):
        services.answer_diligence(code="servicer", passed=False, **answer)


def test_a_measured_question_is_answered_by_no_person(request_, cast):
    given = {"request": request_, "passed": True, "by": cast.analyst.pk, "at": AT}
    with refused("diligence_invalid") as refusal:
        services.answer_diligence(code="encumbered", note="", **given)
    assert [error.field for error in refusal.value.errors] == ["code", "note"]


def test_a_declined_request_gets_no_facility_and_the_lessor_hears_of_it(request_, cast):
    services.close_diligence(request=request_, cleared=False, by=cast.analyst.pk, at=AT)
    with refused("not_cleared"):
        facility_of(request_, cast)
    exchange(cast.anda, cast.trust)
    with tenant_context(cast.anda):
        assert FinancingApplication.objects.get().state == "declined"


@pytest.mark.parametrize(
    ("changed", "field"),
    [
        ({"name": ""}, "name"),
        ({"limit_minor": 600_000_001}, "limit_minor"),
        ({"expires_on": date(2026, 1, 5)}, "expires_on"),
        ({"quorum": 4}, "quorum"),
        ({"quorum": 1}, "quorum"),
        ({"terms": replace(terms(), severity=Decimal("1.2"))}, "terms.severity"),
        ({"terms": replace(terms(), severity=Decimal(0))}, "terms.severity"),
        ({"terms": replace(terms(), price_yield=Decimal(0))}, "terms.price_yield"),
        ({"terms": replace(terms(), price_yield=Decimal("0.36"))}, "terms.price_yield"),
        ({"terms": structured(reserve_share=Decimal(1))}, "terms.structure.reserve_share"),
        ({"terms": structured(support_minor=LIMIT_MINOR + 1)}, "terms.structure.support_minor"),
        (
            {"terms": structured(mezzanine_share=Decimal("0.21"), mezzanine_rate=Decimal("0.06"))},
            "terms.structure.mezzanine_share",
        ),
        ({"terms": structured(mezzanine_share=Decimal("0.1"))}, "terms.structure.mezzanine_rate"),
        (
            {"terms": replace(terms(), structure=replace(terms().structure, currency="USD"))},
            "terms.structure.currency",
        ),
        ({"terms": structured(senior_share=Decimal("1.5"))}, "terms.structure.senior_share"),
        (
            {
                "terms": replace(
                    terms(),
                    rules=replace(
                        terms().rules,
                        criteria=(Criterion("x", "colour", Operator.EQUAL, ("red",), "Red."),),
                    ),
                )
            },
            "terms.rules.x",
        ),
    ],
)
def test_a_facility_that_cannot_work_is_refused_by_field(changed, field, request_, cast):
    clear(request_, cast)
    with refused("facility_invalid") as refusal:
        facility_of(request_, cast, **changed)
    assert [error.field for error in refusal.value.errors] == [field]
    assert Facility.objects.count() == 0


def test_a_request_has_one_facility_until_it_is_refused_or_lapses(request_, cast):
    first = facility_of(clear(request_, cast), cast)
    with refused("facility_already_proposed"):  # the committee votes on it
        facility_of(request_, cast)
    vote_all(first, cast, True, True, True)
    with refused("facility_already_proposed"):  # it was approved
        facility_of(request_, cast)
    Facility.objects.update(state=FacilityState.REFUSED)
    second = facility_of(request_, cast)
    with refused("facility_already_proposed"):
        facility_of(request_, cast)
    later = datetime.combine(second.expires_on, time(), UTC)
    assert facility_of(request_, cast, at=later, expires_on=date(2027, 12, 31))


def test_terms_come_back_as_they_were_voted_on(facility):
    assert terms_of(facility) == terms()
    assert payload(facility.ledger_index)["terms_sha256"] == facility.terms_sha256


def test_the_committee_decides_when_its_quorum_is_full(request_, cast):
    facility = facility_of(clear(request_, cast), cast)
    assert vote_all(facility, cast, True, True).state == "voting"
    assert entries().filter(kind="committee.decided").count() == 0
    services.cast_vote(
        facility=facility, approves=False, reason="Thin.", by=cast.committee_three.pk, at=AT
    )
    facility.refresh_from_db()
    assert facility.state == "approved"
    told = payload(facility.ledger_index)
    assert told["votes"].count(":yes") == 2 and told["votes"].count(":no") == 1
    with refused("vote_refused"):
        services.cast_vote(facility=facility, approves=True, by=cast.portfolio_manager.pk, at=AT)


def test_nobody_votes_twice_or_on_what_he_proposed(request_, cast):
    facility = facility_of(clear(request_, cast), cast, by=cast.committee.pk, quorum=2)
    with refused("vote_refused"):
        services.cast_vote(facility=facility, approves=True, by=cast.committee.pk, at=AT)
    vote = {"facility": facility, "by": cast.committee_two.pk, "at": AT}
    with refused("vote_invalid"):
        services.cast_vote(approves=False, **vote)
    services.cast_vote(approves=True, **vote)
    with refused("vote_refused"):
        services.cast_vote(approves=False, reason="Changed my mind.", **vote)
    assert facility.votes.count() == 1


def test_a_tie_refuses(request_, cast):
    facility = facility_of(clear(request_, cast), cast, quorum=2)
    assert vote_all(facility, cast, True, False).state == "refused"


def test_the_lessor_reads_the_decision_and_nothing_else_of_the_trust(facility, cast):
    exchange(cast.anda, cast.trust)
    with tenant_context(cast.anda):
        application = FinancingApplication.objects.get()
        assert (application.state, application.limit_minor) == ("approved", facility.limit_minor)
        rows = ReplicaPayload.objects.filter(source=cast.trust.pk).values_list("index", flat=True)
        kinds = {
            payload.fields.get("decision", payload.fields.get("cleared", "key"))
            for payload in replica_payloads(cast.trust.pk, rows).values()
        }
        assert kinds == {"approved", "true", "key"}  # keys are everybody's
    exchange(cast.xingyu, cast.trust)
    with tenant_context(cast.xingyu):
        rows = ReplicaPayload.objects.filter(source=cast.trust.pk).values_list("index", flat=True)
        read = replica_payloads(cast.trust.pk, rows).values()
        assert all("kid" in payload.fields for payload in read)


def test_a_request_that_comes_twice_stands_once(request_, cast):
    ask(cast.anda, cast.trust, manager=cast.manager)
    assert FinancingRequest.objects.count() == 2
    exchange(cast.anda, cast.trust)
    assert FinancingRequest.objects.count() == 2
