"""The whole book as of a day: what is outstanding and past due, one line a currency."""

import io
from dataclasses import dataclass
from datetime import date, datetime
from uuid import UUID

import numpy as np
import polars as pl
from django.db import connection

from origination.domain.schedule_columns import TermColumns, schedule_columns
from origination.domain.servicing.batch import TermsColumns
from origination.domain.servicing.columns import LeaseBook
from origination.domain.servicing.payment_columns import EVENT_SCHEMA, PaymentColumns
from origination.domain.servicing.payoff import Contract
from origination.models import Lease, PaymentEvent
from origination.selectors.servicing import changes_of, contract_of, terms_book

_TERMS = [
    "financed_amount_minor",
    "rent_minor",
    "annual_nominal_rate",
    "term_months",
    "first_payment_on",
    "maturity_on",
    "rent_pattern",
    "rent_timing",
    "residual_minor",
    "residual_kind",
]
_EVENTS = """
    SELECT lease_id AS rid, kind, amount_minor, (effective_at AT TIME ZONE 'UTC')::date
        AS effective_on, extract(epoch FROM known_at) * 1000000 AS known_at,
        bank_reference AS reference, reverses FROM {schema}.origination_paymentevent
"""


@dataclass(frozen=True)
class BookTotals:
    """One currency's leases: amounts in minor units; `late` counts leases past due."""

    currency: str
    leases: int
    financed_minor: int
    balance_minor: int
    arrears_minor: int
    late: int
    late_balance_minor: int


def book_totals(*, as_of: date, known_at: datetime) -> list[BookTotals]:
    """Every lease's state derived at once (`servicing.columns`), summed by currency."""
    leases, book = loaded_book(known_at)
    if book is None:
        return []
    state = book.state(as_of=as_of, known_at=known_at)
    currencies = leases["currency"].to_numpy()
    financed = leases["financed_amount_minor"].cast(pl.Int64).to_numpy()
    totals = []
    for currency in sorted(set(currencies)):
        own = currencies == currency
        late = own & (state.days_past_due > 0)
        totals.append(
            BookTotals(
                currency=str(currency),
                leases=int(own.sum()),
                financed_minor=int(financed[own].sum()),
                balance_minor=int(state.balance[own].sum()),
                arrears_minor=int(np.sum(state.arrears[own])),
                late=int(late.sum()),
                late_balance_minor=int(state.balance[late].sum()),
            )
        )
    return totals


def owed_by_lease(*, as_of: date, known_at: datetime) -> dict[UUID, tuple[int, int]]:
    """What each lease owes (rent, late interest, fees) and its credit, in minor units."""
    leases, book = loaded_book(known_at)
    if book is None:
        return {}
    state = book.state(as_of=as_of, known_at=known_at)
    owed = (
        state.arrears + state.late_interest - state.late_paid + state.fees - state.fees_paid
        + state.overdrawn
    )  # fmt: skip
    credit = state.advance + state.excess
    rids = map(UUID, leases["rid"])
    return dict(zip(rids, zip(owed.tolist(), credit.tolist(), strict=True), strict=True))


@dataclass(frozen=True)
class _Kept:
    """A book as it was read: rows are never changed, so the next reader adds what is new."""

    newest_lease: tuple[int, UUID]
    newest_payment: int
    leases: pl.DataFrame
    events: pl.DataFrame
    book: LeaseBook | None


_kept: dict[tuple[str, str], _Kept] = {}
_MOST_KEPT = 3_000_000  # bank lines, about 100 MB for each million; a larger book is read anew


