"""What other rooms and the pages read of screenings."""

import polars as pl

from pools.models import AssetResult, ScreeningRun
from pools.projection.frames import read_frame

_ASSET = (
    "source", "obligor", "contract_number", "province", "energy", "vehicle_make", "vehicle_model",
    "product", "condition", "currency", "financed_amount_minor", "vehicle_price_minor",
    "annual_nominal_rate", "term_months", "originated_on", "maturity_on", "credit_score",
)  # fmt: skip


def latest_run() -> ScreeningRun | None:
    """The newest run by its as-of day, then by when it ran."""
    return ScreeningRun.objects.order_by("as_of", "at").last()


def results_of(run: ScreeningRun):
    """Queryset of one run's results with their assets."""
    return AssetResult.objects.filter(run=run).select_related("asset")


def latest_results() -> pl.DataFrame | None:
    """The newest run as a frame: every result column and the asset's; None before the first run."""
    run = latest_run()
    if run is None:
        return None
    asset = ", ".join(f"a.{name}" for name in _ASSET)
    frame = read_frame(
        f"SELECT r.*, {asset} FROM pools_assetresult r JOIN pools_asset a ON a.rid = r.asset_id "
        f"WHERE r.run_id = '{run.id}' ORDER BY r.position"
    )
    whole = [n for n in frame.columns if n.endswith("_minor")] + [
        "position", "days_past_due", "months_on_book", "months_left", "term_months", "credit_score",
    ]  # fmt: skip
    return frame.with_columns(
        pl.col(whole).cast(pl.Int64),
        pl.col("discount_rate", "probability", "annual_nominal_rate").cast(pl.Float64),
        pl.col("originated_on", "maturity_on").str.to_date("%Y-%m-%d"),
        defaulted=pl.col("defaulted") == "t",
    )
