"""Importing a tape: checked whole, signed once, each row an entry with its path to the signer."""

import json
import uuid
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import polars as pl
from django.db import transaction

from ledger.drafts import rows as drafts_of_rows
from ledger.services import append_tape
from origination.copying import copy_rows
from origination.domain.lease_fields import (
    FINDINGS_SCHEMA,
    Finding,
    Severity,
    field_error,
    find_columns,
    find_duplicates,
)
from origination.models import Lease, Tape, TapeFinding
from origination.problems import TapeKnown
from origination.services.leases import claim_of
from origination.tape_file import lease_columns, read_table
from tenants.context import current_tenant
from tenants.problems import FieldError
from tenants.registry import claim_rights, retried

_UNIQUE = ["contract_number", "vin"]
_COLUMNS = [
    "rid",
    "entry_index",
    "tape_id",
    "contract_number",
    "lessee_kind",
    "lessee_name",
    "lessee_id_number",
    "province",
    "vin",
    "vehicle_make",
    "vehicle_model",
    "energy",
    "product",
    "currency",
    "financed_amount_minor",
    "rent_minor",
    "residual_minor",
    "annual_nominal_rate",
    "term_months",
    "originated_on",
    "maturity_on",
    "record",
    "recorded_by",
    "recorded_at",
]
_FROM_RECORD = _COLUMNS[3:-3]


@dataclass(frozen=True)
class RowFinding:
    """What is wrong with one field of one row (the first row after the header is 1)."""

    row: int
    finding: Finding
    value: str = ""

    def error(self) -> FieldError:
        """In words."""
        return _words(self.finding)


@dataclass
class TapeReport:
    """What an import took, what it refused and why; `tape` is None when nothing was written."""

    file_name: str
    sha256: str
    rows: int
    taken: int = 0
    tape: Tape | None = None
    findings: list[RowFinding] = field(default_factory=list)

    @property
    def refused_rows(self) -> set[int]:
        """Rows that are kept out: those with an error or with a warning that nobody confirmed."""
        return {found.row for found in self.findings}

    def counts(self) -> list[tuple[str, str, int]]:
        """(field, code, rows) of what was found, the most frequent first."""
        counted = Counter((f.finding.field, f.finding.code) for f in self.findings)
        return [(field, code, count) for (field, code), count in counted.most_common()]


class _NothingKept(Exception):
    """Rolls the import back; its report says why."""


@retried()
def import_tape(
    *,
    content: bytes,
    file_name: str,
    by: UUID,
    at: datetime,
    keep_good: bool = False,
    confirm_warnings: bool = False,
    kid: str | None = None,
    table: pl.DataFrame | None = None,
) -> TapeReport:
    """Import a tape's leases, all or (with `keep_good`) the good ones; see the report.

    The back-office key `kid`, or this server's own, signs the file's hash and the Merkle root of
    the rows. Raises `NotATape`, `HalfAFile` or `TapeKnown`; rows that are wrong are no exception
    but findings. Without `keep_good` one wrong row keeps everything out; a row with a warning is
    wrong until `confirm_warnings` says that it was looked at. `table` is the content as
    `read_table` reads it, where the caller has read it already.
    """
    digest = sha256(content).hexdigest()
    if known := Tape.objects.filter(sha256=digest).first():
        raise TapeKnown(params={"name": known.file_name, "day": f"{known.imported_at:%Y-%m-%d}"})
    frame = lease_columns(read_table(content) if table is None else table)
    report = TapeReport(file_name, digest, len(frame))
    report.findings = _find(frame, warnings_too=not confirm_warnings)
    if report.refused_rows and not keep_good:
        return report
    try:
        with transaction.atomic():
            _write(frame, report, by=by, at=at, keep_good=keep_good, kid=kid)
    except _NothingKept:
        report.taken, report.tape = 0, None
    return report


def _find(frame: pl.DataFrame, *, warnings_too: bool) -> list[RowFinding]:
    """Everything wrong with the rows by themselves, in the file, and beside the book."""
    found = pl.concat(
        [find_columns(frame), find_duplicates(frame, _UNIQUE), _in_book(frame)], how="vertical"
    ).sort("row", "field", maintain_order=True)
    findings = []
    for row, name, code in found.select("row", "field", "code").iter_rows():
        finding = Finding(name, code)
        if finding.severity is Severity.ERROR or warnings_too:
            value = frame[name][row] if name in frame.columns else None
            findings.append(RowFinding(row + 1, finding, (value or "")[:120]))
    return findings


