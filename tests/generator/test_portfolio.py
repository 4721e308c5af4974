"""Determinism, rates in their bands, the economy's mark, and no more signal than honesty allows."""

import subprocess
import sys
from dataclasses import replace
from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest
from polars.testing import assert_frame_equal, assert_frame_not_equal
from scipy.stats import binom, chi2_contingency
from sklearn.metrics import roc_auc_score

from origination.domain.lease_fields.columns import find_columns, find_duplicates
from origination.domain.lease_fields.vocabulary import FIELDS
from origination.domain.lease_fields.vocabulary import PROVINCES as PROVINCE_NAMES
from origination.generator.frames import LEASE_FIELDS
from origination.generator.later import draw_later
from origination.generator.portfolio import generate, generate_partitions
from origination.generator.provinces import PROVINCES
from origination.generator.spec import LessorSpec, PortfolioSpec, SpecProblem, portfolio_of
from tests.generator.honest_models import (
    behaviour_features,
    book_of,
    end_of,
    fitted,
    months_to_default,
    origination_features,
)

YEAR, TWO_YEARS = 365, 730
FRAMES = ("leases", "payments", "upcoming", "prices", "telematics", "searches", "climate", "truth")


@pytest.fixture(scope="module")
def book(portfolio):
    return book_of(portfolio)


def test_the_same_seed_gives_the_same_portfolio_and_another_seed_another():
    spec = portfolio_of(600, future_months=1)
    first, again = generate(spec), generate(spec)
    other = generate(portfolio_of(600, future_months=1, seed=1))
    for name in FRAMES:
        assert_frame_equal(getattr(first, name), getattr(again, name))
    assert_frame_not_equal(first.payments, other.payments)


def test_a_partition_does_not_depend_on_what_follows_it():
    short = next(generate_partitions(PortfolioSpec((LessorSpec("A", "independent", 500, 0.02),))))
    spec = PortfolioSpec((LessorSpec("A", "independent", 1_300, 0.02),), partition_leases=500)
    parts = list(generate_partitions(spec))
    assert [len(part.leases) for part in parts] == [500, 500, 300]
    assert_frame_equal(parts[0].leases, short.leases)
    assert_frame_equal(parts[0].payments, short.payments)
    together = generate(spec)
    assert together.payments["bank_reference"].is_unique().all()
    assert together.payments["known_at"].is_sorted()


def test_every_lease_is_lived_on_to_its_end():
    """Months after the drawn ones: no rent twice or never, the same lines at any time."""
    spec = portfolio_of(600, future_months=1)
    first, more = generate(spec), draw_later(spec)
    for name in ("upcoming", "ends"):
        assert_frame_equal(getattr(more, name), getattr(draw_later(spec), name))
    told = ["settled_on", "matured_on", "default_on"]
    assert more.ends.select(pl.any_horizontal(pl.col(told).is_not_null()).all()).item()
    payments = pl.concat([first.payments, first.upcoming, more.upcoming])
    assert payments["bank_reference"].is_unique().all()
    truth = first.truth.drop(more.ends.columns[1:]).join(more.ends, on="lease_row")
    book = book_of(replace(first, payments=payments, truth=truth))
    state = book.state(as_of=date(2032, 1, 1), known_at=end_of(date(2032, 1, 1)))
    well = truth["default_on"].is_null().to_numpy()
    assert (
        well.sum() > 500 and (state.balance[well] == 0).all() and (state.arrears[well] == 0).all()
    )
    assert (state.balance[~well] + state.arrears[~well] > 0).any()


def test_every_row_of_the_tape_is_valid(portfolio):
    tape = portfolio.leases.select(LEASE_FIELDS)
    assert find_columns(tape).rows() == []
    assert find_duplicates(tape, ["vin", "contract_number"]).rows() == []


def test_default_rates_lie_in_their_binomial_intervals(portfolio, spec):
    days = months_to_default(portfolio.truth, portfolio.truth["originated_on"])
    whole = (portfolio.leases["originated_on"] < date(2024, 7, 1)).to_numpy()
    for lessor in spec.lessors:
        mine = whole & (portfolio.leases["lessor"] == lessor.code).to_numpy()
        low, high = binom.interval(0.999, mine.sum(), lessor.default_rate_24m)
        assert low <= (days[mine] <= TWO_YEARS).sum() <= high, lessor.code


def test_the_last_year_of_origination_holds_enough_defaults(portfolio, spec):
    days = months_to_default(portfolio.truth, portfolio.truth["originated_on"])
    last = (portfolio.leases["originated_on"] >= date(2024, 7, 1)).to_numpy()
    assert portfolio.leases["originated_on"].max() < date(2025, 7, 1)
    assert spec.as_of == date(2026, 6, 30)
    assert (days[last] <= YEAR).sum() >= 150


