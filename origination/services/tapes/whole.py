"""A tape imported in one call: taken in, checked, and written; nothing where a row is wrong."""

import io
from collections import Counter
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import polars as pl
from django.db import transaction

from origination.domain.lease_fields import Severity
from origination.domain.tapes.mapping import is_own
from origination.domain.tapes.readers import TapeText, open_tape
from origination.models import Tape, TapeUpload, UploadState
from origination.problems import ColumnsToConfirm
from origination.services.tapes.checking import check_upload
from origination.services.tapes.findings import RowFinding, opened, row_findings
from origination.services.tapes.importing import RightLost, import_upload, may_import
from origination.services.tapes.staging import (
    confirm_mapping,
    keep_tape,
    mapping_of,
    refuse_known,
)


@dataclass
class TapeReport:
    """What an import took, what it refused and why; `tape` is None when nothing was written.

    `findings` are those that keep rows out; `upload` has the notes and confirmed warnings too.
    """

    file_name: str
    sha256: str
    rows: int
    upload: TapeUpload
    taken: int = 0
    tape: Tape | None = None
    findings: list[RowFinding] = field(default_factory=list)

    @property
    def refused_rows(self) -> set[int]:
        """Rows that are kept out: those with an error or with a warning that nobody confirmed."""
        return {found.row for found in self.findings}

    @property
    def is_taken(self) -> bool:
        """Whether the file is in the book, also where it told nothing new."""
        return self.upload.state == UploadState.IMPORTED

    def counts(self) -> list[tuple[str, str, int]]:
        """(field, code, rows) of what was found, the most frequent first."""
        counted = Counter((f.finding.field, f.finding.code) for f in self.findings)
        return [(field, code, count) for (field, code), count in counted.most_common()]


def import_tape(
    *,
    content: bytes,
    file_name: str,
    by: UUID,
    at: datetime,
    keep_good: bool = False,
    confirm_warnings: bool = False,
    source: str = "",
    accept_mapping: bool = False,
    kid: str | None = None,
    tape: TapeText | None = None,
) -> TapeReport:
    """Import a tape's leases, all or (with `keep_good`) the good ones; see the report.

    The back-office key `kid`, or this server's own, signs the file's hash and the Merkle root of
    the rows. Raises `NotATape`, `HalfAFile`, `TooLarge` or `TapeKnown`; rows that are wrong are no
    exception but findings. Without `keep_good` one wrong row keeps everything out; a row with a
    warning is wrong until `confirm_warnings` says that it was looked at. Columns that are not
    named as fields raise `ColumnsToConfirm` unless their mapping is saved for `source` or accepted
    as suggested. `tape` is the content, opened, where the caller has opened it already.
    """
    digest = sha256(content).hexdigest()
    refuse_known(digest)
    opened_tape = open_tape(io.BytesIO(content)) if tape is None else tape
    with transaction.atomic():
        upload = keep_tape(opened_tape, digest, file_name=file_name, by=by, at=at, source=source)
        mapping = mapping_of(upload)
        mapping.check()
        if not (accept_mapping or is_own(mapping)):
            raise ColumnsToConfirm(params={"file": file_name})
        if accept_mapping and source:
            confirm_mapping(upload=upload, mapping=mapping, source=source, by=by, at=at)
    return import_now(
        upload=upload, keep_good=keep_good, confirm_warnings=confirm_warnings, by=by, at=at, kid=kid
    )


def import_now(
    *,
    upload: TapeUpload,
    keep_good: bool,
    confirm_warnings: bool,
    by: UUID,
    at: datetime,
    kid: str | None = None,
) -> TapeReport:
    """Check and import an upload in this call; see `import_tape`."""
    check_upload(upload=upload, today=at.date())
    upload.keep_good, upload.confirm_warnings = keep_good, confirm_warnings
    upload.save(update_fields=["keep_good", "confirm_warnings"])
    report = TapeReport(upload.file_name, upload.sha256, upload.rows, upload)
    report.findings = _blocking(upload)
    if may_import(upload):
        try:
            import_upload(upload=upload, by=by, clock=lambda: at, kid=kid)
        except RightLost as lost:
            upload.state = UploadState.CHECKED
            upload.save(update_fields=["state"])
            report.findings += row_findings(lost.found, lost.first_row)
            return report
        upload.refresh_from_db()
        report.tape = upload.tape
        report.taken = 0 if upload.tape is None else upload.tape.taken
        report.findings = _blocking(upload)
    return report


def _blocking(upload: TapeUpload) -> list[RowFinding]:
    """Every finding that keeps a row out, in the order of rows."""
    stops = [str(Severity.ERROR)]
    if not upload.confirm_warnings:
        stops.append(str(Severity.WARNING))
    found: list[RowFinding] = []
    for chunk in upload.chunks.defer("content").iterator(chunk_size=1):
        frame = opened(chunk.findings).filter(pl.col("severity").is_in(stops))
        found += row_findings(frame, chunk.first_row)
    return found
