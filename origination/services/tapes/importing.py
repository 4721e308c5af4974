"""A checked file into the book, chunk by chunk: each chunk is one transaction with its entries.

What is done stays done: a job that is stopped, or dies, goes on with the first chunk that is not.
"""

import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

import polars as pl
from django.db import transaction
from django.db.models import F, Sum

from ledger.drafts import rows as drafts_of_rows
from ledger.services import append_tape
from origination.domain.tapes.mapping import Mapped, apply_mapping
from origination.domain.tapes.reported import TERM_NAMES
from origination.models import LeaseReport, Tape, TapeChunk, TapeFinding, TapeUpload, UploadState
from origination.problems import TapeUnready
from origination.services.leases import claim_of
from origination.services.tapes.book import Beside, beside_the_book
from origination.services.tapes.checking import as_rows, go_on
from origination.services.tapes.findings import KEPT, blocking, opened, packed, with_values
from origination.services.tapes.reports import keep_reports
from origination.services.tapes.rows import NewRows, copy_leases
from origination.services.tapes.staging import mapping_of
from tenants.context import current_tenant
from tenants.registry import claim_rights, retried


class RightLost(Exception):
    """A vehicle of the only chunk is another's, and one wrong row keeps everything out."""

    def __init__(self, found: pl.DataFrame, first_row: int) -> None:
        super().__init__()
        self.found, self.first_row = found, first_row


@dataclass(frozen=True)
class _Run:
    """Who imports, when, with which back-office key."""

    by: UUID
    at: datetime
    kid: str | None


def may_import(upload: TapeUpload) -> bool:
    """Whether its check leaves something to import as it was chosen."""
    report = upload.report
    if not report:
        return False
    blocked = report["wrong"] if upload.confirm_warnings else report["blocked"]
    return blocked == 0 or (upload.keep_good and blocked < report["rows"])


def import_upload(
    *, upload: TapeUpload, by: UUID, clock: Callable[[], datetime], kid: str | None = None
) -> None:
    """Import what is left of a checked upload; `clock` tells each chunk's time.

    Raises `TapeUnready` where rows are wrong and their good ones were not asked for, `Stopped`
    between two chunks, `RightLost` where nothing was kept of a file of one chunk.
    """
    if not may_import(upload):
        raise TapeUnready
    upload.state = UploadState.IMPORTING
    done = upload.chunks.filter(is_done=True).aggregate(rows=Sum("rows"))
    upload.rows_done = done["rows"] or 0
    upload.save(update_fields=["state", "rows_done"])
    left = upload.chunks.filter(is_done=False).values_list("pk", flat=True)
    for pk in list(left):
        go_on(upload)
        import_chunk(pk, _Run(by, clock(), kid))
    _finish(upload, at=clock())


@retried()
@transaction.atomic
def import_chunk(pk: int, run: _Run) -> None:
    """One chunk: its new leases, and what it reports of known ones. Idempotent."""
    chunk = TapeChunk.objects.select_for_update().get(pk=pk)
    if chunk.is_done:
        return
    upload = TapeUpload.objects.select_related("tape", "source").get(pk=chunk.upload_id)
    mapping = mapping_of(upload)
    mapped = apply_mapping(opened(chunk.content), mapping)
    beside = beside_the_book(mapped, mapping)
    found = _with_the_book(opened(chunk.findings), beside, mapped)
    bad = blocking(found, confirm_warnings=upload.confirm_warnings)
    new, lost = _claimed(mapped, beside, bad, run)
    if len(lost):
        found = pl.concat([found, with_values(lost, mapped.said)])
        if not upload.keep_good and upload.chunks.count() == 1:
            raise RightLost(with_values(lost, mapped.said), chunk.first_row)
        _add_findings(upload, with_values(lost, mapped.said), chunk.first_row)
    _write(chunk, upload, mapped, beside, bad, new, run)
    chunk.findings, chunk.content, chunk.is_done = packed(found), None, True
    chunk.save(update_fields=["findings", "content", "is_done", "entry_index", "taken"])
    upload.rows_done = F("rows_done") + chunk.rows
    upload.save(update_fields=["rows_done", "tape"])


def _with_the_book(found: pl.DataFrame, beside: Beside, mapped: Mapped) -> pl.DataFrame:
    """The check's findings and those of the book as it is now, each once."""
    now = with_values(beside.findings, mapped.said)
    return pl.concat([found, now]).unique(["row", "field", "code"], maintain_order=True)


