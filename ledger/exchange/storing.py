"""Bulk inserts of verified columns into the replica's tables."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from tenants.database.bound import run_bound


def insert_entries(source: UUID, columns: Sequence[Sequence[object]], known_at: datetime) -> None:
    """Columns: index, kind, rid, leaf, nodes."""
    run_bound(
        "INSERT INTO ledger_replica_entry (source, index, kind, rid, leaf, nodes, known_at) "
        "SELECT %b, t.*, %b FROM unnest(%b::bigint[], %b::text[], %b::uuid[], %b::bytea[], "
        "%b::bytea[]) AS t",
        [source, known_at, *columns],
    )


def insert_payloads(
    source: UUID, columns: Sequence[Sequence[object]], kek_version: int, known_at: datetime
) -> set[int]:
    """Columns: index, ciphertext, wrapped key. Answers the indexes that were new."""
    rows = run_bound(
        "INSERT INTO ledger_replica_payload "
        "(source, index, ciphertext, wrapped_key, kek_version, known_at) "
        "SELECT %b, t.*, %b, %b FROM unnest(%b::bigint[], %b::bytea[], %b::bytea[]) AS t "
        "ON CONFLICT DO NOTHING RETURNING index",
        [source, kek_version, known_at, *columns],
    )
    return {index for (index,) in rows}


def insert_items(
    source: UUID, columns: Sequence[object], kek_version: int, known_at: datetime
) -> None:
    """One share of a batch: index, ciphertext, wrapped key, first fresh place, packed places."""
    run_bound(
        "INSERT INTO ledger_replica_items (source, kek_version, known_at, index, ciphertext, "
        "wrapped_key, first_place, places) VALUES (%b, %b, %b, %b, %b, %b, %b, %b)",
        [source, kek_version, known_at, *columns],
    )
