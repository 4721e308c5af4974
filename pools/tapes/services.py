"""Issuing the regulator's tape of a pool: written, stored, and its hash on the ledger."""

import hashlib
import io
from datetime import date, datetime, timedelta
from uuid import UUID

import polars as pl

from origination.domain.months import add_months
from origination.domain.tapes.autolease import write_autolease
from origination.domain.tapes.autolease_rows import TapePeriod, autolease_rows
from pools.circular.documents import issue_document
from pools.contracts import as_known, modified_between
from pools.distributions.reading import PoolColumns, deal_of, read_columns
from pools.models import DocumentKind, IssuedDocument, Pool
from pools.structure.terms import Deal
from tenants.models import Tenant
from tenants.pdfkit import RenderedDocument

LANGUAGE = "en"  # the schedule is American


def issue_tape(
    *, pool: Pool, start: date, end: date, known_at: datetime, by: UUID, at: datetime
) -> IssuedDocument:
    """The SEC's automobile lease file of `[start, end)` from what was known at an instant."""
    content = tape_of(pool, start=start, end=end, known_at=known_at)
    last = end - timedelta(days=1)
    return issue_document(
        kind=DocumentKind.TAPE,
        subject_id=pool.pk,
        title=f"{pool.name}: EX-102 auto lease tape {last.isoformat()}",
        language=LANGUAGE,
        document=RenderedDocument(content, hashlib.sha256(content).hexdigest(), 0),
        media_type="application/xml",
        by=by,
        at=at,
    )


def tape_of(pool: Pool, *, start: date, end: date, known_at: datetime) -> bytes:
    """The file itself; the same knowledge gives the same bytes."""
    columns = read_columns(pool, known_at=known_at)
    period = _period(columns, deal_of(pool), start, end)
    names = {str(t.pk): t.name for t in Tenant.objects.filter(pk__in=_lessors(pool))}
    known = as_known(columns.leases, until=known_at, by="anchored_at")
    modified = modified_between(
        known, start, end - timedelta(days=1), until=known_at, by="anchored_at"
    )
    leases = known.with_columns(
        modified, lessor=pl.col("source").replace_strict(names, default="", return_dtype=pl.String)
    )
    rows = autolease_rows(leases, columns.receivables, period, currency=pool.currency)
    stream = io.BytesIO()
    write_autolease(rows.iter_rows(named=True), stream)
    return stream.getvalue()


def _lessors(pool: Pool) -> list[UUID]:
    return list(pool.members.values_list("source", flat=True).distinct())


def _period(columns: PoolColumns, deal: Deal, start: date, end: date) -> TapePeriod:
    day = timedelta(days=1)
    book, recovery = columns.book, pl.col("kind") == "recovery"
    money = pl.col("amount_minor")
    paid = book.collect(start=start, end=end).payments.group_by("rid").agg(
        money_minor=money.filter(~recovery).sum(), recovered_minor=money.filter(recovery).sum()
    )  # fmt: skip
    fee = next((str(fee.rate) for fee in deal.fees if fee.name == "servicing"), None)
    return TapePeriod(
        start=start,
        last=end - day,
        before=book.state(start - day),
        after=book.state(end - day),
        upcoming=book.state(add_months(end, 1) - day),
        paid=paid,
        servicing_fee=fee,
    )
