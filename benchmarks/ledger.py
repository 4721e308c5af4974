"""The ledger: the append function against COPY of the same rows."""

from __future__ import annotations

import os
import time
import uuid
from collections.abc import Iterator

from benchmarks.database import django_on_a_copy
from benchmarks.figures import Figure

ROWS = 5_000
AT = "2026-11-01T08:00:00.000000Z"


def figures() -> Iterator[Figure]:
    """Append as a share of COPY."""
    with django_on_a_copy():
        from django_tenants.utils import tenant_context

        from tenants.models import Tenant

        with tenant_context(Tenant.objects.get(schema_name="anda")):
            yield _append()


def _append() -> Figure:
    import psycopg
    from django.db import connection

    from ledger.services import open_log

    open_log(at=AT)
    blob = [os.urandom(700) for _ in range(ROWS)]
    keys = [os.urandom(60) for _ in range(ROWS)]
    kinds, stamps, kids = (["lease.recorded"] * ROWS, [AT] * ROWS, ["k" * 32] * ROWS)
    rids = [uuid.uuid4() for _ in range(ROWS)]
    with connection.cursor() as outer, psycopg.Cursor(outer.connection) as cursor:
        cursor.execute(
            "CREATE TEMP TABLE floor (r uuid, k text, t text, d text, a bytea, b bytea, c bytea)"
        )
        started = time.perf_counter()
        with cursor.copy("COPY floor FROM STDIN (FORMAT BINARY)") as copy:
            copy.set_types(["uuid", "text", "text", "text", "bytea", "bytea", "bytea"])
            for row in zip(rids, kinds, stamps, kids, blob, blob, keys, strict=True):
                copy.write_row(row)
        copied = time.perf_counter() - started
        outer.execute("BEGIN")  # measured, then taken back: these rows are no real leaves
        started = time.perf_counter()
        cursor.execute(
            "SELECT ledger_append(%b::text[], %b::uuid[], %b::text[], %b::text[], %b::bytea[],"
            " %b::bytea[], %b::bytea[], 1)",
            [kinds, rids, stamps, kids, blob, blob, keys],
        )
        appended = time.perf_counter() - started
        outer.execute("ROLLBACK")
    return Figure("append of 5,000 entries", ROWS / appended, ROWS / copied, "COPY", "entries/s")
