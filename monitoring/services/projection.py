"""From verified entries to what is watched: leases and their bank lines."""

import polars as pl
from django.db import connection

from ledger.exchange.registry import VerifiedBatch
from origination.copying import copy_text

_TERMS = (
    "contract_number", "currency", "financed_amount_minor", "rent_minor", "annual_nominal_rate",
    "term_months", "first_payment_on", "maturity_on", "rent_pattern", "rent_timing",
    "residual_minor", "residual_kind",
)  # fmt: skip
_TYPES = {
    "financed_amount_minor": "bigint", "rent_minor": "bigint", "annual_nominal_rate": "numeric",
    "term_months": "smallint", "first_payment_on": "date", "maturity_on": "date",
    "residual_minor": "bigint",
}  # fmt: skip

_UPSERT_LEASES = f"""
    INSERT INTO monitoring_watchedlease (lease_rid, lessor_id, touched, {", ".join(_TERMS)})
    SELECT rid::uuid, %s, true, {", ".join(f"{n}::{_TYPES.get(n, 'text')}" for n in _TERMS)}
    FROM unnest(%s::text[], {", ".join(["%s::text[]"] * len(_TERMS))})
         AS new (rid, {", ".join(_TERMS)})
    ON CONFLICT (lease_rid) DO UPDATE SET touched = true,
        {", ".join(f"{name} = excluded.{name}" for name in _TERMS)}
    WHERE monitoring_watchedlease.lessor_id = excluded.lessor_id
"""
_TOUCH = """
    UPDATE monitoring_watchedlease SET touched = true
    WHERE NOT touched AND lease_rid = ANY(%s::uuid[])
"""
_PAYMENT_COLUMNS = (
    "lease_rid", "kind", "amount_minor", "effective_on", "known_at", "reference", "reverses",
    "ledger_index",
)  # fmt: skip


def project_leases(batch: VerifiedBatch) -> None:
    """Keep the terms of leases; a new version of a record replaces the one before.

    A lessor cannot overwrite another's lease: the record stays with who wrote it first.
    """
    latest = dict(zip(batch.rids, batch.fields, strict=True))
    columns = [[fields[name] for fields in latest.values()] for name in _TERMS]
    with connection.cursor() as cursor:
        cursor.execute(_UPSERT_LEASES, [batch.source, list(latest), *columns])


def project_payments(batch: VerifiedBatch) -> None:
    """Keep the bank lines of a verified batch and mark their leases for the next roll-forward."""
    if not batch.items.get("lease_rid"):
        return
    items = pl.DataFrame({name: list(values) for name, values in batch.items.items()})
    if "reverses" not in items.columns:
        items = items.with_columns(reverses=pl.lit(""))
    rows = items.select(
        "lease_rid",
        "kind",
        "amount_minor",
        pl.col("effective_at").str.slice(0, 10),
        "known_at",
        "bank_reference",
        "reverses",
        pl.lit(str(batch.indexes[0])),
    )
    # "always" quotes an empty `reverses`: unquoted it would be NULL to COPY.
    text = rows.write_csv(include_header=False, quote_style="always").encode()
    copy_text("monitoring_watchedpayment", _PAYMENT_COLUMNS, text)
    with connection.cursor() as cursor:
        cursor.execute(_TOUCH, [rows["lease_rid"].unique().to_list()])
