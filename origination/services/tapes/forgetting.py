"""What tapes keep of a person beside the lease, blanked with it."""

from collections.abc import Sequence

import polars as pl

from origination.models import Lease, LeaseReport, TapeChunk, TapeFinding, TapeUpload
from origination.services.tapes.findings import VALUE, opened, packed


def forget_in_tapes(lease: Lease, said: Sequence[str]) -> None:
    """Blank what was reported of a lease, and `said` (texts of its record) in findings.

    The columns that are no field go as a whole: nobody knows what a source put there.
    """
    report = LeaseReport.objects.select_for_update().filter(lease=lease).first()
    uploads = set(TapeUpload.objects.filter(tape_id=lease.tape_id).values_list("pk", flat=True))
    texts = {text[:VALUE] for text in said}
    if report is not None:
        uploads.add(report.upload_id)
        texts |= {str(text)[:VALUE] for text in report.values.values()}
        report.values, report.extra = {}, {}
        report.save(update_fields=["values", "extra"])
    texts.discard("")
    TapeFinding.objects.filter(upload__in=uploads, value__in=texts).update(value="")
    chunks = TapeChunk.objects.filter(upload__in=uploads, findings__isnull=False)
    for chunk in chunks.only("findings").iterator(chunk_size=1):
        _blank(chunk, texts)


def _blank(chunk: TapeChunk, texts: set[str]) -> None:
    found = opened(chunk.findings)
    named = pl.col("value").is_in(list(texts))
    if found.select(named.any()).item():
        blank = pl.when(named).then(pl.lit("")).otherwise(pl.col("value"))
        chunk.findings = packed(found.with_columns(value=blank))
        chunk.save(update_fields=["findings"])
