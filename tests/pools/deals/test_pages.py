"""The deal's pages up to the committee: what they say, who may act, refusals beside the form."""

from datetime import date
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from pools.deals.checklist import ASKED
from pools.deals.services import measure_diligence
from pools.models import Facility, FinancingRequest
from tests.pools.deals.books import ASKED_MINOR, AT, ask, clear, facility_of, vote_all

pytestmark = pytest.mark.usefixtures("asked_book")

PROPOSAL = {
    "name": "Anda 2026", "limit": "2000000", "expires_on": "2099-12-31", "quorum": "3",
    "form": "loan", "rules": "house-2024", "senior_share": "75", "senior_rate": "4.5",
    "mezzanine_share": "15", "mezzanine_rate": "6.5", "reserve_share": "1", "support": "",
    "price_yield": "6", "annual_default": "1.2", "annual_prepayment": "6", "severity": "45",
}  # fmt: skip

WRONG = [
    ({"limit": "9000000"}, "limit"),  # more than was asked for: the service says so
    ({"quorum": "9"}, "quorum"),  # more than may vote
    ({"expires_on": "2020-01-01"}, "expires_on"),
    ({"senior_share": "90"}, "mezzanine_share"),
    ({"senior_share": "0", "mezzanine_share": "0"}, "senior_share"),
    ({"price_yield": "-1"}, "price_yield"),
    ({"price_yield": "0"}, "price_yield"),
    ({"price_yield": "36"}, "price_yield"),
    ({"severity": "0"}, "severity"),
    ({"annual_default": "0"}, "annual_default"),
    ({"reserve_share": "100"}, "reserve_share"),
    ({"mezzanine_rate": "4"}, "mezzanine_rate"),  # below the senior rate
    ({"support": "-1"}, "support"),
    ({"support": "2000000.01"}, "support"),  # above the limit
]


@pytest.fixture
def analyst(cast, client_of):
    return client_of(cast.analyst, cast.trust)


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_page_opens_for_all_who_see_deals(language, request_, cast, client_of):
    facility = facility_of(clear(request_, cast), cast)
    pages = ["/deals/", f"/deals/requests/{request_.pk}/", f"/deals/facilities/{facility.pk}/"]
    for person in (cast.analyst, cast.committee, cast.custodian, cast.reviewer):
        client = client_of(person, cast.trust, language=language)
        assert {page: client.get(page).status_code for page in pages} == dict.fromkeys(pages, 200)
    investor = client_of(cast.investor, cast.trust, language=language)
    assert {investor.get(page).status_code for page in pages} == {403}


def test_the_check_list_is_measured_answered_and_closed(request_, cast, analyst):
    url = f"/deals/requests/{request_.pk}/"
    assert analyst.post(f"{url}close/clear/").context["page"].refusal
    assert analyst.post(f"{url}measure/").status_code == 302
    for item in ASKED:
        wrong = analyst.post(f"{url}answer/{item.code}/", {"passed": "yes"})
        assert wrong.status_code == 422
        [row] = [row for row in wrong.context["items"] if row.code == item.code]
        assert row.form.errors.keys() == {"note"}
        answer = {"passed": "yes", "note": "Seen at the office."}
        assert analyst.post(f"{url}answer/{item.code}/", answer).status_code == 302

    def acts():
        return [act.code for act in analyst.get(url).context["acts"]]

    assert acts() == ["decline"]  # as of today the made-up screening is too old
    page = analyst.get(url)
    [old] = [item for item in page.context["failed"] if item.code == "screening-age"]
    days = int(old.finding.note)
    text = page.content.decode()
    assert "Why it cannot be cleared" in text and "Screen every asset anew." in text
    assert f"{days - 45:,} days too high" in text
    with tenant_context(cast.trust):
        measure_diligence(request=request_, by=cast.analyst.pk, at=AT)
    assert acts() == ["clear", "decline"]
    assert "Why it cannot be cleared" not in analyst.get(url).content.decode()
    assert "can no longer be changed" in analyst.get(f"{url}close/clear/").content.decode()
    assert analyst.post(f"{url}close/clear/").status_code == 302
    assert analyst.get(url).context["asked"].state == "cleared"
    assert analyst.post(f"{url}answer/accounts/", answer).status_code == 409
    assert analyst.get(f"{url}close/other/").status_code == 404


def test_who_may_not_look_into_it_is_shown_no_button(request_, cast, client_of):
    committee = client_of(cast.committee, cast.trust)
    url = f"/deals/requests/{request_.pk}/"
    page = committee.get(url)
    assert (page.context["acts"], page.context["may_answer"]) == ([], False)
    refused = [f"{url}measure/", f"{url}answer/accounts/", f"{url}close/clear/", f"{url}propose/"]
    assert {committee.post(one).status_code for one in refused} == {403}


