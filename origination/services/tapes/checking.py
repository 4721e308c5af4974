"""The dry run: every row against its fields' forms, the rules, the file, and the book."""

from collections import Counter
from dataclasses import dataclass, field
from datetime import date

import polars as pl
from django.db import transaction

from origination.domain.lease_fields import (
    FIELDS,
    FINDINGS_SCHEMA,
    find_columns,
    find_duplicates,
    find_written,
)
from origination.domain.tapes.mapping import Mapped, TapeMapping, apply_mapping
from origination.domain.tapes.reported import REPORTED, TERM_NAMES
from origination.domain.tapes.rules import ACROSS_FIELDS, judge, judge_across
from origination.domain.tapes.score import Tally, score
from origination.models import LeaseReport, TapeChunk, TapeFinding, TapeUpload, UploadState
from origination.services.tapes.book import Beside, beside_the_book
from origination.services.tapes.findings import KEPT, blocking, opened, packed, with_values
from origination.services.tapes.staging import mapping_of

UNIQUE = ["contract_number", "vin"]


class Stopped(Exception):
    """Somebody asked the job to stop."""


@dataclass
class _Counts:
    """What is counted while chunks go by."""

    rows: int = 0
    cells: int = 0
    absent: int = 0
    blocked: int = 0  # rows with an error or a warning
    wrong: int = 0  # rows with an error
    found: Counter[tuple[str, str, str]] = field(default_factory=Counter)
    rows_with: Counter[str] = field(default_factory=Counter)
    compared: Counter[str] = field(default_factory=Counter)
    changed_fields: Counter[str] = field(default_factory=Counter)

    def add(self, found: pl.DataFrame) -> None:
        counted = found.group_by("field", "code", "severity").len()
        for name, code, severity, count in counted.iter_rows():
            self.found[name, code, severity] += count
        for severity, count in found.unique(["row", "severity"]).group_by("severity").len().rows():
            self.rows_with[severity] += count
        self.blocked += len(blocking(found, confirm_warnings=False))
        self.wrong += len(blocking(found, confirm_warnings=True))

    def compare(self, beside: Beside, source: str | None) -> None:
        known = beside.rids.drop_nulls()
        changed = beside.deltas["row"].n_unique()
        self.compared["new"] += len(beside.rids) - len(known)
        self.compared["changed"] += changed
        self.compared["unchanged"] += len(known) - changed
        self.compared["of_source"] += int((beside.sources == source).sum()) if source else 0
        for name, count in beside.deltas.group_by("field").len().iter_rows():
            self.changed_fields[name] += count


def check_upload(*, upload: TapeUpload, today: date) -> None:
    """Check a whole file without writing anything of it; `upload.report` says what was found.

    Raises `NotATape` where the mapping lacks something, `Stopped` where somebody asked.
    """
    mapping = mapping_of(upload)
    mapping.check()
    counts, across = _Counts(), []
    _begin(upload)
    for chunk in upload.chunks.defer("findings").iterator(chunk_size=1):
        go_on(upload)
        rows = opened(chunk.content)
        mapped = apply_mapping(rows, mapping)
        beside = beside_the_book(mapped, mapping)
        found = pl.concat([find_in_rows(mapped, mapping, today=today), beside.findings])
        counts.compare(beside, str(upload.source_id) if upload.source_id else None)
        counts.rows += len(rows)
        counts.cells += len(rows) * max(1, len(mapping.fields))
        counts.absent += len(mapped.absent) + int((found["code"] == "required").sum())
        TapeChunk.objects.filter(pk=chunk.pk).update(
            findings=packed(with_values(found, mapped.said))
        )
        across.append(_hashed(mapped.table))
        TapeUpload.objects.filter(pk=upload.pk).update(rows_done=counts.rows)
    _add_across(upload, mapping, pl.concat(across))
    _finish(upload, counts)


