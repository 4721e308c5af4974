"""Bank lines: a batch is one ledger entry; every line is checked before any is booked."""

import uuid
from datetime import UTC, datetime, time
from uuid import UUID

import polars as pl
from django.db import transaction
from psycopg.errors import UniqueViolation

from ledger.services import Appended, append_batch
from origination.copying import copy_text, text_array
from origination.domain.dialects.shape import OWN_WORDS
from origination.domain.lease_fields.findings import WORDS
from origination.domain.line_files import FIRST_DAY, LAST_DAY, MOST_MINOR, REFERENCE_LENGTH
from origination.domain.servicing.events import EventKind
from origination.models import Lease, PaymentEvent
from origination.problems import NoSuchLease, PaymentsInvalid
from origination.services.refunds import beyond_credit
from tenants.database.bound import run_bound
from tenants.problems import FieldError

COLUMNS = [
    "lease_rid",
    "kind",
    "amount_minor",
    "currency",
    "bank_reference",
    "reverses",
    "effective_at",
    "known_at",
]
KINDS = [kind.value for kind in EventKind]
_DAYS = (FIRST_DAY, LAST_DAY)
_SHOWN = 50  # errors named one by one; past that the reader needs the file, not a list
_INSTANT = "%Y-%m-%dT%H:%M:%S%.6fZ"


def record_payments(*, events: pl.DataFrame, at: datetime) -> Appended:
    """Book bank lines as one `payments.batch` entry.

    `events` has the columns of docs/entries.md: lease_rid (text), kind, amount_minor (whole, > 0),
    currency, bank_reference, reverses (text or null), effective_at and known_at (aware instants).
    Raises `PaymentsInvalid` naming the lines that are wrong (`[line].field`); nothing is booked.
    """
    events = events.select(COLUMNS)
    if events.is_empty():
        raise PaymentsInvalid(detail="There is no line in it.")
    _refuse([*_wrong_alone(events), *(_error(*found) for found in wrong_beside_the_book(events))])
    _refuse([_error(row, "amount_minor", "refund_beyond_credit") for row in beyond_credit(events)])
    try:
        with transaction.atomic():
            return _book(events, at)
    except UniqueViolation as error:
        # The table's constraint finds doubles as it takes the lines; only then are they looked up.
        doubles = booked_before(events)
        _refuse([_error(row, "bank_reference", "booked_already") for row in doubles], cause=error)
        raise


def _book(events: pl.DataFrame, at: datetime) -> Appended:
    """The entry and the rows."""
    table = events.with_columns(
        pl.col("lease_rid", "kind", "currency", "bank_reference", "reverses", "amount_minor")
        .cast(pl.String)
        .fill_null(""),
        pl.col("effective_at", "known_at").dt.convert_time_zone("UTC").dt.strftime(_INSTANT),
    )
    fields = {
        "lines": str(len(events)),
        "from_day": str(events["effective_at"].min().date()),
        "to_day": str(events["effective_at"].max().date()),
    }
    items = {name: table[name].to_list() for name in COLUMNS}
    appended = append_batch(
        kind="payments.batch", rid=uuid.uuid4(), fields=fields, items=items, at=at
    )
    lines = table.select(
        pl.col("lease_rid"),
        *COLUMNS[1:],
        pl.lit(appended.index).alias("entry_index"),
    )
    text = lines.write_csv(include_header=False, quote_style="non_numeric").encode()
    copy_text("origination_paymentevent", ["lease_id", *COLUMNS[1:], "entry_index"], text)
    return appended


def record_payment(
    *,
    lease: Lease,
    amount_minor: int,
    effective_on,
    bank_reference: str,
    at: datetime,
    kind: str = EventKind.RENT.value,
    reverses: str = "",
) -> Appended:
    """Book one bank line, known now; back-dated lines have an earlier `effective_on`."""
    effective = datetime.combine(effective_on, time(), UTC)
    line = {
        "lease_rid": [str(lease.rid)],
        "kind": [kind],
        "amount_minor": [amount_minor],
        "currency": [lease.currency],
        "bank_reference": [bank_reference],
        "reverses": [reverses],
        "effective_at": [effective],
        "known_at": [at],
    }
    return record_payments(events=pl.DataFrame(line), at=at)


def reverse_payment(*, payment: PaymentEvent, at: datetime) -> Appended:
    """The bank took a payment back: a line of its own that cancels the other."""
    return record_payment(
        lease=payment.lease,
        amount_minor=payment.amount_minor,
        effective_on=at.date(),
        bank_reference=f"{payment.bank_reference}-R",
        kind=EventKind.REVERSAL.value,
        reverses=payment.bank_reference,
        at=at,
    )


def lease_of(rid: UUID) -> Lease:
    """The lease, or NoSuchLease."""
    found = Lease.objects.filter(rid=rid).first()
    if found is None:
        raise NoSuchLease
    return found