def _claimed(
    mapped: Mapped, beside: Beside, bad: pl.Series, run: _Run
) -> tuple[NewRows, pl.DataFrame]:
    """New leases whose rights were claimed, and findings on those whose rights are another's."""
    places = pl.select(pl.int_range(len(beside.rids), dtype=pl.UInt32)).to_series()
    is_new = beside.rids.is_null() & ~places.is_in(bad.implode())
    terms = mapped.table.select(name for name in mapped.table.columns if name in TERM_NAMES)
    new = NewRows.of(places.filter(is_new), terms.filter(is_new))
    claims = [claim_of(rid, record) for rid, record in zip(new.rids, new.records, strict=True)]
    outcomes = claim_rights(claims=claims, by_tenant=current_tenant().pk, at=run.at)
    kept = [outcome.accepted for outcome in outcomes]
    lost = new.places.filter(pl.Series([not one for one in kept], dtype=pl.Boolean))
    found = {
        "row": lost, "field": ["vin"] * len(lost), "code": ["right_unavailable"] * len(lost),
    }  # fmt: skip
    schema = {"row": pl.UInt32, "field": pl.String, "code": pl.String}
    return new.only(kept), pl.DataFrame(found, schema=schema)


def _write(
    chunk: TapeChunk,
    upload: TapeUpload,
    mapped: Mapped,
    beside: Beside,
    bad: pl.Series,
    new: NewRows,
    run: _Run,
) -> None:
    if len(new):
        chunk.entry_index, indexes = _append(chunk, upload, new, run)
        chunk.taken = len(new)
        tape = _tape_of(upload, chunk, run)
        copy_leases(new, indexes, tape=tape, by=run.by, at=run.at)
    rids = new.over(beside.rids)
    told = keep_reports(
        upload=upload, first_row=chunk.first_row, mapped=mapped, beside=beside, rids=rids, bad=bad,
        at=run.at,
    )  # fmt: skip
    if told is not None and chunk.entry_index is None:
        chunk.entry_index = told.index
        _tape_of(upload, chunk, run)


def _append(chunk: TapeChunk, upload: TapeUpload, new: NewRows, run: _Run) -> tuple[int, list[int]]:
    """The chunk's `tape.imported` and its rows; where they stand."""
    parts = upload.chunks.count()
    fields = {
        "file_name": upload.file_name,
        "file_sha256": upload.sha256,
        "rows": str(chunk.rows),
        "taken": str(len(new)),
        "refused": str(chunk.rows - len(new)),
    }
    if parts > 1:
        fields |= {"part": str(chunk.number + 1), "parts": str(parts)}
    drafts = drafts_of_rows(
        kind="lease.recorded", records=zip(new.rids, new.records, strict=True), ts=run.at
    )
    # a part's id follows from the file's: the ledger itself refuses it a second time
    rid = uuid.uuid5(upload.rid, str(chunk.number))
    entry, *rows = append_tape(rid=rid, fields=fields, rows=drafts, at=run.at, kid=run.kid)
    return entry.index, [row.index for row in rows]


def _tape_of(upload: TapeUpload, chunk: TapeChunk, run: _Run) -> Tape:
    """The file's row in the book, made by the first chunk that has something for it."""
    if upload.tape is None:
        upload.tape = Tape.objects.create(
            rid=uuid.uuid5(upload.rid, str(chunk.number)),
            file_name=upload.file_name,
            sha256=upload.sha256,
            rows=upload.rows,
            taken=0,
            refused=0,
            entry_index=chunk.entry_index,
            imported_by=run.by,
            imported_at=run.at,
        )
    Tape.objects.filter(pk=upload.tape.pk).update(taken=F("taken") + chunk.taken)
    return upload.tape


def _add_findings(upload: TapeUpload, found: pl.DataFrame, first_row: int) -> None:
    if upload.findings.count() < KEPT:
        TapeFinding.objects.bulk_create(as_rows(upload, found, first_row))


@transaction.atomic
def _finish(upload: TapeUpload, *, at: datetime) -> None:
    upload.refresh_from_db()
    upload.state, upload.rows_done = UploadState.IMPORTED, upload.rows
    upload.save(update_fields=["state", "rows_done"])
    if upload.tape is not None:
        known = upload.report["compared"]["changed"] + upload.report["compared"]["unchanged"]
        taken = upload.tape.taken
        Tape.objects.filter(pk=upload.tape_id).update(refused=max(0, upload.rows - taken - known))
        upload.findings.update(tape=upload.tape)
    if upload.source_id is not None:
        told = LeaseReport.objects.filter(source_id=upload.source_id, gone_at=None)
        told.exclude(upload=upload).update(gone_at=at)
