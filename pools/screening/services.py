"""One screening run over every asset."""

import hashlib
import json
import uuid
from datetime import date, datetime
from uuid import UUID

import numpy as np
import polars as pl
from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.core.hashing import leaf_hashes, root_of_hashes
from ledger.drafts import Draft
from ledger.services import append_entry
from origination.copying import copy_text
from pools.model_life.policy import ValuationPolicy
from pools.model_life.readiness import ModelNotReady, is_proven
from pools.model_life.scoring import screen
from pools.model_life.services import load_suite
from pools.models import AssetResult, ModelState, ModelVersion, ScreeningRun
from pools.projection.reading import Evidence, read_history

_MONEY = (
    "rents", "principal", "arrears", "vehicle_p10", "vehicle_p50", "vehicle_p90",
    "receivable", "net", "net_uncapped", "expected_loss",
)  # fmt: skip
_OWN = {"id", "run_id"}
#: Columns of a result in the order of its leaf's text.
COLUMNS = tuple(f.attname for f in AssetResult._meta.concrete_fields if f.attname not in _OWN)


@transaction.atomic
def run_screening(
    *, as_of: date, at: datetime, by: UUID, evidence: Evidence | None = None
) -> ScreeningRun:
    """Value every open asset as of a day with the champion; refuses without a proven one."""
    model = ModelVersion.objects.filter(state=ModelState.PROMOTED).first()
    if model is None or not is_proven(model):
        raise ModelNotReady(
            detail=gettext_noop("No model with passed α and β tests has been promoted."),
            mend=gettext_noop("Train, test and promote a model first."),
        )
    policy = ValuationPolicy()
    history, _ = evidence or read_history()
    figures, _ = screen(load_suite(model), history, as_of, policy)
    table = result_table(figures, history.leases["rid"])
    lines = leaf_lines(table)
    run = ScreeningRun(
        id=uuid.uuid4(),
        as_of=as_of,
        at=at,
        by=by,
        model=model,
        policy=policy.as_dict(),
        input_hash=_input_hash(model, policy, as_of, history),
        results_root=root_of_hashes(leaf_hashes(lines)).hex(),
        assets=len(table),
        totals=totals(table),
    )
    fields = {
        "as_of": as_of.isoformat(),
        "model": str(model.id),
        "artefact_sha256": model.artefact_sha256,
        "input_hash": run.input_hash,
        "results_root": run.results_root,
        "assets": str(run.assets),
    }
    draft = Draft.service(kind="screening.completed", rid=run.id, fields=fields, ts=at)
    run.ledger_index = append_entry(draft=draft).index
    run.save(force_insert=True)
    stored = table.with_columns(run_id=pl.lit(str(run.id)))
    text = stored.write_csv(include_header=False, quote_style="non_numeric").encode()
    copy_text("pools_assetresult", stored.columns, text)
    return run


def result_table(figures: pl.DataFrame, rids: pl.Series) -> pl.DataFrame:
    """Figures in whole minor units and six decimals, in the order of `COLUMNS`."""
    money = [pl.col(name).round().cast(pl.Int64).alias(f"{name}_minor") for name in _MONEY]
    return (
        figures.with_columns(
            *money,
            asset_id=rids.gather(figures["lease"]),
            discount_rate=pl.col("discount_rate").clip(0, 99).round(6).cast(pl.Decimal(9, 6)),
            probability=pl.col("probability").round(6).cast(pl.Decimal(9, 6)),
        )
        .with_row_index("position")
        .select(COLUMNS)
    )


def leaf_lines(table: pl.DataFrame) -> list[bytes]:
    """One line of text an asset, what the run's root is computed over: fields joined by `|`."""
    text = table.select(pl.concat_str(pl.all().cast(pl.String), separator="|")).to_series()
    return [line.encode() for line in text]


def totals(table: pl.DataFrame) -> dict:
    """Sums of the money columns and the counts that the run's page shows."""
    sums = {f"{name}_minor": int(table[f"{name}_minor"].sum()) for name in _MONEY}
    rates = table["probability"].cast(pl.Float64).to_numpy()
    edges = np.array([0, 0.001, 0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 1.0001])
    return sums | {
        "defaulted": int(table["defaulted"].sum()),
        "past_due": int((table["days_past_due"] > 0).sum()),
        "probability_edges": edges.tolist(),
        "probability_counts": np.histogram(rates, edges)[0].tolist(),
    }


def _input_hash(model, policy, as_of, history) -> str:
    """Over the model, the policy, the day, and the assets and events that were read."""
    digest = hashlib.sha256(model.artefact_sha256.encode())
    digest.update(json.dumps(policy.as_dict(), sort_keys=True).encode())
    digest.update(as_of.isoformat().encode())
    digest.update(history.leases["rid"].str.join("\n").item().encode())
    for column in (history.events.lease, history.events.amount, history.events.known):
        digest.update(np.ascontiguousarray(column, dtype="<i8").tobytes())
    return digest.hexdigest()
