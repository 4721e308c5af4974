"""A tape end to end: read, checked by every rule, claimed, hashed, encrypted, signed, written.

Beside it COPY of the very same rows and ledger entries into tables with the same indexes.
"""

from __future__ import annotations

import io
import resource
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import psycopg

from benchmarks.database import django_on_a_copy
from benchmarks.figures import Figure
from benchmarks.ledger_rows import owner_conninfo

LEASES, ROUNDS = 20_000, 3
AT = datetime(2026, 2, 1, tzinfo=UTC)
BY = UUID(int=1)
#: What an import writes: (schema, table).
_WRITTEN = (
    ("anda", "ledger_entry"),
    ("anda", "ledger_payload"),
    ("anda", "origination_lease"),
    ("public", "tenants_rightclaim"),
)


def figures() -> Iterator[Figure]:
    """Leases a second and their share of COPY; then where the time goes, a part a line."""
    content = _tape(LEASES)
    with django_on_a_copy():
        from django_tenants.utils import tenant_context

        from tenants.models import Tenant

        with tenant_context(Tenant.objects.get(schema_name="anda")):
            parts = _Parts()
            seconds = _import(content, parts)
            floor = min(_copied() for _round in range(ROUNDS))
            rate, best = LEASES / seconds, LEASES / floor
            yield Figure("tape import, end to end", rate, best, "COPY, same rows", "leases/s")
            for name, spent in parts.lines(seconds):
                yield Figure(f"  of that: {name}", spent, seconds, "all of it", "s")
            peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
            yield Figure("  memory at most, of the goal", peak, 1_500, "1,500 MB", "MB")


def _tape(leases: int) -> bytes:
    from origination.generator.portfolio import generate
    from origination.generator.spec import INDEPENDENT, PortfolioSpec
    from origination.generator.tape import write_tape

    spec = PortfolioSpec(lessors=(replace(INDEPENDENT, leases=leases),), seed=3)
    buffer = io.BytesIO()
    write_tape(generate(spec), buffer)
    return buffer.getvalue()


@dataclass
class _Parts:
    """Seconds by the name of a part."""

    spent: dict[str, float] = field(default_factory=dict)

    @contextmanager
    def part(self, name: str) -> Iterator[None]:
        started = time.perf_counter()
        yield
        self.spent[name] = self.spent.get(name, 0) + time.perf_counter() - started

    def timed(self, name: str, work: Callable[..., Any]) -> Callable[..., Any]:
        def run(*args: Any, **kwargs: Any) -> Any:
            with self.part(name):
                return work(*args, **kwargs)

        return run

    def lines(self, whole: float) -> list[tuple[str, float]]:
        rest = whole - sum(self.spent.values())
        return [*self.spent.items(), ("the rest: mapping, records, findings, commit", rest)]


def _import(content: bytes, parts: _Parts) -> float:
    """Seconds of an import, its parts told apart."""
    from origination.services.tapes import check_upload, import_upload, importing, stage_tape

    named = {
        "claim_rights": "claims of rights, keyed and sealed",
        "append_tape": "hashing, encrypting, signing, appending",
        "copy_leases": "COPY of the leases",
    }
    before = {name: getattr(importing, name) for name in named}
    for name, part in named.items():
        setattr(importing, name, parts.timed(part, before[name]))
    started = time.perf_counter()
    try:
        with parts.part("reading, kept in chunks"):
            upload = stage_tape(stream=io.BytesIO(content), file_name="t.csv", by=BY, at=AT)
        with parts.part("checking: forms, rules, the book"):
            check_upload(upload=upload, today=AT.date())
        upload.confirm_warnings = upload.keep_good = True
        import_upload(upload=upload, by=BY, clock=lambda: AT)
    finally:
        for name, work in before.items():
            setattr(importing, name, work)
    return time.perf_counter() - started


def _copied() -> float:
    """Seconds until COPY of what was written is durable, into empty tables like the real ones."""
    with psycopg.connect(owner_conninfo(), autocommit=True) as owner:
        rows = [(*table, *_out(owner, *table)) for table in _WRITTEN]
        for schema, table, _columns, _data in rows:
            owner.execute(f"DROP TABLE IF EXISTS {schema}.floor_{table}")
            owner.execute(
                f"CREATE TABLE {schema}.floor_{table} (LIKE {schema}.{table} INCLUDING ALL)"
            )
        started = time.perf_counter()
        with owner.transaction(), owner.cursor() as cursor:
            for schema, table, columns, data in rows:
                target = f"COPY {schema}.floor_{table} ({columns}) FROM STDIN (FORMAT BINARY)"
                with cursor.copy(target) as copy:
                    copy.write(data)
        return time.perf_counter() - started


def _out(owner: Any, schema: str, table: str) -> tuple[str, bytes]:
    """The columns that are written, and every row in COPY's own form."""
    found = owner.execute(
        "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position)"
        " FROM information_schema.columns WHERE table_schema = %s AND table_name = %s"
        " AND is_generated = 'NEVER'",
        [schema, table],
    ).fetchone()
    columns = str(found[0])
    with owner.cursor() as cursor:
        query = f"COPY {schema}.{table} ({columns}) TO STDOUT (FORMAT BINARY)"
        with cursor.copy(query) as copy:
            return columns, b"".join(bytes(block) for block in copy)
