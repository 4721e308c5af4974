"""Proofs from the database at 10⁴ … 10⁷ entries, every one verified; pymerkle at 10⁴ beside it."""

from __future__ import annotations

import os
import random
import struct
import tempfile
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import psycopg

from benchmarks.database import django_on_a_copy
from benchmarks.figures import Figure
from benchmarks.ledger_rows import AT, owner_conninfo

SIZES = (10**4, 10**5, 10**6, 10**7)
"""The last takes a minute and 3 GB of disk: LL_BENCH_LARGEST=1000000 leaves it out."""
SAMPLES, BLOCK, PEER_SIZE = 1_000, 1 << 16, 10**4


def figures() -> Iterator[Figure]:
    """p50 and p99 of both proofs beside those of an empty statement (goal: p99 under 2 ms)."""
    from ledger.core.tree import Frontier

    with django_on_a_copy():
        from django_tenants.utils import tenant_context

        from tenants.models import Tenant

        frontier = Frontier()
        largest = int(os.environ.get("LL_BENCH_LARGEST", SIZES[-1]))
        with (
            psycopg.connect(owner_conninfo(), autocommit=True) as owner,
            tenant_context(Tenant.objects.get(schema_name="anda")),
        ):
            _lighten(owner)
            for size in SIZES:
                if size <= largest:
                    _grow(owner, frontier, size)
                    yield from _measure(size, frontier.root())
                if size == PEER_SIZE:
                    yield from _beside_pymerkle(size)


def _lighten(owner: psycopg.Connection[tuple[object, ...]]) -> None:
    """No WAL, no guard and only the primary key, which is all that a proof reads by."""
    for statement in (
        "SET search_path = anda",
        "ALTER TABLE ledger_entry DROP CONSTRAINT ledger_entry_no_replay",
        "DROP INDEX ledger_entry_kind",
        "ALTER TABLE ledger_entry SET UNLOGGED",
        "ALTER TABLE ledger_entry DISABLE TRIGGER by_its_functions",
    ):
        owner.execute(statement.encode())


def leaf_of(index: int) -> bytes:
    """The bytes of an entry of the grown log."""
    return b"%d" % index


def _grow(owner: psycopg.Connection[tuple[object, ...]], frontier, size: int) -> None:
    """Real nodes, rows laid out as binary COPY wants them."""
    from ledger.core.hashing import leaf_hash

    def text(value: bytes) -> bytes:
        return struct.pack(">i", len(value)) + value

    begin, rid = struct.pack(">hi", 8, 8), struct.pack(">i", 16)
    kind, more = text(b"lease.recorded"), text(AT.encode()) + text(b"k" * 32)
    end = struct.pack(">iq", 8, 0)
    number, length = struct.Struct(">q").pack, struct.Struct(">i").pack
    append = frontier.append
    with owner.cursor().copy(
        "COPY ledger_entry (index, kind, rid, ts, kid, leaf, nodes, appended_at) FROM STDIN"
        " (FORMAT BINARY)"
    ) as copy:
        copy.write(b"PGCOPY\n\xff\r\n\x00" + bytes(8))
        while frontier.size < size:
            parts: list[bytes] = []
            for index in range(frontier.size, min(size, frontier.size + BLOCK)):
                leaf, place = b"%d" % index, number(index)
                nodes = append(leaf_hash(leaf))
                parts += (begin, place, kind, rid, place, place, more, length(len(leaf)), leaf)
                parts += (length(len(nodes)), nodes, end)
            copy.write(b"".join(parts))
        copy.write(b"\xff\xff")
    owner.execute("VACUUM (FREEZE, ANALYZE) ledger_entry")


def _measure(size: int, root: bytes) -> Iterator[Figure]:
    from ledger import selectors
    from ledger.core.hashing import leaf_hash
    from ledger.core.proofs import verify_consistency, verify_inclusion
    from tenants.database.bound import run_bound

    draw = random.Random(size)
    indexes = [draw.randrange(size) for _sample in range(SAMPLES)]
    empty, _rows = _timed(lambda _place: run_bound("SELECT 1"), indexes)
    times, proofs = _timed(lambda index: selectors.inclusion_proof(index, size), indexes)
    for index, proof in zip(indexes, proofs, strict=True):
        verify_inclusion(index, size, leaf_hash(leaf_of(index)), proof, root)
    yield from _percentiles(f"inclusion at {size:,}", times, empty)
    olds = [draw.randrange(1, size) for _sample in range(SAMPLES)]
    times, proofs = _timed(lambda old: selectors.consistency_proof(old, size), olds)
    for old, proof in list(zip(olds, proofs, strict=True))[:100]:
        verify_consistency(old, size, proof, selectors.root_at(old), root)
    yield from _percentiles(f"consistency at {size:,}", times, empty)


def _timed(
    prove: Callable[[int], list[bytes]], places: list[int]
) -> tuple[list[float], list[list[bytes]]]:
    """Milliseconds of each, and the proofs; the first ones of a connection warm it up."""
    for place in places[:20]:
        prove(place)
    times, proofs = [], []
    for place in places:
        started = time.perf_counter()
        proofs.append(prove(place))
        times.append((time.perf_counter() - started) * 1e3)
    return times, proofs


def _percentiles(name: str, times: list[float], empty: list[float]) -> Iterator[Figure]:
    for label, share in (("p50", 0.5), ("p99", 0.99)):
        ours, floor = (sorted(values)[int(len(values) * share)] for values in (times, empty))
        yield Figure(f"proof of {name}, {label}", ours, floor, "SELECT 1", "ms")


def _beside_pymerkle(size: int) -> Iterator[Figure]:
    from pymerkle import SqliteTree

    from ledger import selectors

    draw = random.Random(1)
    places = [draw.randrange(1, size) for _sample in range(200)]
    with tempfile.TemporaryDirectory() as folder:
        tree = SqliteTree(str(Path(folder) / "tree.db"))
        tree.append_entries([leaf_of(index) for index in range(size)])
        for name, ours, peer in (
            ("inclusion", selectors.inclusion_proof, tree.prove_inclusion),
            ("consistency", selectors.consistency_proof, tree.prove_consistency),
        ):
            mine, _proofs = _timed(lambda place, prove=ours: prove(place, size), places)
            theirs, _others = _timed(lambda place, prove=peer: prove(place, size), places)
            yield Figure(
                f"proof of {name} at {size:,}, p50",
                sorted(mine)[100],
                sorted(theirs)[100],
                "pymerkle SQLite",
                "ms",
            )
        tree.close()
