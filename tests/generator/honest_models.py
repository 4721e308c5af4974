"""Features that an honest lender has, and positions re-derived by the domain's own allocation."""

from datetime import UTC, datetime, time, timedelta

import numpy as np
import polars as pl
from sklearn.linear_model import LogisticRegression
from sklearn.pipeline import make_pipeline
from sklearn.preprocessing import StandardScaler

from origination.domain.schedule_columns import TermColumns, schedule_columns
from origination.domain.servicing.columns import LeaseBook
from origination.domain.servicing.payment_columns import PaymentColumns


def months_to_default(truth, since):
    """Days from `since` (a column of dates or one date) to default; huge where there is none."""
    days = (truth["default_on"] - since).dt.total_days()
    return days.fill_null(10**6).to_numpy()


def origination_features(leases):
    """The tape's risk fields as numbers."""
    numbers = leases.select(
        pl.col("financed_amount_minor") / pl.col("vehicle_price_minor"),
        pl.col("credit_score").fill_null(655),
        (pl.col("rent_minor") / pl.col("lessee_income_monthly_minor")).log().fill_null(-1.0),
        pl.col("term_months"),
        pl.col("annual_nominal_rate").cast(pl.Float64),
        (pl.col("condition") == "used").cast(pl.Int8),
        (pl.col("product") == "sale_leaseback").cast(pl.Int8),
        (pl.col("energy") == "bev").cast(pl.Int8),
        (pl.col("lessor") == "XINGYU").cast(pl.Int8).alias("captive"),
    )
    words = leases.select("employment", "province").to_dummies()
    return np.hstack([numbers.to_numpy(), words.to_numpy()]).astype(float)


def book_of(portfolio):
    """All leases and payments of a portfolio in the domain's own columns."""
    payments = pl.concat([portfolio.payments, portfolio.upcoming])
    events = payments.select(
        lease=pl.col("lease_row").cast(pl.Int64),
        kind=pl.col("kind").cast(pl.String),
        amount_minor="amount_minor",
        effective_on=pl.col("effective_at").dt.date(),
        known_at="known_at",
        reference="bank_reference",
        reverses=pl.col("reverses").fill_null(""),
    )
    receivables = schedule_columns(TermColumns.of_frame(portfolio.leases))
    return LeaseBook(receivables, PaymentColumns.of_frame(events))


def end_of(day):
    """The last instant of a day."""
    return datetime.combine(day + timedelta(days=1), time(), UTC) - timedelta(microseconds=1)


def behaviour_features(portfolio, book, day):
    """Origination fields, position by the domain, and how late recent rents came."""
    state = book.state(as_of=day, known_at=end_of(day))
    leases = portfolio.leases
    due_day = leases.select("lease_row", due=pl.col("first_payment_on").dt.day().cast(pl.Int32))
    rents = portfolio.payments.filter(
        (pl.col("kind").cast(pl.String) == "rent") & (pl.col("known_at") <= end_of(day))
    ).join(due_day, on="lease_row")
    lateness = rents.with_columns(
        late=(pl.col("effective_at").dt.day().cast(pl.Int32) - pl.col("due")) % 30
    )
    habits = lateness.group_by("lease_row").agg(
        pl.col("late").mean().alias("mean"), pl.col("late").tail(6).mean().alias("recent")
    )
    habit = leases.select("lease_row").join(habits, on="lease_row", how="left")
    age = (day - leases["originated_on"]).dt.total_days().to_numpy()
    return np.column_stack(
        [
            origination_features(leases),
            state.days_past_due,
            state.days_past_due > 0,
            age,
            habit.fill_null(0).drop("lease_row").to_numpy(),
        ]
    )


def fitted(features, outcome):
    """A plain regularised logistic regression: nothing tuned to this generator."""
    model = make_pipeline(StandardScaler(), LogisticRegression(C=0.02, max_iter=500))
    return model.fit(features, outcome)
