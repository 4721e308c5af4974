"""Importing any file: a lease tape goes into the book, a file of others becomes reference data."""

import io
import uuid
from dataclasses import dataclass, field
from datetime import datetime
from hashlib import sha256
from uuid import UUID

import polars as pl
from django.db import transaction

from ledger.drafts import Draft
from ledger.services import append_entry
from origination.domain.dialects import Dialect, read
from origination.domain.dialects.auto_leases import AUTO_LEASES
from origination.domain.tapes.readers import TapeText, open_tape
from origination.models import ReferenceFile, ReferenceFinding
from origination.problems import TapeKnown
from origination.services.line_findings import LineFinding, in_words
from origination.services.tapes import TapeReport, import_tape
from origination.services.tapes.book import names_own_leases
from origination.tape_file import dialect_of


@dataclass
class ReferenceReport:
    """What was taken of a file of others; `file` is None when nothing was written."""

    dialect: Dialect
    file_name: str
    sha256: str
    rows: int
    taken: int = 0
    file: ReferenceFile | None = None
    findings: list[LineFinding] = field(default_factory=list)
    figures: list[list[str]] = field(default_factory=list)

    @property
    def refused_rows(self) -> set[int]:
        """Rows with at least one error."""
        return {found.row for found in self.findings if not found.is_warning}


def import_file(
    *,
    content: bytes,
    file_name: str,
    by: UUID,
    at: datetime,
    keep_good: bool = False,
    **options: bool | str,
) -> TapeReport | ReferenceReport:
    """Import whatever kind of file this is, told by its header; `options` are `import_tape`'s.

    Raises `NotATape`, `HalfAFile`, `TooLarge` or `TapeKnown`; without `keep_good` one wrong row
    keeps everything out.
    """
    tape = open_tape(io.BytesIO(content))
    given = {"content": content, "file_name": file_name, "by": by, "at": at}
    dialect = foreign_dialect(tape)
    if dialect is None:
        return import_tape(**given, keep_good=keep_good, tape=tape, **options)
    return import_reference(dialect, tape, **given, keep_good=keep_good)


def foreign_dialect(tape: TapeText) -> Dialect | None:
    """The known kind of others' file that a tape is; an EX-102 file of one's own leases is none."""
    dialect = dialect_of(tape.columns)
    if dialect is AUTO_LEASES and names_own_leases(next(tape.chunks())):
        return None
    return dialect


def import_reference(
    dialect: Dialect, tape: TapeText, *, content, file_name, by, at, keep_good
) -> ReferenceReport:
    """Keep a file of others as a table beside the book."""
    table = pl.concat(tape.chunks())
    digest = sha256(content).hexdigest()
    if known := ReferenceFile.objects.filter(sha256=digest).first():
        raise TapeKnown(params={"name": known.file_name, "day": f"{known.imported_at:%Y-%m-%d}"})
    reading = read(dialect, table)
    good = reading.good()
    report = ReferenceReport(dialect, file_name, digest, len(table))
    report.findings = in_words(dialect, table, reading)
    if good.is_empty() or (report.refused_rows and not keep_good):
        return report
    report.taken = len(good)
    report.figures = [[figure.label, figure.text] for figure in dialect.figures(good)]
    report.file = _write(report, good, by=by, at=at)
    return report


@transaction.atomic
def _write(report: ReferenceReport, good: pl.DataFrame, *, by: UUID, at: datetime) -> ReferenceFile:
    buffer = io.BytesIO()
    good.write_parquet(buffer)
    stored = buffer.getvalue()
    rid = uuid.uuid4()
    fields = {
        "dialect": report.dialect.code,
        "file_name": report.file_name,
        "file_sha256": report.sha256,
        "table_sha256": sha256(stored).hexdigest(),
        "rows": str(report.rows),
        "taken": str(report.taken),
        "imported_by": str(by),
    }
    draft = Draft.service(kind="reference.imported", rid=rid, fields=fields, ts=at)
    file = ReferenceFile.objects.create(
        rid=rid,
        dialect=report.dialect.code,
        file_name=report.file_name,
        sha256=report.sha256,
        rows=report.rows,
        taken=report.taken,
        table=stored,
        figures=report.figures,
        entry_index=append_entry(draft=draft).index,
        imported_by=by,
        imported_at=at,
    )
    ReferenceFinding.objects.bulk_create(
        [
            ReferenceFinding(
                file=file,
                row=found.row,
                field=found.finding.field,
                code=found.finding.code,
                value=found.value,
            )
            for found in report.findings
        ],
        batch_size=5_000,
    )
    return file


__all__ = ["ReferenceReport", "foreign_dialect", "import_file", "import_reference"]
