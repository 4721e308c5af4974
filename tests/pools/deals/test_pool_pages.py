"""The pages of a pool, from packaging to the payment, and every act behind its confirmation."""

from datetime import timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from pools.deals import services
from pools.deals.structure import Class, pays_risk_less
from pools.models import Disbursement, Pool
from tests.pools.deals.books import AT, answer, approve

pytestmark = pytest.mark.usefixtures("packaged_book")

LATER = AT + timedelta(days=1)
TABS = ["", "selection/", "structure/", "assets/"]


@pytest.fixture
def people(cast, client_of):
    names = ("analyst", "committee", "portfolio_manager", "custodian", "investor")
    return {name: client_of(getattr(cast, name), cast.trust) for name in names}


@pytest.fixture
def pool(packaged):
    return packaged


def _state(cast, pool):
    with tenant_context(cast.trust):
        return Pool.objects.get(pk=pool.pk).state


def _acts(client, pool):
    return [act.code for act in client.get(f"/deals/pools/{pool.pk}/").context["acts"]]


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_every_tab_opens_for_all_who_see_deals(language, pool, cast, client_of):
    urls = [f"/deals/pools/{pool.pk}/{tab}" for tab in TABS] + ["/deals/"]
    for person in (cast.analyst, cast.custodian):
        client = client_of(person, cast.trust, language=language)
        assert {url: client.get(url).status_code for url in urls} == dict.fromkeys(urls, 200)
    investor = client_of(cast.investor, cast.trust, language=language)
    assert {investor.get(url).status_code for url in urls} == {403}
    missing = f"/deals/pools/{cast.trust.pk}/"
    assert client.get(missing).status_code == 404


def test_the_figures_are_the_decisions_own(pool, cast, people):
    page = people["analyst"].get(f"/deals/pools/{pool.pk}/selection/").context
    with tenant_context(cast.trust):
        members = pool.members.count()
        balance = sum(pool.members.values_list("balance_minor", flat=True))
    counts = {row["rule"]: row["count"] for row in pool.report["failures"]}
    assert {row.code: row.assets for row in page["failures"]} == counts
    assert sum(page["provinces"].values()) == balance == pool.balance_minor
    assert all(row.holds for row in page["limits"])
    for cut in page["strata"]:
        assert sum(row["assets"] for row in cut["rows"]) <= members == pool.assets
    classes = people["analyst"].get(f"/deals/pools/{pool.pk}/structure/").context["classes"]
    assert sum(one.original_minor for one in classes) == pool.balance_minor
    assert [one.support for one in classes][-1] == 0
    assert classes[0].support == sum(one.share for one in classes[1:])


def test_the_pools_page_shows_sources_equal_to_uses(pool, cast, people):
    page = people["committee"].get(f"/deals/pools/{pool.pk}/")
    closing = page.context["closing"]
    assert closing.holds
    sums = [sum(line.minor for line in lines) for lines in (closing.uses, closing.sources)]
    nominal = sum(one["original_minor"] for one in pool.deal["tranches"])
    premium = closing.funding.premium_minor
    assert sums == [pool.price_minor + closing.funding.reserve_minor, nominal + premium]
    text = page.content.decode()
    assert "Sources and uses are equal" in text and "verdict--danger" not in text
    for line in (*closing.uses, *closing.sources):
        assert f"{line.minor / 100:,.2f}" in text


def test_members_are_found_and_paged(pool, cast, people):
    url = f"/deals/pools/{pool.pk}/assets/"
    page = people["analyst"].get(url).context["page_obj"]
    assert page.paginator.count == pool.assets
    balances = [member.balance_minor for member in page]
    assert balances == sorted(balances, reverse=True)
    first = page[0].asset
    for text in (first.contract_number, first.vin.lower()):
        found = people["analyst"].get(url, {"q": text}).context["page_obj"]
        assert [member.asset_id for member in found] == [first.pk]
    assert not people["analyst"].get(url, {"q": "nothing"}).context["page_obj"].object_list


def test_a_pool_is_packaged_behind_its_confirmation(facility, cast, people):
    url = f"/deals/facilities/{facility.pk}/package/"
    analyst = people["analyst"]
    page = analyst.get(f"/deals/facilities/{facility.pk}/")
    assert [act.code for act in page.context["acts"]] == ["package"]
    assert "Nothing is bought yet" in analyst.get(url).content.decode()
    assert people["committee"].post(url, {"name": "P"}).status_code == 403
    assert analyst.post(url, {"name": ""}).status_code == 422
    stale = analyst.post(url, {"name": "P"})  # by today's clock the screening is old
    assert stale.status_code == 409
    assert "Screen all assets first." in stale.content.decode()


