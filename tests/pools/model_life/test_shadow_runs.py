"""Suites trained on generated portfolios: what they forecast for a quarter happens, a biased one
is refused. Portfolios of other seeds than the demo's; sizes at which a quarter has events."""

from dataclasses import replace
from datetime import date
from functools import cache, partial

import numpy as np
import polars as pl
import pytest

from origination.domain.months import month_end
from origination.generator.portfolio import generate
from origination.generator.spec import portfolio_of
from pools.features.history import History
from pools.features.outcomes import outcomes
from pools.features.snapshot import snapshot
from pools.model_life import trials
from pools.model_life.scoring import score
from pools.model_life.shadowing import ForecastUnreadable, forecast, judge, unpack
from pools.model_life.suite import LATE_STATES
from pools.model_life.training import train_suite
from pools.models_kit.beta import poisson_interval
from pools.models_kit.hazards import incidence

TRAINED, END = date(2025, 6, 30), date(2026, 6, 30)
STARTS = (date(2025, 9, 30), date(2025, 12, 31), date(2026, 3, 31))
SEEDS = (1, 2)
LEASES = 30_000
MONTHS = 3


@cache
def frames(seed, leases=LEASES):
    """Leases, events and prices of a generated portfolio."""
    drawn = generate(portfolio_of(leases, seed=seed, telematics_days=1))
    events = drawn.payments.select(
        lease=pl.col("lease_row").cast(pl.Int64),
        kind=pl.col("kind").cast(pl.String),
        amount_minor="amount_minor",
        effective_on=pl.col("effective_at").dt.date(),
        known_at="known_at",
        reference="bank_reference",
        reverses="reverses",
    )
    known = pl.col("originated_on").cast(pl.Datetime("us", "UTC"))
    prices = drawn.prices.with_columns(
        lease=pl.col("lease_row").cast(pl.Int64), odometer_km=pl.col("odometer_km").cast(pl.Float64)
    )
    rid = pl.col("lease_row").cast(pl.String)
    return drawn.leases.with_columns(source="lessor", known_at=known, rid=rid), events, prices


@pytest.fixture(scope="module")
def books(once_a_run):
    """Evidence and the suite trained on it, by seed."""
    found = {}
    for seed in SEEDS:
        leases, events, prices = frames(seed)
        history = History(leases, events)
        train = partial(train_suite, history, prices, as_of=TRAINED)
        found[seed] = history, prices, once_a_run(f"suite-{seed}", train)
    return found


def by_state(history, suite, start):
    """Forecast and seen defaults of a quarter by how late the asset was at its start."""
    seen = snapshot(history, start)
    scored = score(suite, history, seen)
    live = seen.performing[scored.rows]
    forecast = incidence(
        scored.default_multiplier, scored.age, MONTHS, suite.default_baseline,
        suite.prepay_baseline, scored.prepay_multiplier, suite.default_timing, scored.state,
    )[live]  # fmt: skip
    happened = outcomes(history, seen, month_end(start, MONTHS)).defaulted[scored.rows[live]]
    states, n = scored.state[live], len(LATE_STATES) + 1
    return np.bincount(states, forecast, n), np.bincount(states, happened, n)


def test_a_quarters_forecast_happens_in_every_state_of_lateness(books):
    """Two books, three quarters each. The economy moves a whole book, so the Poisson interval of
    a sum is widened by a tenth."""
    parts = [by_state(book, suite, day) for book, _, suite in books.values() for day in STARTS]
    forecast, happened = np.sum(parts, axis=0)
    assert happened.sum() > 250
    assert happened[0] <= 2  # who owes nothing cannot be 91 days late in two months
    assert forecast[0] < 0.06 * forecast.sum()
    for expected, seen in (
        (forecast.sum(), happened.sum()),
        *zip(forecast[1:], happened[1:], strict=True),
    ):
        low, high = poisson_interval(int(seen))
        assert low / 1.1 <= expected <= high * 1.1, (forecast.round(1), happened)


def test_the_months_of_a_shadow_run_add_up_to_the_probability_of_the_year(books):
    history, _, suite = books[SEEDS[0]]
    scored = score(suite, history, snapshot(history, TRAINED))
    year = incidence(
        scored.default_multiplier, scored.age, suite.horizon, suite.default_baseline,
        suite.prepay_baseline, scored.prepay_multiplier, suite.default_timing, scored.state,
    )  # fmt: skip
    alive = scored.probability < 1
    assert year[alive] == pytest.approx(scored.probability[alive], rel=1e-4)


