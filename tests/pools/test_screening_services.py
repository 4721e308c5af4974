"""From verified entries to priced assets: project, train, test, promote by two, screen."""

import uuid
from datetime import UTC, date, datetime, timedelta

import polars as pl
import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django_tenants.utils import tenant_context

from ledger.core.hashing import leaf_hashes, root_of_hashes
from ledger.exchange.registry import VerifiedBatch
from ledger.selectors import entries, payload
from origination.generator.portfolio import generate
from origination.generator.spec import portfolio_of
from pools.model_life import services, shadow_runs
from pools.models import (
    Asset,
    AssetPayment,
    AssetPrice,
    ModelState,
    ModelVersion,
    ScreeningRun,
)
from pools.projection import projectors
from pools.projection.reading import read_history
from pools.screening.selectors import latest_results
from pools.screening.services import COLUMNS, leaf_lines, run_screening

AT = datetime(2026, 7, 1, 8, tzinfo=UTC)
TRAINED, END = date(2025, 6, 30), date(2026, 6, 30)


#: Enough defaults in a quarter for a β test: the smallest round number of leases that passes.
PROVING, TOO_SMALL = 20_000, 5_000


@pytest.fixture(scope="module")
def drawn():
    return generate(portfolio_of(PROVING, telematics_days=1, future_months=6))


@pytest.fixture(scope="module")
def few():
    return generate(portfolio_of(TOO_SMALL, telematics_days=1))


def text_columns(frame, rids):
    """Frame columns as an exchange item table: text, empty for absent."""
    frame = frame.with_columns(
        lease_rid=pl.col("lease_row").replace_strict(
            list(range(len(rids))), rids, return_dtype=pl.String
        )
    ).drop("lease_row")
    instants = [n for n, kind in frame.schema.items() if isinstance(kind, pl.Datetime)]
    frame = frame.with_columns(pl.col(instants).dt.strftime("%Y-%m-%dT%H:%M:%S.%6fZ"))
    return {n: frame[n].cast(pl.String).fill_null("").to_list() for n in frame.columns}


def batch(kind, source, **columns):
    count = max(len(columns.get("rids", [])), 1)
    defaults = {
        "indexes": list(range(count)), "rids": [str(uuid.uuid4())], "stamps": [""] * count,
        "fields": [],
    }  # fmt: skip
    return VerifiedBatch(source=source, kind=kind, known_at=AT, **(defaults | columns))


@pytest.fixture
def book(cast, enter, drawn):
    """The trust's schema with the drawn portfolio projected into it."""
    return projected(cast, enter, drawn, times=1)


@pytest.fixture
def small_book(cast, enter, few):
    """The same with too few defaults; what arrives twice is kept once."""
    return projected(cast, enter, few, times=2)


def projected(cast, enter, drawn, times):
    enter(cast.tenants.trust)
    source = cast.tenants.anda.pk
    rids = [str(uuid.UUID(int=row + 1)) for row in range(len(drawn.leases))]
    fields = [
        {name: str(value) for name, value in row.items() if value is not None}
        for row in drawn.leases.drop("lease_row", "lessor").iter_rows(named=True)
    ]
    leases = batch("lease.recorded", source, rids=rids, fields=fields)
    payments = batch("payments.batch", source, items=text_columns(drawn.payments, rids))
    prices = batch("prices.observed", source, items=text_columns(drawn.prices, rids))
    for _ in range(times):
        projectors.project_leases(leases)
        projectors.project_payments(payments)
        projectors.project_prices(prices)
    return cast


def open_pages(book, client_of, run, model):
    """Every page answers an analyst, in both languages, and refuses the custodian."""
    riskiest = run.results.order_by("-probability").first()
    paths = [
        "/assets/",
        "/assets/?state=late&order=-principal_minor&page=2",
        "/assets/?order=nonsense",
        f"/assets/{riskiest.asset_id}/",
        "/screenings/",
        f"/screenings/{run.id}/",
        "/models/",
        f"/models/{model.id}/",
    ]
    for language in ("en", "zh-hans"):
        client = client_of(book.analyst, book.tenants.trust, language=language)
        assert [client.get(path).status_code for path in paths] == [200] * len(paths)
    custodian = client_of(book.custodian, book.tenants.trust)
    assert {custodian.get(path).status_code for path in paths} == {403}


def count_queries(book, client_of, run, model):
    """A list of one row asks the database as often as a list of three or fifty."""
    client = client_of(book.analyst, book.tenants.trust)
    with tenant_context(book.tenants.trust):  # a request leaves the tenant
        one = run.results.select_related("asset").first().asset.contract_number

    def asked(path):
        client.get(path)  # what is remembered between requests is remembered
        with CaptureQueriesContext(connection) as seen:
            assert client.get(path).status_code == 200
        return len(seen)

    assert asked(f"/assets/?q={one}") == asked("/assets/?order=probability")
    lists = ("/screenings/", "/models/")
    before = [asked(path) for path in lists]
    with tenant_context(book.tenants.trust):
        for number in (1, 2):
            ScreeningRun.objects.create(
                as_of=run.as_of, at=run.at + timedelta(days=number), by=run.by, model=run.model,
                policy=run.policy, input_hash=run.input_hash, results_root=run.results_root,
                assets=0, totals=run.totals, ledger_index=run.ledger_index,
            )  # fmt: skip
            ModelVersion.objects.create(
                family=model.family, trained_as_of=model.trained_as_of,
                trained_at=model.trained_at + timedelta(days=number), trained_by=model.trained_by,
                seed=1, data_hash="", code_version="", notes={}, artefact=b"", artefact_sha256="",
                alpha=model.alpha, beta=model.beta,
            )  # fmt: skip
    assert [asked(path) for path in lists] == before


