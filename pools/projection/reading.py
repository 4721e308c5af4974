"""The trust's assets and their events in the shapes that the models read."""

from collections.abc import Collection

import polars as pl

from pools.features.history import History
from pools.model_life.vehicle_value import PRICE_SCHEMA
from pools.projection.frames import KNOWN, places_of_assets, read_frame, read_payments, typed

#: The history of all assets, and their price observations by lease position.
Evidence = tuple[History, pl.DataFrame]


def read_history(*, without: Collection[str] = ()) -> Evidence:
    """All assets (but those `without`, by record id) with their payments and prices.

    A lease counts as known from its own origination, as its lessor claims (claimed history).
    """
    leases = read_frame("SELECT * FROM pools_asset ORDER BY rid")
    leases = leases.filter(~pl.col("rid").is_in(list(without))).with_columns(
        known_at=pl.col("originated_on")
        .str.to_date("%Y-%m-%d")
        .cast(pl.Datetime("us"))
        .dt.replace_time_zone("UTC"),
        lessee_group=pl.lit(None, dtype=pl.String),
        lessee_id_number="obligor",
    )
    prices = read_frame(
        f"SELECT lease_rid, distressed, price_minor, odometer_km, observed_on, {KNOWN} "
        "FROM pools_assetprice ORDER BY id"
    )
    prices = prices.with_columns(distressed=pl.col("distressed") == "t")
    return (
        History(leases, read_payments(leases["rid"])),
        typed(prices, places_of_assets(leases["rid"]), PRICE_SCHEMA),
    )
