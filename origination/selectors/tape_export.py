"""The book as tape files: terms, what was reported last, and the columns beside them."""

import tempfile
from collections.abc import Iterator, Sequence
from datetime import date, datetime, timedelta
from typing import IO

import polars as pl

from origination.domain.lease_fields import FIELDS
from origination.domain.months import add_months
from origination.domain.tapes.autolease import ELEMENTS
from origination.domain.tapes.autolease_rows import TapePeriod, autolease_rows
from origination.domain.tapes.readers import CHUNK_ROWS
from origination.domain.tapes.reported import REPORTED_NAMES, TARGETS
from origination.domain.tapes.writing import SHEET_ROWS, TapeFormat, write_tape
from origination.models import Lease, LeaseReport
from origination.problems import BookTooLarge, NothingToExport
from origination.selectors.agreed import as_agreed
from origination.selectors.book import copied, loaded_book
from tenants.context import current_tenant
from tenants.database.bound import run_bound

_TERMS = tuple(spec.name for spec in FIELDS)
_ROWS = (
    "SELECT l.contract_number, l.record::text, r.values::text, r.extra::text"
    " FROM origination_lease l LEFT JOIN origination_leasereport r ON r.lease_id = l.rid"
    " WHERE l.contract_number > %b ORDER BY l.contract_number LIMIT %b"
)
_PAID = (
    "SELECT lease_id AS rid, sum(amount_minor) FILTER (WHERE kind IN ('rent', 'settlement'))"
    " - coalesce(sum(amount_minor) FILTER (WHERE kind = 'reversal'), 0) AS money_minor,"
    " sum(amount_minor) FILTER (WHERE kind = 'recovery') AS recovered_minor"
    " FROM {{schema}}.origination_paymentevent"
    " WHERE effective_at >= '{start}' AND effective_at < '{end}' GROUP BY lease_id"
)


def export_book(*, form: TapeFormat, known_at: datetime) -> IO[bytes]:
    """The whole book as a file, at its start. EX-102 tells the last whole month before `known_at`.

    Raises `NothingToExport` for an empty book, `BookTooLarge` where a sheet cannot hold it.
    """
    count = Lease.objects.count()
    if not count:
        raise NothingToExport
    if form is TapeFormat.XLSX and count > SHEET_ROWS:
        raise BookTooLarge(params={"limit": f"{SHEET_ROWS:,}"})
    stream = tempfile.TemporaryFile()  # noqa: SIM115 (closed by whoever hands it out)
    if form is TapeFormat.EX102:
        write_tape(form, ELEMENTS, _assets(known_at), stream)
    else:
        columns = _columns()
        write_tape(form, columns, _frames(columns), stream)
    stream.seek(0)
    return stream


def _columns() -> list[str]:
    """Fields of a lease, those reported where any is, and every column that stands beside."""
    names = list(_TERMS)
    if LeaseReport.objects.exists():
        names += REPORTED_NAMES
        beside = "SELECT DISTINCT jsonb_object_keys(extra) FROM origination_leasereport ORDER BY 1"
        names += [name for (name,) in run_bound(beside) if name not in TARGETS]
    return names


def _frames(columns: Sequence[str]) -> Iterator[pl.DataFrame]:
    """The leases by contract number, so many at once."""
    after = ""
    beside = [name for name in columns if name not in TARGETS]
    schema = dict.fromkeys(("number", "record", "values", "extra"), pl.String)
    while rows := run_bound(_ROWS, [after, CHUNK_ROWS], binary=True):
        after = rows[-1][0]
        frame = pl.DataFrame(rows, schema=schema, orient="row")
        record = pl.col("record").str.json_decode(_texts(TARGETS))
        values = pl.col("values").fill_null("{}").str.json_decode(_texts(TARGETS))
        extra = pl.col("extra").fill_null("{}").str.json_decode(_texts(beside or ["-"]))
        told = [
            pl.coalesce(values.struct.field(name), record.struct.field(name)).alias(name)
            for name in columns
            if name in TARGETS
        ]
        yield frame.select(*told, *(extra.struct.field(name).alias(name) for name in beside))


def _texts(names: Sequence[str] | dict[str, object]) -> pl.Struct:
    return pl.Struct(dict.fromkeys(names, pl.String))


def _assets(known_at: datetime) -> Iterator[pl.DataFrame]:
    """The book as Schedule AL's assets, of the last whole month; one frame a currency."""
    leases, book = loaded_book(known_at)
    if book is None:
        return
    end = known_at.date().replace(day=1)
    start = add_months(end, -1)
    day = timedelta(days=1)

    def state(on: date):
        return book.state(as_of=on, known_at=known_at)

    paid = copied(_PAID.format(start=start, end=end)).with_columns(
        pl.col("money_minor", "recovered_minor").cast(pl.Int64)
    )
    period = TapePeriod(
        start=start, last=end - day, before=state(start - day), after=state(end - day),
        upcoming=state(add_months(end, 1) - day), paid=paid, servicing_fee=None,
    )  # fmt: skip
    records = _records().join(leases.select("rid", "lease"), on="rid").sort("lease")
    frame = records.with_columns(lessor=pl.lit(current_tenant().name))
    frame, receivables = as_agreed(frame, book.receivables, start, end - day, known_at)
    for currency in sorted(frame["currency"].unique()):
        own = (frame["currency"] == currency).arg_true()
        rows = autolease_rows(frame, receivables, period, currency=currency)
        yield rows[own].select(name for name in ELEMENTS if name in rows.columns)


def _records() -> pl.DataFrame:
    """Every lease's record as text columns, with its id."""
    frame = copied("SELECT rid, record::text AS record FROM {schema}.origination_lease")
    decoded = pl.col("record").str.json_decode(_texts(_TERMS))
    return frame.select("rid", decoded.alias("record")).unnest("record")
