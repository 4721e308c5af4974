"""Bulk inserts of verified columns into the replica's tables."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

import psycopg
from django.db import connection


def _run(query: str, columns: Sequence[object]) -> list[tuple]:
    with connection.cursor() as outer, psycopg.Cursor(outer.connection) as cursor:
        cursor.execute(query, columns)  # type: ignore[arg-type]
        return cursor.fetchall() if cursor.description else []


def insert_entries(source: UUID, columns: Sequence[Sequence[object]], known_at: datetime) -> None:
    """Columns: index, kind, rid, leaf, nodes."""
    _run(
        "INSERT INTO ledger_replica_entry (source, index, kind, rid, leaf, nodes, known_at) "
        "SELECT %b, t.*, %b FROM unnest(%b::bigint[], %b::text[], %b::uuid[], %b::bytea[], "
        "%b::bytea[]) AS t",
        [source, known_at, *columns],
    )


def insert_payloads(
    source: UUID, columns: Sequence[Sequence[object]], kek_version: int, known_at: datetime
) -> set[int]:
    """Columns: index, ciphertext, wrapped key. Answers the indexes that were new."""
    rows = _run(
        "INSERT INTO ledger_replica_payload "
        "(source, index, ciphertext, wrapped_key, kek_version, known_at) "
        "SELECT %b, t.*, %b, %b FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[]) AS t "
        "ON CONFLICT DO NOTHING RETURNING index",
        [source, kek_version, known_at, *columns],
    )
    return {index for (index,) in rows}
