"""Pages of distributions and units: who may see them, in both languages, with even queries."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from pools.distributions import selectors
from pools.distributions.units import subscribe_units
from pools.models import Distribution, Holding, UnitPayment
from tests.pools.distributions.bought import AT

LANGUAGES = ["en", "zh-hans"]

pytestmark = pytest.mark.usefixtures("paid_book")


def addresses(pool, rid):
    home = f"/distributions/{pool.pk}/"
    return [
        "/distributions/", home, f"{home}1/", f"{home}1/?version=1", f"{home}1/payments/",
        f"{home}1/payments/?q=LATE", f"{home}1/trace/?lease={rid}&reference=LATE/1", "/units/",
    ]  # fmt: skip


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_answers_those_who_see_deals(language, cast, client_of, paid):
    for person in (cast.analyst, cast.portfolio_manager, cast.custodian, cast.committee):
        client = client_of(person, cast.tenants.trust, language=language)
        assert {client.get(url).status_code for url in addresses(*paid)} == {200}


def test_figures_stand_on_the_pages(cast, client_of, paid):
    pool, rid = paid
    client = client_of(cast.custodian, cast.tenants.trust)
    page = client.get(f"/distributions/{pool.pk}/1/").content.decode()
    assert (
        "Conserved to the cent" in page
        and "explained to the cent" in page
        and "verdict--danger" not in page
    )
    with tenant_context(cast.tenants.trust):
        newest = Distribution.objects.get(version=2)
        money = [
            f"¥{unit.amount_minor / 100:,.2f}"
            for unit in newest.unit_payments.filter(amount_minor__gt=0)
        ]
    assert all(amount in page for amount in money)
    assert "+¥" in page  # what the correction changed
    traced = client.get(addresses(*paid)[6]).content.decode()
    assert "¥123.45" in traced and "Followed to the cent" in traced
    found = client.get(f"/distributions/{pool.pk}/1/payments/?q=LATE").content.decode()
    assert "LATE/1" in found and "1–1 of 1" in found


def test_an_investor_sees_his_own_units_and_no_deal(cast, client_of, paid):
    client = client_of(cast.investor, cast.tenants.trust)
    page = client.get("/units/").content.decode()
    assert "Gao Yuan" in page and "Anda Leasing" not in page
    assert {client.get(url).status_code for url in addresses(*paid)[:-1]} == {403}
    everybody = client_of(cast.custodian, cast.tenants.trust).get("/units/").content.decode()
    assert "Gao Yuan" in everybody and "Anda Leasing" in everybody
    assert "Not placed" in everybody and "Not placed" not in page
    with tenant_context(cast.tenants.trust):
        for one in paid[0].deal["tranches"]:  # what is held and what is not are the whole class
            held = [row for row in selectors.units() if row.holding.tranche == one["name"]]
            assert sum(row.holding.units_minor for row in held) == one["original_minor"]
            assert abs(sum(row.share for row in held) - 1) < 1e-9


def test_only_the_manager_acts(cast, client_of, paid):
    pool, _rid = paid
    home = f"/distributions/{pool.pk}/"
    asked = {"tranche": "mezzanine", "holder": "Lin Fund", "units": "12.34"}
    for person in (cast.analyst, cast.custodian, cast.investor):
        client = client_of(person, cast.tenants.trust)
        posts = [f"{home}make/", f"{home}1/correct/", f"{home}units/"]
        assert {client.post(url, asked).status_code for url in posts} == {403}
    manager = client_of(cast.portfolio_manager, cast.tenants.trust)
    assert manager.post(f"{home}units/", asked).status_code == 302
    assert manager.post(f"{home}units/", asked).status_code == 422  # he holds them already
    assert manager.post(f"{home}units/", asked | {"units": "0.001"}).status_code == 422
    assert manager.post(f"{home}1/correct/").status_code == 409  # nothing new is known
    assert manager.post(f"{home}make/").status_code == 422  # it does not say which period
    assert manager.post(f"{home}make/", {"period": "3"}).status_code == 409
    assert manager.post(f"{home}make/", {"period": "2"}).status_code == 302
    assert manager.post(f"{home}make/", {"period": "2"}).status_code == 302  # pressed twice
    assert manager.post(f"{home}1/tape/").status_code == 302
    assert "EX-102" in manager.get("/documents/").content.decode()
    assert client_of(cast.custodian, cast.tenants.trust).post(f"{home}1/tape/").status_code == 403
    with tenant_context(cast.tenants.trust):
        assert Holding.objects.get(holder="Lin Fund").units_minor == 1234
        assert Distribution.objects.filter(pool=pool).count() == 3


def test_units_cost_the_same_queries_for_one_holder_and_many(cast, client_of, paid):
    client = client_of(cast.custodian, cast.tenants.trust)

    def queries():
        client.get("/units/")
        with CaptureQueriesContext(
            connection,
        ) as captured:
            client.get("/units/")
        return len(captured)

    before = queries()
    with tenant_context(cast.tenants.trust):
        for number in range(3):
            subscribe_units(pool=paid[0], tranche="senior", holder=f"Fund {number}", user_id=None,
                            units_minor=10, by=cast.portfolio_manager.pk, at=AT)  # fmt: skip
    assert queries() == before


@pytest.mark.parametrize("language", LANGUAGES)
def test_a_row_that_was_altered_in_the_database_is_named_on_its_page(
    language, cast, client_of, paid
):
    pool, _rid = paid
    client = client_of(cast.analyst, cast.trust, language=language)

    def named():
        return client.get(f"/distributions/{pool.pk}/1/").context["altered"]

    assert named() == []
    with tenant_context(cast.trust):
        row = Distribution.objects.get(pool=pool, version=2)
        Distribution.objects.filter(pk=row.pk).update(principal_minor=row.principal_minor + 1)
        one = row.unit_payments.get(holder="Gao Yuan")
        UnitPayment.objects.filter(pk=one.pk).update(amount_minor=one.amount_minor + 100_000)
    assert named() == ["principal_minor", "senior/Gao Yuan"]
    with tenant_context(cast.trust):
        row.result["lines"][0]["paid_minor"] += 1
        row.save(update_fields=["result"])
    assert named() == ["principal_minor", "result"]
