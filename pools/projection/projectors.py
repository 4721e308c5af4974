"""Called in the receiver's transaction with what arrived and verified."""

import polars as pl
from django.db import connection, transaction
from psycopg.errors import UniqueViolation

from ledger.exchange.registry import VerifiedBatch
from origination.copying import text_array
from pools.models import Asset
from pools.projection.changes import apply_again
from pools.projection.obligors import obligor_of
from tenants.database.bound import run_bound

_OWN = {"rid", "source", "ledger_index", "anchored_at", "obligor", "changes"}
_FIELDS = tuple(f.name for f in Asset._meta.concrete_fields if f.name not in _OWN)
_NULLABLE = {f.name for f in Asset._meta.concrete_fields if f.null}
_TYPES = {f.name: f.db_type(connection) for f in Asset._meta.concrete_fields}


def project_leases(batch: VerifiedBatch) -> None:
    """Keep each lease; a later version of a record by the same lessor replaces the one before."""
    latest = {
        rid: (index, fields)
        for rid, index, fields in zip(batch.rids, batch.indexes, batch.fields, strict=True)
        if fields
    }
    names = ("rid", "ledger_index", "obligor", *_FIELDS)
    columns = [
        list(latest),
        [str(index) for index, _ in latest.values()],
        [obligor_of(fields) for _, fields in latest.values()],
        *(
            [fields.get(name, None if name in _NULLABLE else "") for _, fields in latest.values()]
            for name in _FIELDS
        ),
    ]
    picked = ", ".join(f"{name}::{_TYPES[name]}" for name in names)
    changed = ", ".join(f"{name} = excluded.{name}" for name in (*names[1:], "anchored_at"))
    run_bound(
        f"INSERT INTO pools_asset (source, anchored_at, {', '.join(names)}) "
        f"SELECT %s, %s, {picked} FROM unnest({', '.join(['%s::text[]'] * len(names))}) "
        f"AS new ({', '.join(names)}) ON CONFLICT (rid) DO UPDATE SET {changed} "
        "WHERE pools_asset.source = excluded.source",
        [batch.source, batch.known_at, *(text_array(pl.Series(column)) for column in columns)],
    )
    apply_again(latest)


def project_payments(batch: VerifiedBatch) -> None:
    """Keep the bank lines of a batch, each once."""
    if (rows := _items(batch, ("reverses",))) is not None:
        _insert(
            batch,
            rows.select(
                "lease_rid",
                "kind",
                "amount_minor",
                effective_on=pl.col("effective_at").str.slice(0, 10),
                known_at="known_at",
                reference="bank_reference",
                reverses="reverses",
            ),
            "pools_assetpayment",
            {"lease_rid": "uuid", "amount_minor": "bigint", "effective_on": "date",
             "known_at": "timestamptz"},
        )  # fmt: skip


def project_prices(batch: VerifiedBatch) -> None:
    """Keep the price observations of a batch, each once."""
    if (rows := _items(batch, ("odometer_km",))) is not None:
        _insert(
            batch,
            rows.select(
                "lease_rid", "kind", "distressed", "price_minor",
                pl.col("odometer_km").replace("", None), "observed_on", "known_at",
            ),
            "pools_assetprice",
            {"lease_rid": "uuid", "distressed": "boolean", "price_minor": "bigint",
             "odometer_km": "integer", "observed_on": "date", "known_at": "timestamptz"},
        )  # fmt: skip


def project_searches(batch: VerifiedBatch) -> None:
    """Keep what outside registers said, each answer once."""
    if (rows := _items(batch, ("holder", "registration_number"))) is not None:
        _insert(
            batch,
            rows.select(
                "lease_rid", "register", "searched_on", "result", "holder", "registration_number"
            ),
            "pools_assetsearch",
            {"lease_rid": "uuid", "searched_on": "date"},
        )


def _items(batch: VerifiedBatch, optional: tuple[str, ...]) -> pl.DataFrame | None:
    """The items as text columns, optional ones filled in; None where nothing is shared."""
    frame = pl.DataFrame({name: list(values) for name, values in batch.items.items()})
    if frame.is_empty():
        return None
    return frame.with_columns(
        [pl.lit("").alias(name) for name in optional if name not in frame.columns]
    )


def _insert(batch: VerifiedBatch, rows: pl.DataFrame, table: str, types: dict[str, str]) -> None:
    """One INSERT … SELECT FROM unnest: near COPY's speed, and repeats are skipped.

    So is what a lessor says of a lease that is not its own. Rows go in by lease, which is how the
    unique index lies; and what holds no repeat, as nearly every batch, is spared asking for each
    row whether it is one.
    """
    rows = rows.sort("lease_rid", maintain_order=True)
    names = rows.columns
    picked = ", ".join(f"{name}::{types.get(name, 'text')}" for name in names)
    insert = (
        f"INSERT INTO {table} (ledger_index, anchored_at, {', '.join(names)}) "
        f"SELECT %s, %s, {picked} FROM unnest({', '.join(['%s::text[]'] * len(names))}) "
        f"AS new ({', '.join(names)}) WHERE EXISTS (SELECT FROM pools_asset AS own "
        "WHERE own.rid = new.lease_rid::uuid AND own.source = %s)"
    )
    values = [
        batch.indexes[0],
        batch.known_at,
        *(text_array(rows[name]) for name in names),
        batch.source,
    ]
    try:
        with transaction.atomic():
            run_bound(insert, values)
    except UniqueViolation:
        run_bound(f"{insert} ON CONFLICT DO NOTHING", values)
