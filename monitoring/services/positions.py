"""Positions in and out of the database, in columns."""

from dataclasses import dataclass
from datetime import date

import numpy as np
import numpy.typing as npt
from django.db import connection

from monitoring.book import Book, day_number
from monitoring.performance.figures import DefaultColumns
from monitoring.performance.roll_forward import NOTHING_OWED, Standing
from origination.domain.months import date_of

_READ = """
    SELECT ordinality - 1, bucket, defaulted_on, default_balance_minor
    FROM unnest(%s::uuid[]) WITH ORDINALITY AS wanted (lease_rid, ordinality)
    JOIN monitoring_assetperformance USING (lease_rid)
"""

_WRITE = """
    INSERT INTO monitoring_assetperformance AS old
        (lease_rid, lessor_id, pool_id, contract, currency, annual_rate, as_of, oldest_unpaid_on,
         days_past_due, bucket, previous_bucket, arrears_minor, balance_minor, original_minor,
         defaulted_on, default_balance_minor, recovered_minor)
    SELECT lease_rid, lessor_id, pool_id, contract, currency, rate, %(as_of)s, oldest,
           days, bucket, bucket, arrears, balance, original,
           defaulted, default_balance, recovered
    FROM unnest(%(lease_rid)s::uuid[], %(lessor_id)s::uuid[], %(pool_id)s::uuid[],
                %(contract)s::text[], %(currency)s::text[], %(rate)s::numeric[],
                %(oldest)s::date[], %(days)s::int[], %(bucket)s::int[], %(arrears)s::bigint[],
                %(balance)s::bigint[], %(original)s::bigint[], %(defaulted)s::date[],
                %(default_balance)s::bigint[], %(recovered)s::bigint[])
         AS new (lease_rid, lessor_id, pool_id, contract, currency, rate, oldest, days, bucket,
                 arrears, balance, original, defaulted, default_balance, recovered)
    ON CONFLICT (lease_rid) DO UPDATE SET
        pool_id = excluded.pool_id, as_of = excluded.as_of,
        oldest_unpaid_on = excluded.oldest_unpaid_on, days_past_due = excluded.days_past_due,
        previous_bucket = CASE WHEN date_trunc('month', old.as_of) < date_trunc('month',
            excluded.as_of) THEN old.bucket ELSE old.previous_bucket END,
        bucket = excluded.bucket, arrears_minor = excluded.arrears_minor,
        balance_minor = excluded.balance_minor, defaulted_on = excluded.defaulted_on,
        default_balance_minor = excluded.default_balance_minor,
        recovered_minor = excluded.recovered_minor
"""


@dataclass(frozen=True)
class Before:
    """What was known of the book's leases; `known` is False where a lease is new."""

    known: npt.NDArray[np.bool_]
    bucket: npt.NDArray[np.int8]
    defaults: DefaultColumns


def positions_before(book: Book) -> Before:
    """The stored buckets and defaults of the book's leases."""
    known = np.zeros(len(book), np.bool_)
    bucket = np.zeros(len(book), np.int8)
    defaults = DefaultColumns.none(len(book))
    with connection.cursor() as cursor:
        cursor.execute(_READ, [book.leases["lease_rid"].to_list()])
        for row, old_bucket, defaulted_on, balance in cursor.fetchall():
            known[row], bucket[row] = True, old_bucket
            defaults.since[row], defaults.balance[row] = day_number(defaulted_on), balance
    return Before(known, bucket, defaults)


def write_positions(*, book: Book, before: Before, now: Standing, as_of: date) -> None:
    """Insert or update the book's positions with one statement."""
    leases = book.leases
    columns = {
        "lease_rid": leases["lease_rid"].to_list(),
        "lessor_id": leases["lessor_id"].to_list(),
        "pool_id": leases["pool_id"].to_list(),
        "contract": leases["contract_number"].to_list(),
        "currency": leases["currency"].to_list(),
        "rate": leases["annual_nominal_rate"].to_list(),
        "oldest": _dates(now.oldest_unpaid, NOTHING_OWED),
        "days": now.days_past_due.tolist(),
        "bucket": now.bucket.tolist(),
        "arrears": now.arrears.tolist(),
        "balance": now.balance.tolist(),
        "original": [int(minor) for minor in leases["financed_amount_minor"]],
        "defaulted": _dates(now.defaults.since, -1),
        "default_balance": now.defaults.balance.tolist(),
        "recovered": now.recovered.tolist(),
    }
    with connection.cursor() as cursor:
        cursor.execute(_WRITE, {**columns, "as_of": as_of})


def _dates(days: npt.NDArray[np.int32], none: int) -> list[date | None]:
    return [None if day == none else date_of(day) for day in days.tolist()]
