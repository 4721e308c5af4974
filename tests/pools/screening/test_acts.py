"""Approving a model and starting a screening: who may, what is refused, what happens."""

from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from ledger.selectors import entries
from pools.model_life.readiness import ModelNotReady
from pools.model_life.services import promote_model
from pools.models import ModelState, ModelVersion, ScreeningRun
from tests.pools.deals.books import AS_OF, AT

#: Passed tests as far as the model's page reads their reports.
ALPHA = {
    "verdict": "pass",
    "probability": {"checks": [], "figures": {}, "deciles": [], "roc": []},
    "sample": {"size": 100, "bad": 1, "assets": 9, "share_finding_none": 0.5, "top_tenth_found": 1},
}
BETA = {"verdict": "pass", "checks": [], "simulated_time": True}


def trained(by, **more):
    """A model with reports of its tests; training is tested in test_screening_services.py."""
    values = {
        "family": "scorecard", "trained_as_of": AS_OF, "trained_at": AT, "trained_by": by.pk,
        "seed": 1, "data_hash": "0" * 64, "code_version": "0" * 64, "notes": {},
        "artefact": b"", "artefact_sha256": "0" * 64,
        "alpha": ALPHA, "beta": BETA,
    }  # fmt: skip
    return ModelVersion.objects.create(**(values | more))


def promoted(cast, **more):
    model = trained(cast.analyst, **more)
    for person in (cast.committee, cast.portfolio_manager):
        promote_model(model=model, by=person.pk, at=AT)
    return model


def test_a_model_is_promoted_once(cast, enter):
    enter(cast.trust)
    old, new = promoted(cast), promoted(cast, trained_at=AT + timedelta(days=1))
    for model, state in ((old, ModelState.RETIRED), (new, ModelState.PROMOTED)):
        with pytest.raises(ModelNotReady, match="in use already, or was replaced"):
            promote_model(model=model, by=cast.committee_two.pk, at=AT)
        model.refresh_from_db()
        assert (model.state, model.approvals.count()) == (state, 2)
    assert [entry.kind for entry in entries()].count("model.promoted") == 2


@pytest.fixture
def model(cast):
    """A proven model that nobody approved yet."""
    with tenant_context(cast.trust):
        return trained(cast.analyst)


def test_two_people_approve_and_the_present_champion_retires(cast, client_of, model):
    with tenant_context(cast.trust):
        old = promoted(cast)
    url = f"/models/{model.pk}/approve/"
    for person, said in ((cast.committee, "first"), (cast.portfolio_manager, "second")):
        client = client_of(person, cast.trust)
        assert f"Yours is the {said} approval" in client.get(url).content.decode()
        with tenant_context(cast.trust):
            before = model.approvals.count()
        assert client.post(url).status_code == 302
        with tenant_context(cast.trust):
            assert model.approvals.count() == before + 1
        again = client.post(url)
        assert (again.status_code, bool(again.context["page"].refusal)) == (409, True)
    with tenant_context(cast.trust):
        states = [ModelVersion.objects.get(pk=one.pk).state for one in (old, model)]
        assert states == [ModelState.RETIRED, ModelState.PROMOTED]
        assert [approval.by for approval in model.approvals.order_by("at")] == [
            cast.committee.pk, cast.portfolio_manager.pk,
        ]  # fmt: skip


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_the_button_stands_only_where_it_works(cast, client_of, model, language):
    with tenant_context(cast.trust):
        unproven = trained(cast.analyst, beta=BETA | {"verdict": "fail"})
        own = trained(cast.committee)
        promote_model(model=model, by=cast.committee_two.pk, at=AT)

    def offered(person, shown):
        page = client_of(person, cast.trust, language=language).get(f"/models/{shown.pk}/")
        assert ("Xu Jing" in page.content.decode()) is (shown == model)  # who approved it
        return f"/models/{shown.pk}/approve/" in page.content.decode()

    assert offered(cast.committee, model)
    assert not offered(cast.committee_two, model)  # has approved it
    assert not offered(cast.analyst, model)  # may not
    assert not offered(cast.committee, unproven)
    assert not offered(cast.committee, own)  # trained it
    for shown in (unproven, own):
        client = client_of(cast.committee, cast.trust)
        assert client.post(f"/models/{shown.pk}/approve/").status_code == 409


def test_only_who_may_reaches_the_acts(cast, client_of, model):
    approve, screen = f"/models/{model.pk}/approve/", "/screenings/new/"
    for person, url in (
        (cast.analyst, approve), (cast.reviewer, approve), (cast.custodian, approve),
        (cast.committee, screen), (cast.portfolio_manager, screen), (cast.investor, screen),
    ):  # fmt: skip
        client = client_of(person, cast.trust)
        assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)
    with tenant_context(cast.trust):
        assert not model.approvals.exists()


@pytest.mark.parametrize("language", ["en", "zh-hans"])
def test_without_a_champion_nothing_is_screened(cast, client_of, model, language):
    client = client_of(cast.analyst, cast.trust, language=language)
    assert "/screenings/new/" in client.get("/screenings/").content.decode()
    shown = client.get("/screenings/new/")
    assert shown.context["page"].refusal
    assert "data-busy" not in shown.content.decode().split("<main")[1]
    assert client.post("/screenings/new/").status_code == 409
    with tenant_context(cast.trust):
        assert not ScreeningRun.objects.exists()
    others = client_of(cast.committee, cast.trust).get("/screenings/").content.decode()
    assert "/screenings/new/" not in others