def test_default_is_the_ninety_first_day_past_due(portfolio, book):
    """The truth and the domain's allocation agree, in both directions, on every lease."""
    for day in (date(2023, 3, 31), date(2025, 2, 28), date(2026, 6, 30)):
        state = book.state(as_of=day, known_at=end_of(day.replace(year=2027)))
        bad = (portfolio.truth["default_on"] <= day).fill_null(False).to_numpy()
        assert (state.days_past_due[bad] > 90).all()
        assert state.days_past_due[~bad].max() <= 90
        since = (day - portfolio.truth["default_on"]).dt.total_days().to_numpy()
        assert (state.days_past_due[bad] == 91 + since[bad]).all()


def test_settled_and_matured_leases_owe_nothing(portfolio, book):
    day = date(2026, 6, 30)
    state = book.state(as_of=day, known_at=end_of(day.replace(year=2027)))
    for column in ("settled_on", "matured_on"):
        through = day - timedelta(days=30)  # a last rent in two parts takes a few days
        ended = (portfolio.truth[column] <= through).fill_null(False).to_numpy()
        assert ended.sum() > 1_000
        assert (state.arrears[ended] == 0).all()
        assert (state.balance[ended] == 0).all()


def test_an_honest_origination_model_reaches_its_band_and_no_more(portfolio):
    outcome = months_to_default(portfolio.truth, portfolio.truth["originated_on"]) <= YEAR
    features = origination_features(portfolio.leases)
    early = (portfolio.leases["originated_on"] < date(2023, 7, 1)).to_numpy()
    late = (portfolio.leases["originated_on"] >= date(2024, 7, 1)).to_numpy()
    model = fitted(features[early], outcome[early])
    assert 0.65 <= roc_auc_score(outcome[late], model.predict_proba(features[late])[:, 1]) <= 0.75
    # Nor could one that knew the generator's score: the rest is irreducible.
    own = (portfolio.leases["lessor"] == "ANDA").to_numpy() & late
    assert roc_auc_score(outcome[own], portfolio.truth["score"].to_numpy()[own]) <= 0.75


def test_an_honest_behaviour_model_reaches_its_band_and_no_more(portfolio, book):
    def live_and_outcome(day):
        truth = portfolio.truth
        ended = (pl.min_horizontal("default_on", "settled_on", "matured_on") <= day).fill_null(
            False
        )
        live = truth.select((pl.col("originated_on") <= day) & ~ended).to_series().to_numpy()
        return live, months_to_default(truth, day) <= YEAR

    before, after = date(2024, 6, 30), date(2025, 6, 30)
    live, outcome = live_and_outcome(before)
    model = fitted(behaviour_features(portfolio, book, before)[live], outcome[live])
    live, outcome = live_and_outcome(after)
    score = model.predict_proba(behaviour_features(portfolio, book, after)[live])[:, 1]
    assert 0.75 <= roc_auc_score(outcome[live], score) <= 0.88


def test_serial_numbers_tell_nothing(portfolio):
    """Nothing that merely numbers a lease, nor its day of the month, carries the outcome."""
    outcome = months_to_default(portfolio.truth, portfolio.truth["originated_on"]) <= YEAR
    own = (portfolio.leases["lessor"] == "ANDA").to_numpy()
    leases = portfolio.leases.filter(pl.Series(own))
    for column in (
        leases["lease_row"],
        leases["vin"].str.slice(11).cast(pl.Int64),
        leases["lessee_id_number"].str.slice(14, 3).cast(pl.Int64, strict=False).fill_null(0),
        leases["originated_on"].dt.day(),
    ):
        assert abs(roc_auc_score(outcome[own], column.to_numpy()) - 0.5) < 0.05


def test_hidden_truth_stays_hidden(portfolio):
    hidden = {"score", "frailty", "distressed_on", "default_on", "km_a_day", "encumbered"}
    assert set(LEASE_FIELDS) <= {field.name for field in FIELDS}
    for name in FRAMES[:-1]:
        assert not hidden & set(getattr(portfolio, name).columns), name


def test_history_and_future_part_at_the_end_of_the_last_month(portfolio, spec):
    assert portfolio.payments["known_at"].max() <= end_of(spec.as_of)
    assert portfolio.upcoming["known_at"].min() > end_of(spec.as_of)
    assert portfolio.prices["known_at"].max() <= end_of(spec.as_of)
    assert len(portfolio.upcoming) > 20_000
    assert portfolio.telematics["day"].max() == spec.as_of