def test_the_line_of_acts_from_approval_to_payment(pool, cast, people):
    manager, custodian = people["portfolio_manager"], people["custodian"]
    base = f"/deals/pools/{pool.pk}/"
    assert _acts(people["analyst"], pool) == []
    assert people["analyst"].post(f"{base}approve/").status_code == 403
    assert _acts(manager, pool) == ["approve", "cancel"]
    for client in (people["committee"], manager):
        assert "cannot be taken back" in client.get(f"{base}approve/").content.decode()
        assert client.post(f"{base}approve/").status_code == 302
    assert client.get(f"{base}approve/").context["page"].refusal
    assert client.post(f"{base}approve/").status_code == 409
    assert _state(cast, pool) == "approved"
    assert _acts(manager, pool) == ["ask", "cancel"]
    assert manager.get(f"{base}purchase/").context["page"].refusal
    with tenant_context(cast.trust):
        services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    assert _acts(manager, pool) == ["cancel"]  # the lessor has not answered
    refused = manager.post(f"{base}purchase/")
    assert (refused.status_code, refused.context["problem"].code) == (409, "not_accepted")
    answer(cast.anda, cast.trust, manager=cast.manager)
    assert _acts(manager, pool) == ["purchase", "cancel"]
    assert "pledged to us" in manager.get(f"{base}purchase/").content.decode()
    assert manager.post(f"{base}purchase/").status_code == 302
    assert _acts(manager, pool) == ["instruct"]
    assert custodian.post(f"{base}instruct/").status_code == 403
    assert manager.post(f"{base}instruct/").status_code == 302
    with tenant_context(cast.trust):
        paid = Disbursement.objects.get(pool=pool)
    confirm = f"/deals/payments/{paid.pk}/confirm/"
    assert (_acts(manager, pool), _acts(custodian, pool)) == ([], ["confirm"])
    assert manager.post(confirm, {"bank_reference": "B1"}).status_code == 403
    assert custodian.post(confirm, {"bank_reference": ""}).status_code == 422
    assert custodian.post(confirm, {"bank_reference": "B1"}).status_code == 302
    assert _state(cast, pool) == "disbursed"
    page = manager.get(base)
    assert "B1" in page.content.decode()
    kinds = [entry.kind for entry in page.context["entries"]]
    assert {"pool.packaged", "pledge.requested", "pledge.perfected", "pool.purchased",
            "pool.disbursed", "committee.decided", "document.issued"} <= set(kinds)  # fmt: skip
    assert [step["state"] for step in page.context["steps"]] == ["done"] * 5


def test_a_pool_is_given_up_behind_its_confirmation(pool, cast, people):
    approve(pool, cast)
    url = f"/deals/pools/{pool.pk}/cancel/"
    assert people["committee"].post(url).status_code == 403
    assert "for good" in people["portfolio_manager"].get(url).content.decode()
    assert people["portfolio_manager"].post(url).status_code == 302
    assert _state(cast, pool) == "cancelled"
    page = people["portfolio_manager"].get(f"/deals/pools/{pool.pk}/")
    assert page.context["steps"][-1]["state"] == "failed"
    assert page.context["acts"] == []


def test_queries_do_not_grow_with_the_pools(pool, facility, cast, people):
    services.cancel_pool(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    one = services.package_pool(
        facility=facility, name="P", by=cast.analyst.pk, at=AT, target_minor=120_000_000
    )
    urls = ["/deals/", f"/deals/facilities/{facility.pk}/"]
    urls += [f"/deals/pools/{one.pk}/{tab}" for tab in TABS]

    def queries(url):
        people["analyst"].get(url)
        with CaptureQueriesContext(
            connection,
        ) as captured:
            people["analyst"].get(url)
        return len(captured)

    few = [queries(url) for url in urls]
    with tenant_context(cast.trust):
        for name in ("Q", "R"):
            more = services.package_pool(
                facility=facility, name=name, by=cast.analyst.pk, at=AT, target_minor=120_000_000
            )
            services.cancel_pool(pool=more, by=cast.portfolio_manager.pk, at=AT)
        for person in (cast.committee, cast.portfolio_manager):
            services.approve_pool(pool=one, by=person.pk, at=AT)
    assert [queries(url) for url in urls] == few


def test_a_first_loss_that_earns_less_than_a_note_is_pointed_at():
    def earning(*yields):
        return [Class("", 1, 1, Decimal(0), None, Decimal(0), None, one) for one in yields]

    senior, mezzanine = Decimal("0.034"), Decimal("0.048")
    assert pays_risk_less(earning(senior, mezzanine, Decimal("0.04")))
    assert not pays_risk_less(earning(senior, mezzanine, Decimal("0.09")))
    assert not pays_risk_less(earning(senior, mezzanine, None))