def _in_book(frame: pl.DataFrame) -> pl.DataFrame:
    """Rows whose contract number or vehicle stands in the lessor's book already."""
    parts = [pl.DataFrame(schema=FINDINGS_SCHEMA)]
    for name in _UNIQUE:
        query = {f"{name}__in": frame[name].drop_nulls().to_list()}
        if name == "vin":
            query["ended_on"] = None  # a vehicle is leased again once its lease is over
        known = set(Lease.objects.filter(**query).values_list(name, flat=True))
        places = [place for place, value in enumerate(frame[name]) if value in known]
        if places:
            rows = {"row": places, "field": [name] * len(places)}
            rows["code"] = ["duplicate_in_book"] * len(places)
            parts.append(pl.DataFrame(rows, schema_overrides=FINDINGS_SCHEMA))
    return pl.concat(parts, how="diagonal").select(list(FINDINGS_SCHEMA))


def _write(frame, report: TapeReport, *, by, at, keep_good, kid) -> None:
    bad = report.refused_rows
    good = [place for place in range(len(frame)) if place + 1 not in bad]
    records = _records(frame[good])
    rids = [uuid.uuid4() for _record in records]
    claims = [claim_of(rid, record) for rid, record in zip(rids, records, strict=True)]
    outcomes = claim_rights(claims=claims, by_tenant=current_tenant().pk, at=at)
    lost = [i for i, outcome in enumerate(outcomes) if not outcome.accepted]
    report.findings += [
        RowFinding(good[i] + 1, Finding("vin", "right_unavailable"), records[i]["vin"])
        for i in lost
    ]
    keep = [i for i, outcome in enumerate(outcomes) if outcome.accepted]
    if not keep or (lost and not keep_good):
        raise _NothingKept
    kept = [(rids[i], records[i]) for i in keep]
    report.taken = len(kept)
    report.tape = _append(report, kept, by=by, at=at, kid=kid)


def _append(report: TapeReport, kept, *, by, at, kid) -> Tape:
    rid = uuid.uuid4()
    fields = {
        "file_name": report.file_name,
        "file_sha256": report.sha256,
        "rows": str(report.rows),
        "taken": str(report.taken),
        "refused": str(report.rows - report.taken),
    }
    drafts = drafts_of_rows(kind="lease.recorded", records=kept, ts=at)
    entry, *rows = append_tape(rid=rid, fields=fields, rows=drafts, at=at, kid=kid)
    tape = Tape.objects.create(
        rid=rid,
        file_name=report.file_name,
        sha256=report.sha256,
        rows=report.rows,
        taken=report.taken,
        refused=report.rows - report.taken,
        entry_index=entry.index,
        imported_by=by,
        imported_at=at,
    )
    lines = (
        (lease_rid, row.index, rid)
        + tuple(record[name] for name in _FROM_RECORD)
        + (json.dumps(record, ensure_ascii=False), by, at)
        for (lease_rid, record), row in zip(kept, rows, strict=True)
    )
    copy_rows("origination_lease", _COLUMNS, lines)
    _store_findings(tape, report.findings)
    return tape


def _store_findings(tape: Tape, findings: Sequence[RowFinding]) -> None:
    TapeFinding.objects.bulk_create(
        [
            TapeFinding(
                tape=tape,
                row=found.row,
                field=found.finding.field,
                code=found.finding.code,
                value=found.value,
            )
            for found in findings
        ],
        batch_size=5_000,
    )


def _records(frame: pl.DataFrame) -> list[dict[str, str]]:
    """Rows as mappings without empty fields."""
    return [
        {name: value for name, value in row.items() if value is not None}
        for row in frame.iter_rows(named=True)
    ]


def _words(finding: Finding) -> FieldError:
    if finding.code == "duplicate_in_book":
        return FieldError(
            finding.field,
            finding.code,
            "This stands in your book already.",
            "Remove the row, or correct it.",
        )
    if finding.code == "right_unavailable":
        return FieldError(
            finding.field,
            finding.code,
            "The right on this vehicle is not available.",
            "Check the vehicle with its owner, or open a contest on the page Contests.",
        )
    return field_error(finding)


__all__ = ["RowFinding", "TapeReport", "import_tape"]
