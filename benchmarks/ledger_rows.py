"""Rows for the ledger's benchmarks, and their floor: binary COPY of the same rows."""

from __future__ import annotations

import os
import time
import uuid
from dataclasses import dataclass, field
from datetime import UTC, datetime
from hashlib import sha256
from typing import Any

from ledger.core.leaves import Core, Leaf
from tenants.database.durability import EARLY

AT = "2026-11-01T08:00:00.000000Z"
CIPHERTEXT_BYTES, WRAPPED_BYTES = 1_024, 60
_APPEND = (
    "SELECT ledger_append({}::text[], {}::uuid[], {}::text[], {}::text[], {}::bytea[],"
    " {}::bytea[], {}::bytea[], 1), " + EARLY
)
APPEND = _APPEND.format(*["%b"] * 7)
APPEND_NUMBERED = _APPEND.format(*(f"${place}" for place in range(1, 8)))  # as libpq has it


@dataclass
class Rows:
    """Columns of `ledger_append`, `count` rows: leaves as a device signs leases, random bytes."""

    count: int
    log_id: str
    rids: list[uuid.UUID] = field(default_factory=list)
    leaves: list[bytes] = field(default_factory=list)
    ciphertexts: list[bytes] = field(default_factory=list)
    keys: list[bytes] = field(default_factory=list)
    nodes: list[bytes] = field(default_factory=list)  # for COPY, which hashes nothing

    def __post_init__(self) -> None:
        for row in range(self.count):
            self.rids.append(uuid.uuid4())
            self.leaves.append(self._leaf(str(self.rids[-1])))
            self.nodes.append(sha256(self.leaves[-1]).digest() * (1 + row % 2))
            self.ciphertexts.append(os.urandom(CIPHERTEXT_BYTES))
            self.keys.append(os.urandom(WRAPPED_BYTES))

    def _leaf(self, rid: str) -> bytes:
        """580 bytes."""
        core = Core(
            "lease.recorded",
            rid,
            self.log_id,
            "k" * 32,
            AT,
            os.urandom(32),
            items_root=os.urandom(32),
            items_count=12,
        )
        return Leaf(core, os.urandom(32), signature=os.urandom(64), prev=rid).to_bytes()

    def columns(self, start: int, end: int) -> list[list[Any]]:
        """Arguments of `APPEND` for a part."""
        count = min(end, self.count) - start
        same = [["lease.recorded"] * count, [AT] * count, ["k" * 32] * count]
        parts = (self.rids, self.leaves, self.ciphertexts, self.keys)
        rids, leaves, ciphertexts, keys = (part[start:end] for part in parts)
        return [same[0], rids, same[1], same[2], leaves, ciphertexts, keys]


def log_of(app: Any) -> str:
    """The id of the log that a connection's schema has."""
    return str(app.execute("SELECT log_id FROM ledger_head").fetchone()[0])


def make_floors(owner: Any, schema: str) -> None:
    """Tables like the ledger's, with every constraint and index, and one bare: free to write."""
    for statement in (
        "CREATE TABLE floor_entry (LIKE ledger_entry INCLUDING ALL)",
        "CREATE TABLE floor_payload (LIKE ledger_payload INCLUDING ALL)",
        "CREATE TABLE floor_head (LIKE ledger_head INCLUDING ALL)",
        "CREATE TABLE floor_bare (r uuid, k text, t text, d text, l bytea, c bytea, w bytea)",
        "INSERT INTO floor_head (id, log_id, origin, size, peaks, root) VALUES (1,'','',0,'','')",
        "GRANT ALL ON floor_entry, floor_payload, floor_head, floor_bare TO ll_app",
    ):
        owner.execute(f"SET search_path = {schema}")
        owner.execute(statement)


def copy_into_both(cursor: Any, rows: Rows, first: int) -> float:
    """Seconds of COPY into the two indexed tables, nodes worked out before."""
    now = datetime.now(UTC)
    started = time.perf_counter()
    with cursor.copy(
        "COPY floor_entry (index, kind, rid, ts, kid, leaf, nodes, appended_at) FROM STDIN"
        " (FORMAT BINARY)"
    ) as copy:
        copy.set_types(["int8", "text", "uuid", "text", "text", "bytea", "bytea", "timestamptz"])
        for place, (rid, leaf, node) in enumerate(
            zip(rows.rids, rows.leaves, rows.nodes, strict=True), start=first
        ):
            copy.write_row((place, "lease.recorded", rid, AT, "k" * 32, leaf, node, now))
    with cursor.copy(
        "COPY floor_payload (index, ciphertext, wrapped_key, kek_version) FROM STDIN"
        " (FORMAT BINARY)"
    ) as copy:
        copy.set_types(["int8", "bytea", "bytea", "int4"])
        for place, pair in enumerate(zip(rows.ciphertexts, rows.keys, strict=True), start=first):
            copy.write_row((place, *pair, 1))
    return time.perf_counter() - started


def copy_bare(cursor: Any, rows: Rows) -> float:
    """Seconds of COPY into one table without an index."""
    started = time.perf_counter()
    with cursor.copy("COPY floor_bare FROM STDIN (FORMAT BINARY)") as copy:
        copy.set_types(["uuid", "text", "text", "text", "bytea", "bytea", "bytea"])
        for rid, *parts in zip(rows.rids, rows.leaves, rows.ciphertexts, rows.keys, strict=True):
            copy.write_row((rid, "lease.recorded", AT, "k" * 32, *parts))
    return time.perf_counter() - started


def owner_conninfo() -> str:
    """Where the tables' owner connects, in the benchmark's own database."""
    from django.db import connection

    from config.environment import DATABASE_STATE, POSTGRES_ROOT
    from config.servers.database import target

    owner = target(role="owner", embedded_root=POSTGRES_ROOT, state=DATABASE_STATE)
    return owner.conninfo(name=str(connection.settings_dict["NAME"]))


def app_conninfo() -> str:
    """Where the application connects, in the benchmark's own database."""
    from django.db import connection

    from config.environment import DATABASE_STATE, POSTGRES_ROOT
    from config.servers.database import target

    app = target(role="app", embedded_root=POSTGRES_ROOT, state=DATABASE_STATE)
    return app.conninfo(name=str(connection.settings_dict["NAME"]))
