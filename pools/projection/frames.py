"""The trust's assets and their events as frames."""

import io
from collections.abc import Mapping, Sequence

import polars as pl
from django.db import connection

from origination.domain.servicing.payment_columns import EVENT_SCHEMA

#: Selects `known_at` as `typed` reads it.
KNOWN = "known_at AT TIME ZONE 'UTC' AS known_at"
_PAYMENTS = f"""
    SELECT lease_rid, kind, amount_minor, effective_on, {KNOWN}, reference, reverses
    FROM pools_assetpayment
"""


def read_frame(
    query: str, parameters: Sequence[object] | Mapping[str, object] | None = None
) -> pl.DataFrame:
    """COPY a query's answer out as text columns (empty = null)."""
    data = io.BytesIO()
    given = () if parameters is None else (parameters,)  # Django's debug cursor takes none
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY ({query}) TO STDOUT (FORMAT csv, HEADER)", *given) as copy,
    ):
        for block in copy:
            data.write(block)
    return pl.read_csv(data.getvalue(), infer_schema=False)


def read_payments(rids: pl.Series, *, only_these: bool = False) -> pl.DataFrame:
    """Bank lines of assets as `EVENT_SCHEMA`, `lease` being the place of the asset in `rids`.

    With `only_these` the database picks them: for a few assets of many.
    """
    if only_these:
        rows = read_frame(f"{_PAYMENTS} WHERE lease_rid = ANY(%s::uuid[])", [rids.to_list()])
    else:
        rows = read_frame(f"{_PAYMENTS} ORDER BY id")  # one order, whatever the plan
    return typed(rows, places_of_assets(rids), EVENT_SCHEMA)


def places_of_assets(rids: pl.Series) -> pl.DataFrame:
    """`lease_rid` and its place `lease`, to join events with."""
    return pl.DataFrame({"lease_rid": rids.cast(pl.String)}).with_row_index("lease")


def typed(frame: pl.DataFrame, place: pl.DataFrame, schema) -> pl.DataFrame:
    """Rows of known leases, with the lease's position and the schema's types."""

    def cast(name, kind):
        column = pl.col(name)
        if kind == pl.Date:
            return column.str.to_date("%Y-%m-%d")
        if isinstance(kind, pl.Datetime):
            return column.str.to_datetime("%Y-%m-%d %H:%M:%S%.f", time_unit="us", time_zone="UTC")
        return column.cast(kind)

    joined = frame.join(place, on="lease_rid", how="inner", maintain_order="left")
    return joined.select(cast(name, kind).alias(name) for name, kind in schema.items())