def test_a_facility_is_read_in_words_before_it_is_proposed(request_, cast, enter, analyst):
    url = f"/deals/requests/{request_.pk}/propose/"
    assert "must be closed first" in analyst.get(url).content.decode()
    with tenant_context(cast.trust):
        clear(request_, cast)
    assert analyst.get(url).context["form"].initial["limit"] == ASKED_MINOR / 100
    for wrong, field in WRONG:
        page = analyst.post(url, PROPOSAL | {"confirmed": "yes"} | wrong)
        assert (page.status_code, set(page.context["form"].errors)) == (422, {field})
    sale = PROPOSAL | {"form": "assignment"}
    assert analyst.post(url, sale).context["terms"].recourse is False
    assert analyst.post(url, sale | {"support": "50000"}).context["terms"].recourse is True
    assert "With recourse to the lessor" in analyst.post(url, PROPOSAL).content.decode()
    assert "terms" not in analyst.post(url, PROPOSAL | {"change": "yes"}).context
    with tenant_context(cast.trust):
        assert not Facility.objects.exists()
    made = analyst.post(url, PROPOSAL | {"confirmed": "yes"})
    with tenant_context(cast.trust):
        facility = Facility.objects.get()
    assert made.url == f"/deals/facilities/{facility.pk}/"
    structure = facility.terms["structure"]
    assert [Decimal(structure[name]) for name in ("senior_share", "senior_rate")] == [
        Decimal("0.75"), Decimal("0.045"),
    ]  # fmt: skip
    assert (facility.limit_minor, facility.expires_on) == (200_000_000, date(2099, 12, 31))
    assert facility.form == "loan"


def test_a_proposal_gets_a_name_that_is_free(request_, cast, analyst):
    url = f"/deals/requests/{request_.pk}/propose/"
    plain = analyst.get(url).context["form"].initial["name"]
    with tenant_context(cast.trust):
        facility = facility_of(clear(request_, cast), cast, name=plain)
    assert analyst.get(url).context["form"].initial["name"] == f"{plain} (2)"
    with tenant_context(cast.trust):
        Facility.objects.filter(pk=facility.pk).update(name=f"{plain} (2)")
    assert analyst.get(url).context["form"].initial["name"] == plain


def test_members_vote_once_and_the_page_says_what_was_decided(request_, cast, client_of):
    facility = facility_of(clear(request_, cast), cast)
    url = f"/deals/facilities/{facility.pk}/"
    member = client_of(cast.committee, cast.trust)
    assert [act.code for act in member.get(url).context["acts"]] == ["vote"]
    assert "cannot be changed" in member.get(f"{url}vote/").content.decode()
    silent = member.post(f"{url}vote/", {"approves": "no"})
    assert (silent.status_code, silent.context["form"].errors.keys()) == (422, {"reason"})
    assert member.post(f"{url}vote/", {"approves": "yes"}).status_code == 302
    assert member.get(url).context["acts"] == []
    assert "You have voted" in member.get(f"{url}vote/").content.decode()
    assert member.post(f"{url}vote/", {"approves": "yes"}).status_code == 409
    assert client_of(cast.analyst, cast.trust).get(f"{url}vote/").status_code == 403
    for other in (cast.committee_two, cast.committee_three):
        client_of(other, cast.trust).post(f"{url}vote/", {"approves": "yes"})
    page = member.get(url)
    assert page.context["facility"].state == "approved"
    assert f"/ledger/entries/{page.context['facility'].ledger_index}/" in page.content.decode()


def test_queries_do_not_grow_with_the_rows(request_, cast, enter, analyst):
    facility = facility_of(clear(request_, cast), cast)
    pages = ["/deals/", f"/deals/requests/{request_.pk}/", f"/deals/facilities/{facility.pk}/"]

    def queries(url):
        analyst.get(url)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            analyst.get(url)
        return len(captured)

    vote_all(facility, cast, True)
    few = [queries(page) for page in pages]
    rid = ask(cast.anda, cast.trust, manager=cast.manager)
    with tenant_context(cast.trust):
        more = FinancingRequest.objects.get(rid=rid)
        Facility.objects.update(state="refused")  # only then may another be proposed
        for request in (request_, clear(more, cast)):
            facility_of(request, cast, name="Another")
        Facility.objects.update(state="voting")
        facility.votes.create(by=cast.committee_two.pk, approves=True, at=facility.proposed_at)
    assert [queries(page) for page in pages] == few


def test_home_says_what_waits_for_whom(request_, cast, client_of):
    def waits(person):
        body = client_of(person, cast.trust).get("/").content.decode()
        return "1 step of a deal waits for you" in body

    assert (waits(cast.analyst), waits(cast.committee)) == (True, False)
    with tenant_context(cast.trust):
        facility_of(clear(request_, cast), cast)
    assert (waits(cast.analyst), waits(cast.committee)) == (False, True)