def loaded_book(known_at: datetime) -> tuple[pl.DataFrame, LeaseBook | None]:
    """The leases and their book, under the terms known at an instant; only bank lines that came
    since the last time are read."""
    key = (str(connection.settings_dict["NAME"]), str(connection.schema_name))
    newest = Lease.objects.order_by("-entry_index").values_list("rid", flat=True).first()
    if newest is None:
        return pl.DataFrame(), None
    kept, identity = _kept.get(key), (Lease.objects.count(), newest)
    if kept is None or kept.newest_lease != identity or not _stands(kept.newest_payment):
        leases = _leases()
        kept = _extended(_Kept(identity, 0, leases, pl.DataFrame(schema=EVENT_SCHEMA), None))
    elif PaymentEvent.objects.filter(pk__gt=kept.newest_payment).exists():
        kept = _extended(kept)
    if len(kept.events) <= _MOST_KEPT:
        _kept[key] = kept
    if kept.book is None:
        return kept.leases, None
    started = kept.leases["originated_on"].str.to_date("%Y-%m-%d").cast(pl.Int32).to_numpy()
    terms = TermsColumns.of(terms_book(known_at=known_at), started)
    return kept.leases, kept.book.under(terms).amended(_amended(kept.leases, known_at))


def _amended(leases: pl.DataFrame, known_at: datetime) -> dict[int, Contract]:
    """Contracts of leases that were changed by an instant, by their places in the book."""
    changes = changes_of(None, known_at=known_at)
    if not changes:
        return {}
    own = leases.filter(pl.col("rid").is_in([str(rid) for rid in changes]))
    places = dict(own.select("rid", "lease").iter_rows())
    book = terms_book(known_at=known_at)
    found = Lease.objects.filter(rid__in=changes)
    return {places[str(one.rid)]: contract_of(one, book, changes[one.rid]) for one in found}


def _stands(payment: int) -> bool:
    """Whether the line read last is there; it is not after a rollback or in a restored copy."""
    return payment == 0 or PaymentEvent.objects.filter(pk=payment).exists()


def _extended(kept: _Kept) -> _Kept:
    newest = PaymentEvent.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    more = _payments(kept.leases, after=kept.newest_payment, until=newest)
    events = pl.concat([kept.events, more])
    known = kept.book  # of the same leases: what falls due does not change with what is paid
    due = known.receivables if known else schedule_columns(TermColumns.of_frame(kept.leases))
    book = LeaseBook(due, PaymentColumns.of_frame(events))
    return _Kept(kept.newest_lease, newest, kept.leases, events, book)


def _leases() -> pl.DataFrame:
    terms = ", ".join(f"record->>'{name}' AS {name}" for name in _TERMS)
    frame = copied(
        f"SELECT rid, currency, originated_on, {terms} FROM {{schema}}.origination_lease"
    )
    return frame.with_columns(lease=pl.int_range(len(frame), dtype=pl.Int64))


def _payments(leases: pl.DataFrame, *, after: int, until: int) -> pl.DataFrame:
    """Bank lines by their numbers, `after` exclusive, in the columns of `EVENT_SCHEMA`."""
    query = f"{_EVENTS} WHERE id > {int(after)} AND id <= {int(until)}"
    events = copied(query).with_columns(
        pl.col("amount_minor").cast(pl.Int64),
        pl.col("effective_on").str.to_date("%Y-%m-%d"),
        pl.col("known_at").cast(pl.Decimal(24, 6)).cast(pl.Int64).cast(pl.Datetime("us", "UTC")),
        pl.col("reverses").fill_null(""),
    )
    keyed = events.join(leases.select("rid", "lease"), on="rid", how="inner")
    return keyed.select(list(EVENT_SCHEMA)).cast(dict(EVENT_SCHEMA))


def copied(query: str) -> pl.DataFrame:
    """A query's rows as text columns, by COPY: a million lines in a second."""
    select = query.format(schema=f'"{connection.schema_name}"')
    buffer = io.BytesIO()
    statement = f"COPY ({select}) TO STDOUT (FORMAT csv, HEADER)"
    with connection.cursor() as cursor, cursor.copy(statement) as copy:
        for block in copy:
            buffer.write(block)
    buffer.seek(0)
    return pl.read_csv(buffer, infer_schema=False)
