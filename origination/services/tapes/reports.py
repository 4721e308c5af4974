"""What a tape reports of leases beyond their recorded terms: kept, and one entry a chunk."""

import json
import uuid
from datetime import datetime

import polars as pl
from django.db import connection

from ledger.services import Appended, append_batch
from origination.copying import text_array
from origination.domain.tapes.mapping import ASSET_NUMBER, Mapped
from origination.domain.tapes.reported import REPORTED_NAMES
from origination.models import TapeUpload
from origination.services.tapes.book import Beside

_NOTHING = "{}"
_MERGE = (
    "INSERT INTO origination_leasereport AS r"
    " (lease_id, source_id, upload_id, row, values, extra, reported_at)"
    " SELECT rid, %s, %s, place, told, beside, %s"
    " FROM unnest(%s::uuid[], %s::bigint[], %s::jsonb[], %s::jsonb[])"
    " AS t(rid, place, told, beside)"
    " ON CONFLICT (lease_id) DO UPDATE SET source_id = coalesce(excluded.source_id, r.source_id),"
    " upload_id = excluded.upload_id, row = excluded.row, values = r.values || excluded.values,"
    " extra = CASE WHEN excluded.extra = '{}' THEN r.extra ELSE excluded.extra END,"
    " reported_at = excluded.reported_at, gone_at = NULL"
)


def keep_reports(
    *,
    upload: TapeUpload,
    first_row: int,
    mapped: Mapped,
    beside: Beside,
    rids: pl.Series,
    bad: pl.Series,
    at: datetime,
) -> Appended | None:
    """Keep what rows report of new leases, and newly of known ones; the entry, if any.

    `rids`: the lease of each row, null where it has none. Rows that report nothing new write
    nothing to the ledger: the same rows in another file leave it as it is.
    """
    told = _told(mapped, beside, rids, bad)
    is_told = (told["values"] != _NOTHING) | (told["extra"] != _NOTHING)
    # a source's every lease is noted: what its next tape leaves out is gone
    _merge(told if upload.source_id else told.filter(is_told), upload, first_row, at)
    items = told.filter(pl.col("values") != _NOTHING)
    if items.is_empty():
        return None
    rows = [json.loads(text) for text in items["values"]]
    names = sorted({name for row in rows for name in row})
    columns = {name: [row.get(name, "") for row in rows] for name in names}
    return append_batch(
        kind="lease.reported",
        rid=uuid.uuid4(),
        fields={"leases": str(len(items)), "file_sha256": upload.sha256},
        items={"lease_rid": items["rid"].to_list()} | columns,
        at=at,
    )


def _told(mapped: Mapped, beside: Beside, rids: pl.Series, bad: pl.Series) -> pl.DataFrame:
    """(row, rid, values, extra), JSON: of new leases all that is reported, of known ones what is
    new; nothing of rows that are kept out."""
    table, height = mapped.table, len(rids)
    reported = [name for name in table.columns if name in REPORTED_NAMES]
    beside_fields = [] if ASSET_NUMBER in table.columns else mapped.extra.columns
    changed = beside.deltas.group_by("row").agg(pl.struct("field", "after").alias("changed"))
    frame = pl.DataFrame({"rid": rids, "is_new": beside.rids.is_null()}).with_row_index("row")
    frame = frame.with_columns(
        values=_objects(table, reported, height),
        extra=_objects(mapped.extra, beside_fields, height),
    ).join(changed, on="row", how="left", maintain_order="left")
    newly = frame["changed"].map_elements(_object, return_dtype=pl.String).fill_null(_NOTHING)
    is_bad = pl.col("row").is_in(bad.implode())
    values = pl.when(pl.col("is_new")).then(pl.col("values")).otherwise(newly)
    nothing = pl.lit(_NOTHING)
    return frame.select(
        "row",
        "rid",
        values=pl.when(is_bad).then(nothing).otherwise(values),
        extra=pl.when(is_bad).then(nothing).otherwise(pl.col("extra")),
    ).drop_nulls("rid")


def _objects(frame: pl.DataFrame, names: list[str], height: int) -> pl.Series:
    """Columns as one JSON object a row, without what is empty."""
    if not names:
        return pl.Series([_NOTHING] * height, dtype=pl.String)
    return pl.Series(
        [
            json.dumps({n: v for n, v in row.items() if v is not None}, ensure_ascii=False)
            for row in frame.select(names).iter_rows(named=True)
        ],
        dtype=pl.String,
    )


def _object(changes: list[dict[str, str]]) -> str:
    return json.dumps({one["field"]: one["after"] for one in changes}, ensure_ascii=False)


def _merge(told: pl.DataFrame, upload: TapeUpload, first_row: int, at: datetime) -> None:
    """New values over those of before; columns that are no field as this file has them."""
    if told.is_empty():
        return
    arrays = [
        text_array(column)
        for column in (
            told["rid"], told["row"].cast(pl.Int64) + first_row, told["values"], told["extra"],
        )
    ]  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute(_MERGE, [upload.source_id, upload.pk, at, *arrays])
