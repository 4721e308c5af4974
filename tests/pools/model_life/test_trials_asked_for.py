"""A model asked for on the page: who may, one at a time, what stops it, and a live shadow run."""

from datetime import UTC, date, datetime, timedelta

import pytest
from django_tenants.utils import tenant_context

from origination.domain.months import month_end
from pools import tasks
from pools.model_life import shadow_runs
from pools.model_life.asking import ask_for_model, latest_training_day
from pools.model_life.readiness import ModelNotReady
from pools.models import ModelTrial, ModelVersion, ShadowRun, TrialState
from tenants.jobs import run_waiting_jobs
from tenants.models import Tenant
from tenants.problems import Invalid
from tests.pools.screening.test_acts import trained

AT = datetime(2026, 5, 4, 9, tzinfo=UTC)


def test_an_analyst_asks_and_a_thin_history_stops_it_with_a_reason(cast, client_of):
    client = client_of(cast.analyst, cast.trust)
    form = {"family": "boosting", "train_as_of": "2020-01-31"}
    assert client.get("/models/new/").status_code == 200
    assert client.post("/models/new/", form).status_code == 302
    waiting = client.get("/models/").content.decode()
    assert "Training and testing: Gradient boosting, on history until 2020-01-31" in waiting
    again = client.post("/models/new/", form)
    assert (again.status_code, "Another model is being trained" in again.content.decode()) == (
        409, True,
    )  # fmt: skip
    assert run_waiting_jobs() == 1
    with tenant_context(cast.trust):
        assert ModelTrial.objects.get().state == TrialState.REFUSED
        assert not ModelVersion.objects.exists()
    for language, word in (("en", "Choose a later date"), ("zh-hans", "请选择更晚的日期")):
        shown = client_of(cast.analyst, cast.trust, language=language).get("/models/")
        assert word in shown.content.decode()


def test_the_back_test_needs_its_twelve_months(cast, client_of):
    client = client_of(cast.analyst, cast.trust)
    latest = client.get("/models/new/").context["form"].initial["train_as_of"]
    late = {"family": "boosting", "train_as_of": month_end(latest, 1)}
    answer = client.post("/models/new/", late)
    assert answer.status_code == 422
    assert f"Choose {latest.isoformat()} or earlier" in answer.content.decode()
    for today in (date(2026, 3, 1), date(2026, 3, 31)):
        assert latest_training_day(today) == date(2025, 2, 28)
    odd = client.post("/models/new/", {"family": "boosting", "train_as_of": "2024-06-15"})
    assert (odd.status_code, "Choose 2024-06-30." in odd.content.decode()) == (422, True)
    with tenant_context(cast.trust), pytest.raises(Invalid, match="no such kind of model"):
        ask_for_model(family="oracle", train_as_of=late["train_as_of"], by=cast.analyst.pk, at=AT)


@pytest.mark.parametrize("path", ["/models/new/", "/models/{}/shadow/"])
def test_only_who_trains_reaches_the_acts(cast, client_of, path):
    with tenant_context(cast.trust):
        url = path.format(trained(cast.analyst).pk)
    for person in (cast.committee, cast.portfolio_manager, cast.custodian, cast.investor):
        client = client_of(person, cast.trust)
        assert (client.get(url).status_code, client.post(url).status_code) == (403, 403)


class TestLive:
    """Outside of a demo: only the present is forecast, and nothing counts before its time."""

    @pytest.fixture
    def model(self, cast, enter):
        Tenant.objects.filter(pk=cast.trust.pk).update(is_demo=False)
        cast.trust.refresh_from_db()
        enter(cast.trust)
        return trained(cast.analyst, trained_as_of=date(2025, 4, 30), beta=None)

    @pytest.mark.parametrize(
        ("as_of", "said"),
        [
            (AT.date() - timedelta(days=4), "known already"),
            (AT.date(), "not over yet"),
            (date(2025, 4, 29), "before it was trained"),
        ],
    )
    def test_another_day_than_the_present_is_refused(self, model, cast, as_of, said):
        with pytest.raises(ModelNotReady, match=said):
            shadow_runs.start_shadow_run(model=model, as_of=as_of, at=AT, by=cast.analyst.pk)
        assert not ShadowRun.objects.exists()

    def test_a_model_whose_bytes_are_others_forecasts_nothing(self, model, cast):
        with pytest.raises(ModelNotReady, match="differs from the one that was trained"):
            shadow_runs.start_shadow_run(
                model=model, as_of=AT.date() - timedelta(days=1), at=AT, by=cast.analyst.pk
            )

    def test_the_periodic_look_finds_what_is_over(self, model, cast):
        run = ShadowRun.objects.create(
            model=model, as_of=date(2026, 1, 1), ends_on=date(2026, 4, 1), months=3, assets=0,
            forecast=b"", forecast_root="", simulated_time=False, started_at=AT,
            started_by=cast.analyst.pk, ledger_index=0,
        )  # fmt: skip
        tasks.look_for_ended_shadow_runs(timestamp=0)
        with pytest.raises(ModelNotReady, match="differs from the one on the ledger"):
            run_waiting_jobs()
        enter_again = Tenant.objects.get(pk=cast.trust.pk)
        with tenant_context(enter_again):
            run.refresh_from_db()
            assert run.judged_at is None
