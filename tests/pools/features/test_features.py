"""Point-in-time features against origination's allocation, a naive reference, and the future."""

from datetime import date, timedelta

import numpy as np
import polars as pl
import pytest

from origination.domain.months import days_of
from origination.domain.servicing.columns import NEVER as OPEN
from origination.domain.servicing.columns import LeaseBook
from origination.domain.servicing.payment_columns import PaymentColumns
from pools.features.columns import FEATURES, NAMES, PLACE
from pools.features.history import History, end_of
from pools.features.outcomes import months_at_risk, outcomes
from pools.features.snapshot import DEFAULT_DAYS, snapshot
from tests.pools.features.portfolios import frames, history

DAYS = [date(2022, 3, 31), date(2024, 6, 17), date(2026, 6, 30)]


def dpd_of(book, day, known=None):
    return book.state(as_of=day, known_at=known or end_of(day))


@pytest.fixture(scope="module")
def book():
    own = history()
    return LeaseBook(own.receivables, PaymentColumns.of_frame(frames()[1]))


@pytest.mark.parametrize("day", DAYS)
def test_state_equals_originations_allocation(book, day):
    """One derivation for lessor and trust: days past due, arrears and settlement agree."""
    found, state = snapshot(history(), day), dpd_of(book, day)
    live = found.open
    assert live.sum() > 20
    assert np.array_equal(found.days_past_due[live], state.days_past_due[live])
    assert np.array_equal(found.arrears[live], state.arrears[live])
    assert np.array_equal(found.settled_day < 2**31 - 1, state.settled != OPEN)


def test_first_default_is_the_first_day_past_the_limit(book):
    """Walk every day of the leases in default at the end, with the book's own days past due."""
    end = DAYS[-1]
    found = snapshot(history(), end)
    defaulted = np.flatnonzero(found.default_day <= days_of(end))[:12]
    assert len(defaulted) == 12
    for lease in defaulted:
        first = date.fromordinal(date(1970, 1, 1).toordinal() + int(found.default_day[lease]))
        known = end_of(end)
        on_day = dpd_of(book, first, known).days_past_due[lease]
        before = dpd_of(book, first - timedelta(days=1), known).days_past_due[lease]
        recovered_first = found.paid.recovery_day[lease] == found.default_day[lease]
        assert recovered_first or (on_day, before) == (DEFAULT_DAYS + 1, DEFAULT_DAYS)


def test_features_do_not_change_when_the_future_arrives():
    """Live rows built from what had arrived equal training rows built years later."""
    leases, events = frames()
    day = date(2024, 6, 17)
    arrived = events.filter(pl.col("known_at") <= end_of(day))
    assert len(arrived) < len(events)
    then = snapshot(History(leases, arrived), day)
    later = snapshot(history(), day)
    assert np.array_equal(then.x, later.x, equal_nan=True)
    assert np.array_equal(then.performing, later.performing)


def test_a_payment_known_late_is_not_seen_early():
    """The same bank line, told a month later, makes the lease look unpaid until then."""
    leases, events = frames()
    day = date(2024, 6, 17)
    start = snapshot(history(), day)
    lease = int(np.flatnonzero(start.open & (start.days_past_due == 0))[0])
    told_later = (pl.col("lease") == lease) & (pl.col("effective_on") > day - timedelta(days=60))
    shifted = events.with_columns(
        pl.when(told_later)
        .then(pl.col("known_at") + pl.duration(days=90))
        .otherwise("known_at")
        .alias("known_at")
    )
    blind = snapshot(History(leases, shifted), day)
    assert blind.days_past_due[lease] > 0
    others = np.arange(len(leases)) != lease
    assert np.array_equal(blind.days_past_due[others], start.days_past_due[others])


def test_late_counts_against_a_loop_over_rents():
    day = date(2025, 3, 31)
    own, found = history(), snapshot(history(), day)
    today = days_of(day)
    rows = own.receivables
    for lease in np.flatnonzero(found.open)[:60]:
        due = rows.due[rows.offsets[lease] : rows.offsets[lease + 1]]
        paid = found.paid.paid[rows.offsets[lease] : rows.offsets[lease + 1]]
        late = [
            max(0, min(p, today) - d)
            for d, p in zip(due.tolist(), paid.tolist(), strict=True)
            if d < today
        ]
        recent = [
            max(0, min(p, today) - d)
            for d, p in zip(due.tolist(), paid.tolist(), strict=True)
            if today - 365 < d < today
        ]
        mean = np.mean(np.minimum(late[-6:], 90)) if late else np.nan
        expected = np.ceil(mean / 1.5) * 1.5  # rounded up to the feature's step
        assert found.x[lease, PLACE["mean_days_late_6"]] == pytest.approx(expected, nan_ok=True)
        assert found.x[lease, PLACE["late_rents_12m"]] == sum(days > 5 for days in recent)


def test_outcomes_are_seen_only_inside_the_window():
    start = snapshot(history(), date(2025, 6, 30))
    year = outcomes(history(), start, date(2026, 6, 30))
    quarter = outcomes(history(), start, date(2025, 9, 30))
    assert year.defaulted.sum() >= quarter.defaulted.sum()
    assert (year.defaulted >= quarter.defaulted).all()
    assert (year.turned_30[year.defaulted == 1] == 1).all()
    live = start.performing
    assert 0 < year.defaulted[live].sum() < live.sum() / 20


def test_months_at_risk_add_up_to_time_on_book():
    at_risk, defaults, prepaid = months_at_risk(history(), date(2026, 6, 30))
    assert at_risk[1] <= len(history())
    assert (np.diff(at_risk[1:]) <= 0).all()
    assert defaults.sum() == (snapshot(history(), date(2026, 6, 30)).default_day < 2**31 - 1).sum()
    assert 0 < prepaid.sum() < len(history())


def test_matrix_columns_are_the_feature_list():
    found = snapshot(history(), date(2024, 6, 17))
    assert found.x.shape == (1500, len(FEATURES))
    assert len(set(NAMES)) == len(NAMES)
    assert np.isfinite(found.x[found.open, PLACE["loan_to_value"]]).all()