class Doubled:
    """A default probability that is twice what it was trained to be."""

    def __init__(self, base):
        self.base = base

    def probability(self, x):
        return np.minimum(2 * self.base.probability(x), 1.0)


def test_a_day_within_a_month_would_look_ahead_and_is_refused(books):
    history, prices, _ = books[SEEDS[0]]
    with pytest.raises(ValueError, match="not the last day of a month"):
        train_suite(history, prices, as_of=date(2025, 6, 15))


def test_a_model_that_doubles_the_risk_is_refused(books):
    history, prices, suite = books[SEEDS[0]]
    biased = replace(suite, probability=Doubled(suite.probability))
    report = trials.alpha(biased, history, prices, known_until=END, draws=20)
    failed = {check["name"] for check in report["probability"]["checks"] if not check["passed"]}
    assert report["verdict"] == "fail"
    assert "calibration_intercept" in failed


def test_a_model_trained_on_a_lessors_good_files_is_refused(books):
    """Seven of ten leases that had defaulted were left out of what it learned from."""
    history, prices, suite = books[SEEDS[1]]
    bad = np.flatnonzero(snapshot(history, TRAINED).default_day < 2**31 - 1)
    kept = np.ones(len(history), dtype=bool)
    kept[np.random.default_rng(1).choice(bad, int(0.7 * len(bad)), replace=False)] = False
    chosen = train_suite(*chosen_files(SEEDS[1], kept), as_of=TRAINED)
    report = trials.alpha(chosen, history, prices, known_until=END, draws=20)
    assert report["verdict"] == "fail"
    honest = trials.alpha(suite, history, prices, known_until=END, draws=20)
    figure = report["probability"]["figures"]["calibration_intercept"]["value"]
    assert figure > honest["probability"]["figures"]["calibration_intercept"]["value"] + 0.5


def chosen_files(seed, kept):
    """History and prices of the leases that are kept."""
    leases, *others = frames(seed)
    places = pl.DataFrame({"lease": np.flatnonzero(kept), "place": np.arange(kept.sum())})
    events, prices = (
        part.join(places, on="lease", how="inner", maintain_order="left")
        .with_columns(lease="place")
        .drop("place")
        for part in others
    )
    return History(leases.filter(pl.Series(kept)), events), prices


def judged(written, history, suite, start=STARTS[-1]):
    return judge(
        written, suite, history, start_day=start, end_day=month_end(start, MONTHS), months=MONTHS,
        simulated_time=False,
    )  # fmt: skip


def test_a_written_forecast_is_judged_as_it_was_written(books):
    """Packed and read again it gives the report of the forecast itself, to nine decimals."""
    history, _, suite = books[SEEDS[0]]
    written = forecast(suite, history, STARTS[-1], MONTHS)
    read = unpack(written.packed(), written.root())
    assert read.rids == written.rids
    assert np.isnan(read.expected_30).tolist() == np.isnan(written.expected_30).tolist()
    one, two = (judged(part, history, suite).as_dict() for part in (written, read))
    assert one["verdict"] == two["verdict"]
    for before, after in zip(one["counts"], two["counts"], strict=True):
        assert before["observed"] == after["observed"]
        assert before["expected"] == pytest.approx(after["expected"], abs=1e-4)


def test_a_forecast_that_was_changed_after_it_was_written_is_refused(books):
    history, _, suite = books[SEEDS[0]]
    written = forecast(suite, history, STARTS[-1], MONTHS)
    nicer = replace(written, expected_default=written.expected_default * 1.01)
    with pytest.raises(ForecastUnreadable, match="differs from the one on the ledger"):
        unpack(nicer.packed(), written.root())
    with pytest.raises(ForecastUnreadable, match="no gzip"):
        unpack(b"half", written.root())
    stranger = replace(written, rids=("nobody", *written.rids[1:]))
    with pytest.raises(ForecastUnreadable, match="no asset nobody"):
        judged(stranger, history, suite)


def test_a_forecast_reads_nothing_that_came_after_its_day(books):
    """Payments that became known later, all gone: the same lines."""
    history, _, suite = books[SEEDS[1]]
    start = STARTS[0]
    leases, events, _ = frames(SEEDS[1])
    known = events.filter(pl.col("known_at").dt.date() <= start)
    assert len(known) < len(events)
    assert forecast(suite, History(leases, known), start, MONTHS).root() == (
        forecast(suite, history, start, MONTHS).root()
    )