def screen_by_page(book, client_of):
    """The analyst's press of the button makes a run, of the last day that is over."""
    client = client_of(book.analyst, book.tenants.trust)
    assert not client.get("/screenings/new/").context["page"].refusal
    assert client.post("/screenings/new/").status_code == 302
    with tenant_context(book.tenants.trust):
        made = ScreeningRun.objects.order_by("at").last()
        assert (made.by, made.as_of) == (book.analyst.pk, made.at.date() - timedelta(days=1))
        assert made.assets == made.results.count() > 0


def on_trial(book, evidence=None):
    """A model trained a year before the end, tried by both tests; each reads the records itself
    where nobody gives it what it read already."""
    read = {"evidence": evidence}
    model = services.train_models(as_of=TRAINED, at=AT, by=book.analyst.pk, **read)
    with pytest.raises(services.ModelNotReady):  # nothing tested yet
        services.promote_model(model=model, by=book.committee.pk, at=AT)
    services.run_alpha_test(model=model, known_until=END, at=AT, **read)
    start = {"model": model, "by": book.analyst.pk, **read}
    run = shadow_runs.start_shadow_run(as_of=date(2026, 3, 31), at=AT, **start)
    assert payload(run.ledger_index)["forecast_root"] == run.forecast_root
    with pytest.raises(services.ModelNotReady, match="runs beside the live assets already"):
        shadow_runs.start_shadow_run(as_of=END, at=AT, **start)
    with pytest.raises(services.ModelNotReady, match="lasts until the end of 2026-06-30"):
        shadow_runs.run_beta_test(model=model, at=AT - timedelta(days=1))
    judged = shadow_runs.run_beta_test(model=model, at=AT + timedelta(minutes=1), **read)
    assert judged.beta["shadow"]
    with pytest.raises(services.ModelNotReady, match="no open shadow run"):
        shadow_runs.run_beta_test(model=model, at=AT + timedelta(minutes=2))
    model.refresh_from_db()
    return model


def test_too_few_events_do_not_pass_and_price_nothing(small_book, few):
    assert Asset.objects.count() == len(few.leases)
    assert AssetPayment.objects.count() == len(few.payments)
    assert 0 < AssetPrice.objects.count() <= len(few.prices)
    history, _ = read_history()
    assert len(history) == len(few.leases)
    left_out = history.leases["rid"].head(10).to_list()
    assert len(read_history(without=left_out)[0]) == len(few.leases) - 10

    model = on_trial(small_book)
    assert model.beta["verdict"] == "too_few_events"
    for person in (small_book.committee, small_book.portfolio_manager):
        with pytest.raises(services.ModelNotReady, match="has not passed both"):
            services.promote_model(model=model, by=person.pk, at=AT)
    with pytest.raises(services.ModelNotReady, match="No model with passed"):
        run_screening(as_of=END, at=AT, by=small_book.analyst.pk)


def test_the_line_from_entries_to_priced_assets(book, client_of):
    model = on_trial(book, read_history())
    assert model.beta["simulated_time"] is True
    assert (model.alpha["verdict"], model.beta["verdict"]) == ("pass", "pass")
    services.promote_model(model=model, by=book.committee.pk, at=AT)
    with pytest.raises(services.ModelNotReady):  # the same person twice
        services.promote_model(model=model, by=book.committee.pk, at=AT)
    with pytest.raises(services.ModelNotReady):  # its own trainer
        services.promote_model(model=model, by=book.analyst.pk, at=AT)
    promoted = services.promote_model(model=model, by=book.portfolio_manager.pk, at=AT)
    assert promoted.state == ModelState.PROMOTED

    run = run_screening(as_of=date(2026, 6, 30), at=AT, by=book.analyst.pk)
    frame = latest_results()
    assert len(frame) == run.assets > 8000
    assert run.totals["principal_minor"] == frame["principal_minor"].sum()
    assert payload(run.ledger_index)["results_root"] == run.results_root
    stored = frame.with_columns(
        pl.col("discount_rate", "probability").cast(pl.Decimal(9, 6)),
        reasons=pl.col("reasons").fill_null(""),
    ).select(COLUMNS)
    assert root_of_hashes(leaf_hashes(leaf_lines(stored))).hex() == run.results_root
    assert [entry.kind for entry in entries()][-3:] == [
        "model.tested", "model.promoted", "screening.completed",
    ]  # fmt: skip
    open_pages(book, client_of, run, promoted)
    count_queries(book, client_of, run, promoted)
    screen_by_page(book, client_of)


def test_a_swapped_artefact_is_refused(cast, enter):
    enter(cast.tenants.trust)
    model = ModelVersion(artefact=b"other", artefact_sha256="0" * 64)
    with pytest.raises(services.ModelNotReady):
        services.load_suite(model)
