"""A small drawn portfolio in the shapes that the feature code reads."""

from functools import cache

import polars as pl

from origination.generator.portfolio import generate
from origination.generator.spec import portfolio_of
from pools.features.history import History


@cache
def frames(leases: int = 1500) -> tuple[pl.DataFrame, pl.DataFrame]:
    """Leases and events of a generated portfolio (about 24 events a lease)."""
    drawn = generate(portfolio_of(leases))
    known = pl.col("originated_on").cast(pl.Datetime("us", "UTC"))
    events = drawn.payments.select(
        lease=pl.col("lease_row").cast(pl.Int64),
        kind=pl.col("kind").cast(pl.String),
        amount_minor="amount_minor",
        effective_on=pl.col("effective_at").dt.date(),
        known_at="known_at",
        reference="bank_reference",
        reverses="reverses",
    )
    return drawn.leases.with_columns(source="lessor", known_at=known), events


@cache
def history(leases: int = 1500) -> History:
    return History(*frames(leases))
