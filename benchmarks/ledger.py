"""The ledger: the append function against COPY of the same rows, verification against hashing."""

from __future__ import annotations

import io
import os
import time
import uuid
from collections.abc import Iterator
from hashlib import sha256

from benchmarks.database import django_on_a_copy
from benchmarks.figures import Figure, best_seconds

ROWS = 5_000
AT = "2026-11-01T08:00:00.000000Z"


def figures() -> Iterator[Figure]:
    """Append as a share of COPY; verification of an export as a share of hashing its bytes."""
    with django_on_a_copy():
        from django_tenants.utils import tenant_context

        from tenants.models import Tenant

        with tenant_context(Tenant.objects.get(schema_name="anda")):
            yield _append()
            yield _verify()


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


def _verify() -> Figure:
    from ledger.drafts import rows
    from ledger.services import append_tape, export_ledger
    from ledger.verifier.check import verify_bundle

    records = [(uuid.uuid4(), {"vin": f"VIN{number}"}) for number in range(ROWS)]
    drafts = rows(kind="lease.recorded", records=records, ts=AT)
    append_tape(rid=uuid.uuid4(), fields={"rows": str(ROWS)}, rows=drafts, at=AT)
    stream = io.BytesIO()
    export_ledger(stream=stream, at=AT)
    data = stream.getvalue()
    ours = best_seconds(lambda: verify_bundle(io.BytesIO(data)), repeat=1)
    floor = best_seconds(lambda: sha256(data).digest())
    megabytes = len(data) / 1e6
    return Figure(
        "verification of an export, one process",
        megabytes / ours,
        megabytes / floor,
        "SHA-256",
        "MB/s",
    )