def find_in_rows(mapped: Mapped, mapping: TapeMapping, *, today: date) -> pl.DataFrame:
    """Everything wrong with the rows by themselves."""
    table = mapped.table
    terms = table.select(name for name in table.columns if name in TERM_NAMES)
    reported = find_written(table, REPORTED)
    if mapping.by_asset:
        return pl.concat([find_written(terms, FIELDS), reported])
    found = pl.concat([find_columns(terms), reported, judge(table, today=today)])
    absent = mapped.absent.select("row", "field", says=pl.lit(True))
    marked = found.join(absent, on=["row", "field"], how="left", maintain_order="left")
    is_no_data = (pl.col("code") == "required") & pl.col("says").fill_null(False)
    code = pl.when(is_no_data).then(pl.lit("no_data")).otherwise(pl.col("code"))
    return marked.with_columns(code=code).select(list(FINDINGS_SCHEMA))


def go_on(upload: TapeUpload) -> None:
    """Raise `Stopped` where somebody asked for it since."""
    if TapeUpload.objects.filter(pk=upload.pk, is_stop_asked=True).exists():
        raise Stopped


def _begin(upload: TapeUpload) -> None:
    upload.state, upload.is_stop_asked, upload.rows_done = UploadState.CHECKING, False, 0
    upload.problem, upload.report = {}, {}
    upload.save(update_fields=["state", "rows_done", "problem", "report"])
    upload.findings.all().delete()


def _hashed(table: pl.DataFrame) -> pl.DataFrame:
    """Eight bytes a cell: what a million rows are compared by."""
    return table.select(
        (
            pl.when(pl.col(name).is_not_null()).then(pl.col(name).hash(seed=7))
            if name in table.columns
            else pl.lit(None, pl.UInt64)
        ).alias(name)
        for name in ACROSS_FIELDS
    )


def _add_across(upload: TapeUpload, mapping: TapeMapping, columns: pl.DataFrame) -> None:
    """Findings on rows beside other rows, put to the chunks that they are in."""
    doubles = [
        find_duplicates(columns.select(pl.col(name).cast(pl.String)), [name]) for name in UNIQUE
    ]
    found = pl.concat([*doubles, judge_across(columns)])
    if found.is_empty():
        return
    for chunk in upload.chunks.iterator(chunk_size=1):
        first = chunk.first_row - 1
        own = found.filter(pl.col("row").is_between(first, first + chunk.rows - 1))
        if len(own):
            said = apply_mapping(opened(chunk.content), mapping).said
            own = own.with_columns(row=(pl.col("row") - first).cast(pl.UInt32))
            both = pl.concat([opened(chunk.findings), with_values(own, said)])
            chunk.findings = packed(both.sort("row", maintain_order=True))
            chunk.save(update_fields=["findings"])


@transaction.atomic
def _finish(upload: TapeUpload, counts: _Counts) -> None:
    kept: list[TapeFinding] = []
    for chunk in upload.chunks.defer("content").iterator(chunk_size=1):
        found = opened(chunk.findings)
        counts.add(found)
        if len(kept) < KEPT:
            kept += as_rows(upload, found.head(KEPT - len(kept)), chunk.first_row)
    TapeFinding.objects.bulk_create(kept, batch_size=5_000)
    upload.report = _report(counts, upload)
    upload.state = UploadState.CHECKED
    upload.save(update_fields=["report", "state"])


def as_rows(upload: TapeUpload, found: pl.DataFrame, first_row: int) -> list[TapeFinding]:
    """Findings of a chunk as rows of the table."""
    return [
        TapeFinding(upload=upload, row=first_row + row, field=name, code=code, value=value)
        for row, name, code, value in found.select("row", "field", "code", "value").iter_rows()
    ]


def _report(counts: _Counts, upload: TapeUpload) -> dict[str, object]:
    found = [(*what, count) for what, count in counts.found.most_common()]
    tally = Tally(counts.rows, counts.rows_with, counts.cells, counts.absent, found)
    scored = score(tally)
    compared = dict(counts.compared)
    compared["gone"] = told_before(upload) - compared.pop("of_source", 0)
    return {
        "rows": counts.rows,
        "blocked": counts.blocked,
        "wrong": counts.wrong,
        "found": found,
        "rows_with": dict(counts.rows_with),
        "score": str(scored.points),
        "parts": [[p.code, str(p.lost), p.count, p.of, p.rules] for p in scored.parts],
        "compared": compared,
        "changed_fields": counts.changed_fields.most_common(),
    }


def told_before(upload: TapeUpload) -> int:
    """How many leases the source's earlier tapes told of."""
    if upload.source_id is None:
        return 0
    return LeaseReport.objects.filter(source_id=upload.source_id, gone_at=None).count()
