"""The candidates of a facility: its lessor's assets as the newest run, searches and titles show.

One row an asset, the columns of `pools.deals.terms.CANDIDATE_FIELDS`, in the order of the ids, so
that the same books give the same frame.
"""

from datetime import timedelta
from uuid import UUID

import polars as pl

from pools.deals.searches import LATEST_SEARCHES, SEARCH_DAYS
from pools.deals.terms import CANDIDATE_FIELDS
from pools.models import Facility, ScreeningRun
from pools.projection.frames import read_frame
from tenants.registry import availability_of

#: `right_state` of an asset that another pool of ours holds, though its right is not reserved yet.
IN_POOL = "in_pool"
_QUERY = f"""
    SELECT r.asset_id AS asset, a.source, r.principal_minor AS balance_minor,
           r.net_minor AS net_value_minor, a.annual_nominal_rate,
           greatest(r.months_left, 1) AS remaining_months,
           greatest(r.months_on_book, 0) AS age_months,
           least(a.residual_minor, r.principal_minor) AS balloon_minor,
           r.probability AS probability_of_default, r.days_past_due,
           r.defaulted::text AS defaulted, r.discount_rate,
           round(a.financed_amount_minor::numeric / nullif(a.vehicle_price_minor, 0), 6)
               AS financed_to_price,
           a.currency, a.obligor, a.province, a.vehicle_make,
           a.vehicle_make || ' ' || a.vehicle_model AS make_model, a.model_year, a.vehicle_use,
           a.energy, a.condition, a.product, a.term_months,
           to_char(a.maturity_on, 'YYYY-MM') AS maturity_month, a.credit_score, a.lessee_kind,
           %(as_of)s::date - searched.searched_on AS searched_days,
           coalesce(searched.encumbered::text, 'unknown') AS encumbered,
           EXISTS (SELECT FROM pools_poolasset m WHERE m.asset_id = r.asset_id AND m.live) AS kept
    FROM pools_assetresult r
    JOIN pools_asset a ON a.rid = r.asset_id
    LEFT JOIN ({LATEST_SEARCHES}) searched ON searched.lease_rid = r.asset_id
    WHERE r.run_id = %(run)s AND a.source = %(source)s AND r.principal_minor > 0
    ORDER BY r.asset_id
"""
_WHOLE = (
    "balance_minor", "net_value_minor", "remaining_months", "age_months", "balloon_minor",
    "days_past_due", "model_year", "term_months", "credit_score", "searched_days",
)  # fmt: skip
_REAL = ("annual_nominal_rate", "probability_of_default", "discount_rate", "financed_to_price")


def candidates_of(facility: Facility, run: ScreeningRun) -> pl.DataFrame:
    """Every open asset of the facility's lessor; nothing is left out that a rule has to see."""
    frame = read_frame(
        _QUERY,
        {
            "as_of": run.as_of,
            "since": run.as_of - timedelta(days=SEARCH_DAYS),
            "run": run.pk,
            "source": facility.request.source,
        },
    )
    rids = frame["asset"].to_list()
    states = availability_of(claim_ids=[UUID(rid) for rid in rids], right="receivables")
    right = pl.Series([states.get(UUID(rid), "unclaimed") for rid in rids], dtype=pl.String)
    return frame.with_columns(
        pl.col(_WHOLE).cast(pl.Int64),
        pl.col(_REAL).cast(pl.Float64),
        right_state=pl.when((pl.col("kept") == "t") & (right == "claimed"))
        .then(pl.lit(IN_POOL))
        .otherwise(right),
    ).select(CANDIDATE_FIELDS)
