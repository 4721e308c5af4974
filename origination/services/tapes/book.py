"""Rows of a tape beside the lessor's book: which leases are known, and what is known of them."""

import base64
import binascii
from dataclasses import dataclass
from uuid import UUID

import polars as pl

from origination.domain.lease_fields import FINDINGS_SCHEMA
from origination.domain.tapes.changes import compare
from origination.domain.tapes.mapping import ASSET_NUMBER, Mapped, TapeMapping
from origination.domain.tapes.reported import TARGETS
from origination.models import Lease
from tenants.database.bound import run_bound

_KNOWN = (
    "SELECT l.contract_number, l.rid::text, l.record::text, r.values::text, r.extra::text,"
    " r.source_id::text FROM origination_lease l"
    " LEFT JOIN origination_leasereport r ON r.lease_id = l.rid WHERE l.{key} = ANY(%b::{type}[])"
)
_VEHICLES = "SELECT vin FROM origination_lease WHERE vin = ANY(%b::text[]) AND ended_on IS NULL"
_TEXTS = pl.Struct(dict.fromkeys(TARGETS, pl.String))
_SCHEMA = dict.fromkeys(("number", "rid", "record", "values", "extra", "source"), pl.String)


@dataclass(frozen=True)
class Beside:
    """`rids`: of each row its lease's, null where it is new. `deltas` and `findings`: `compare`'s.

    `sources`: of each row the source that reported its lease last.
    """

    rids: pl.Series
    sources: pl.Series
    deltas: pl.DataFrame
    findings: pl.DataFrame


def beside_the_book(mapped: Mapped, mapping: TapeMapping) -> Beside:
    """Find each row's lease by its contract number (or record id) and compare the two."""
    table = mapped.table
    keys = _keys(table, mapping)
    known = _known(keys, "rid" if mapping.by_asset else "contract_number")
    joined = keys.to_frame("key").join(
        known, on="key", how="left", maintain_order="left", coalesce=True
    )
    rids = joined["rid"]
    rows = rids.is_not_null().arg_true()
    findings = [pl.DataFrame(schema=FINDINGS_SCHEMA), _vehicles_in_book(table, rids)]
    deltas = pl.DataFrame(
        schema={"row": pl.UInt32, "field": pl.String, "before": pl.String, "after": pl.String}
    )
    if len(rows):
        before = joined[rows].select(_before(mapping)).unnest("before")
        changes = compare(table[rows], before, mapping)
        deltas = changes.deltas.with_columns(row=rows.gather(changes.deltas["row"]))
        found = changes.findings
        findings.append(found.with_columns(row=rows.gather(found["row"])))
    if mapping.by_asset:
        findings.append(_found(rids.is_null(), ASSET_NUMBER, "no_such_lease"))
    return Beside(rids, joined["source"], deltas, pl.concat(findings))


def names_own_leases(rows: pl.DataFrame) -> bool:
    """Whether an EX-102 file's first assets are leases of this book, by their record ids."""
    rids = [rid for text in rows["assetNumber"] if (rid := record_id(text))]
    return bool(rids) and Lease.objects.filter(pk__in=rids).exists()


def _keys(table: pl.DataFrame, mapping: TapeMapping) -> pl.Series:
    if not mapping.by_asset:
        return table["contract_number"]
    found = [record_id(text) for text in table[ASSET_NUMBER]]
    return pl.Series(found, dtype=pl.String)


def record_id(text: str | None) -> str | None:
    """The record id in an asset number (`autolease_rows.asset_number`), None where it is none."""
    try:
        return str(UUID(bytes=base64.urlsafe_b64decode(f"{text}=="))) if text else None
    except (binascii.Error, ValueError):
        return None


def _known(keys: pl.Series, column: str) -> pl.DataFrame:
    kind = {"contract_number": "text", "rid": "uuid"}[column]
    rows = run_bound(
        _KNOWN.format(key=column, type=kind), [keys.drop_nulls().unique().to_list()], binary=True
    )
    frame = pl.DataFrame(rows, schema=_SCHEMA, orient="row")
    return frame.with_columns(key=pl.col("number" if column == "contract_number" else "rid"))


def _before(mapping: TapeMapping) -> pl.Expr:
    """The record's fields, and above them what was reported last."""
    record = pl.col("record").str.json_decode(_TEXTS)
    values = pl.col("values").fill_null("{}").str.json_decode(_TEXTS)
    fields = [
        pl.coalesce(values.struct.field(name), record.struct.field(name)).alias(name)
        for name in TARGETS
    ]
    return pl.struct(fields).alias("before")


def _vehicles_in_book(table: pl.DataFrame, rids: pl.Series) -> pl.DataFrame:
    """New rows whose vehicle has a running lease in the book: it is leased again once that ends."""
    if "vin" not in table.columns:
        return pl.DataFrame(schema=FINDINGS_SCHEMA)
    vins = table["vin"]
    asked = vins.filter(rids.is_null()).drop_nulls().to_list()
    known = [vin for (vin,) in run_bound(_VEHICLES, [asked])]
    return _found(rids.is_null() & vins.is_in(known), "vin", "duplicate_in_book")


def _found(mask: pl.Series, field: str, code: str) -> pl.DataFrame:
    rows = mask.fill_null(False).arg_true()
    found = {"row": rows, "field": [field] * len(rows), "code": [code] * len(rows)}
    return pl.DataFrame(found, schema=FINDINGS_SCHEMA)