def test_the_economy_marks_the_vintages(portfolio):
    outcome = months_to_default(portfolio.truth, portfolio.truth["originated_on"]) <= YEAR
    vintage = portfolio.leases["originated_on"].dt.truncate("6mo")
    table = (
        pl.DataFrame({"vintage": vintage, "bad": outcome})
        .group_by("vintage")
        .agg(bad=pl.col("bad").sum(), good=(~pl.col("bad")).sum())
    )
    assert chi2_contingency(table.select("bad", "good").to_numpy()).pvalue < 1e-4


def test_reversals_name_a_payment_of_the_same_lease_and_amount(portfolio):
    payments = portfolio.payments
    reversals = payments.filter(pl.col("kind").cast(pl.String) == "reversal")
    named = payments.select(
        "lease_row", "amount_minor", "effective_at", "known_at", reverses="bank_reference"
    )
    found = reversals.join(named, on=["lease_row", "amount_minor", "reverses"])
    assert len(found) == len(reversals) > 500
    assert (found["effective_at"] > found["effective_at_right"]).all()
    assert (found["known_at"] > found["known_at_right"]).all()


def test_recoveries_follow_defaults_and_stay_below_the_claim(portfolio):
    recoveries = portfolio.payments.filter(pl.col("kind").cast(pl.String) == "recovery")
    joined = recoveries.join(portfolio.truth, on="lease_row").join(portfolio.leases, on="lease_row")
    assert (joined["effective_at"].dt.date() > joined["default_on"]).all()
    share = joined.group_by("lease_row").agg(
        pl.col("amount_minor").sum() / pl.col("financed_amount_minor").first()
    )["amount_minor"]
    assert share.max() <= 1.0
    assert 0.3 < share.mean() < 0.75


def test_distressed_sales_fetch_less_than_appraisals(portfolio):
    prices = portfolio.prices.join(portfolio.leases, on="lease_row").with_columns(
        years=(pl.col("observed_on") - pl.col("originated_on")).dt.total_days() / 365.25,
        share=pl.col("price_minor") / pl.col("vehicle_price_minor"),
    )
    second_year = prices.filter(pl.col("years").is_between(1.0, 2.0))
    by_kind = dict(second_year.group_by("distressed").agg(pl.col("share").median()).rows())
    assert by_kind[True] < 0.92 * by_kind[False]


def test_few_vehicles_are_encumbered_and_only_the_searches_say_so(portfolio):
    rate = (portfolio.searches["result"] == "encumbered").mean()
    assert 0.0005 < rate < 0.005
    found = portfolio.searches.filter(pl.col("result") == "encumbered")
    assert found["holder"].null_count() == found["registration_number"].null_count() == 0


def test_alarms_come_more_often_from_lessees_in_distress(portfolio, spec):
    joined = portfolio.telematics.join(portfolio.truth, on="lease_row").with_columns(
        distressed=(pl.col("distressed_on") <= pl.col("day")).fill_null(False)
    )
    rates = dict(joined.group_by("distressed").agg((pl.col("alarms") != "").mean()).rows())
    assert rates[True] > 5 * rates[False] > 0


def test_provinces_are_those_of_the_lease_fields():
    assert {row.code: row.name for row in PROVINCES} == PROVINCE_NAMES


def test_a_portfolio_that_cannot_be_drawn_is_refused_with_its_place():
    with pytest.raises(SpecProblem, match="first_month"):
        PortfolioSpec(first_month=date(2021, 7, 2))
    with pytest.raises(SpecProblem, match="XX"):
        PortfolioSpec((LessorSpec("XX", "captive", 10, 0.9),))


_PEAK = """
import resource
from origination.generator.portfolio import generate_partitions
from origination.generator.spec import LessorSpec, PortfolioSpec
lessor = LessorSpec("A", "independent", {leases}, 0.02)
for part in generate_partitions(PortfolioSpec((lessor,), partition_leases=4_000)):
    pass
print(resource.getrusage(resource.RUSAGE_SELF).ru_maxrss)
"""


def test_memory_does_not_grow_with_the_portfolio():
    """Ten partitions peak no higher than two (kilobytes; allocator slack allowed)."""

    def peak(leases):
        run = [sys.executable, "-c", _PEAK.format(leases=leases)]
        return int(subprocess.run(run, check=True, capture_output=True, text=True).stdout)

    assert peak(24_000) - peak(8_000) < 60_000


def test_the_climate_index_falls_when_defaults_rise(portfolio):
    monthly = portfolio.climate.group_by("month").agg(pl.col("climate_index").mean()).sort("month")
    starts = portfolio.truth["distressed_on"].drop_nulls().dt.truncate("1mo")
    alive = [(portfolio.leases["originated_on"] <= month).sum() for month in monthly["month"]]
    counts = [(starts == month).sum() for month in monthly["month"]]
    rate = np.array(counts[12:]) / np.array(alive[12:])
    assert np.corrcoef(rate, monthly["climate_index"].to_numpy()[12:])[0, 1] < -0.3
