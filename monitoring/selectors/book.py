"""The watched leases and their money as a `Book`: all of them, or those due for a roll."""

from datetime import date

import polars as pl
from django.db import connection

from monitoring.book import Book
from origination.domain.allocation_columns import EVENT_SCHEMA

_LEASES = """
    SELECT lease_rid::text, lessor_id::text, lease.pool_id::text, contract_number, lease.currency,
           financed_amount_minor, rent_minor, annual_nominal_rate::text, term_months,
           first_payment_on::text, maturity_on::text, rent_pattern, rent_timing,
           residual_minor, residual_kind
    FROM monitoring_watchedlease AS lease
"""
# A lease's standing changes when something arrived, or when its oldest unpaid rental falls due.
_DUE = """
    LEFT JOIN monitoring_assetperformance AS position USING (lease_rid, lessor_id)
    WHERE lease.touched OR position.oldest_unpaid_on <= %s
"""
_LEASE_SCHEMA = {
    "lease_rid": pl.String, "lessor_id": pl.String, "pool_id": pl.String,
    "contract_number": pl.String, "currency": pl.String, "financed_amount_minor": pl.Int64,
    "rent_minor": pl.Int64, "annual_nominal_rate": pl.String, "term_months": pl.Int64,
    "first_payment_on": pl.String, "maturity_on": pl.String, "rent_pattern": pl.String,
    "rent_timing": pl.String, "residual_minor": pl.Int64, "residual_kind": pl.String,
}  # fmt: skip
_EVENTS = """
    SELECT lease_rid::text, kind, amount_minor, effective_on, known_at, reference, reverses
    FROM monitoring_watchedpayment {where} ORDER BY ledger_index, id
"""


def load_book(*, due_on: date | None = None) -> Book:
    """Every watched lease, or those whose standing can have changed by the end of `due_on`."""
    with connection.cursor() as cursor:
        if due_on is None:
            cursor.execute(f"{_LEASES} ORDER BY lease_rid")
        else:
            cursor.execute(f"{_LEASES} {_DUE} ORDER BY lease_rid", [due_on])
        leases = pl.DataFrame(cursor.fetchall(), schema=_LEASE_SCHEMA, orient="row")
    return Book(leases, _events_of(leases, everything=due_on is None))


def _events_of(leases: pl.DataFrame, *, everything: bool) -> pl.DataFrame:
    rids = leases["lease_rid"]
    schema = {"lease_rid": pl.String, **{k: v for k, v in EVENT_SCHEMA.items() if k != "lease"}}
    order = ["kind", "amount_minor", "effective_on", "known_at", "reference", "reverses"]
    with connection.cursor() as cursor:
        if everything:
            cursor.execute(_EVENTS.format(where=""))
        else:
            cursor.execute(
                _EVENTS.format(where="WHERE lease_rid = ANY(%s::uuid[])"), [rids.to_list()]
            )
        rows = cursor.fetchall()
    events = pl.DataFrame(
        rows, schema={name: schema[name] for name in ["lease_rid", *order]}, orient="row"
    )
    positions = pl.DataFrame({"lease_rid": rids, "lease": pl.arange(0, len(rids), eager=True)})
    return (
        events.unique(["lease_rid", "kind", "reference"], keep="first", maintain_order=True)
        .join(positions, on="lease_rid", maintain_order="left")
        .select(list(EVENT_SCHEMA))
        .cast(dict(EVENT_SCHEMA))
    )