def _refuse(errors: list[FieldError], cause: Exception | None = None) -> None:
    """Raise PaymentsInvalid where there is something wrong."""
    if errors:
        raise PaymentsInvalid(
            detail="%(count)s lines are wrong.",
            params={"count": len({error.field.split(".")[0] for error in errors})},
            errors=errors[:_SHOWN],
        ) from cause


def _wrong_alone(events: pl.DataFrame):
    reversal = pl.col("kind").cast(pl.String) == EventKind.REVERSAL.value
    tests = [
        ("amount_minor", pl.col("amount_minor") <= 0, "not_positive"),
        ("amount_minor", pl.col("amount_minor") > MOST_MINOR, "out_of_range"),
        ("effective_at", ~pl.col("effective_at").dt.date().is_between(*_DAYS), "not_date"),
        ("bank_reference", pl.col("bank_reference").str.len_chars() > REFERENCE_LENGTH, "too_long"),
        ("kind", ~pl.col("kind").cast(pl.String).is_in(KINDS), "unknown_kind"),
        ("effective_at", pl.col("effective_at") > pl.col("known_at"), "known_before"),
        ("bank_reference", pl.struct("lease_rid", "bank_reference").is_duplicated(), "duplicate"),
        ("reverses", reversal & (pl.col("reverses").fill_null("") == ""), "reversal_of_nothing"),
    ]
    for field, test, code in tests:
        for place in events.select(pl.arg_where(test.fill_null(True))).to_series().to_list():
            yield _error(place, field, code)


def _error(place: int, field: str, code: str) -> FieldError:
    detail, mend = OWN_WORDS.get(code) or WORDS[code]
    limits = {"low": 1, "high": MOST_MINOR, "length": REFERENCE_LENGTH}
    params = {name: value for name, value in limits.items() if f"%({name})s" in mend}
    return FieldError(f"[{place + 1}].{field}", code, detail, mend, params)


def wrong_beside_the_book(events: pl.DataFrame) -> list[tuple[int, str, str]]:
    """(row from 0, field, code): leases that there are not, other currencies, days before a lease
    began and reversals of lines that there are not."""
    lines = events.select(
        "lease_rid",
        "bank_reference",
        "currency",
        pl.col("kind").cast(pl.String),
        pl.col("reverses").cast(pl.String).fill_null(""),
        day=pl.col("effective_at").dt.date(),
    )
    named = lines.filter(pl.col("reverses") != "").select("lease_rid", bank_reference="reverses")
    payments = pl.concat([_booked(named), lines.select(named.columns)]).unique()
    beside = lines.join(
        _leases(lines["lease_rid"]), on="lease_rid", how="left", maintain_order="left"
    ).join(
        payments.rename({"bank_reference": "reverses"}).with_columns(named=True),
        on=["lease_rid", "reverses"],
        how="left",
        maintain_order="left",
    )
    reversal = pl.col("kind") == EventKind.REVERSAL.value
    tests = [
        ("lease_rid", "no_such_lease", pl.col("own").is_null()),
        ("currency", "other_currency", pl.col("own") != pl.col("currency")),
        ("effective_at", "before_lease", pl.col("day") < pl.col("began")),
        ("reverses", "unknown_payment", reversal & pl.col("named").is_null()),
    ]
    return [
        (place, field, code)
        for field, code, test in tests
        for place in beside.select(pl.arg_where(test.fill_null(False))).to_series().to_list()
    ]


def booked_before(events: pl.DataFrame) -> list[int]:
    """Rows (from 0) whose bank reference stands in the book."""
    lines = events.select("lease_rid", "bank_reference")
    double = lines.join(
        _booked(lines).with_columns(double=True),
        on=lines.columns,
        how="left",
        maintain_order="left",
    )
    return double.select(pl.arg_where(pl.col("double").fill_null(False))).to_series().to_list()


def _leases(rids: pl.Series) -> pl.DataFrame:
    """`lease_rid`, its currency `own` and the day it `began`, of the leases that there are."""
    rows = run_bound(
        "SELECT rid::text, currency, originated_on FROM origination_lease"
        " WHERE rid = ANY(%s::text[]::uuid[])",
        [text_array(rids.unique())],
    )
    schema = {"lease_rid": pl.String, "own": pl.String, "began": pl.Date}
    return pl.DataFrame(rows, schema=schema, orient="row")


def _booked(lines: pl.DataFrame) -> pl.DataFrame:
    """Those of the lines (`lease_rid`, `bank_reference`) that stand in the book."""
    rows = run_bound(
        """
        SELECT lease_id::text, bank_reference
        FROM unnest(%s::text[]::uuid[], %s::text[]) AS wanted (lease_id, bank_reference)
        JOIN origination_paymentevent USING (lease_id, bank_reference)
        """,
        [text_array(lines["lease_rid"]), text_array(lines["bank_reference"])],
    )
    return pl.DataFrame(rows, schema=dict.fromkeys(lines.columns, pl.String), orient="row")


__all__ = [
    "booked_before",
    "lease_of",
    "record_payment",
    "record_payments",
    "reverse_payment",
    "wrong_beside_the_book",
]
