"""Batched append against COPY of the same rows; what signatures and encryption cost beside it."""

from __future__ import annotations

import statistics
import tempfile
import time
import uuid
from collections.abc import Callable, Iterator
from functools import partial
from pathlib import Path
from typing import Any

import psycopg

from benchmarks.database import django_on_a_copy
from benchmarks.figures import Figure
from benchmarks.ledger_rows import (
    APPEND,
    AT,
    Rows,
    app_conninfo,
    copy_bare,
    copy_into_both,
    log_of,
    make_floors,
    owner_conninfo,
)
from tenants.database.durability import WAIT

ROWS, ROUNDS, CHUNK, SINGLES = 5_000, 9, 500, 300


def figures() -> Iterator[Figure]:
    """Append as a share of COPY, the cryptography before it, and pymerkle beside it."""
    with django_on_a_copy():
        from django_tenants.utils import tenant_context

        from ledger.services import open_log
        from tenants.models import Tenant

        with tenant_context(Tenant.objects.get(schema_name="anda")):
            open_log(at=AT)
            with psycopg.connect(owner_conninfo(), autocommit=True) as owner:
                make_floors(owner, "anda")
            with psycopg.connect(app_conninfo(), autocommit=True) as app:
                app.execute("SET search_path = anda")
                yield from _batches(app)
                yield from _pymerkle(app)
        yield from _cryptography()


def _batches(app: psycopg.Connection[tuple[object, ...]]) -> Iterator[Figure]:
    """Rounds of all three in turn, each durable; medians, so that noise falls on all alike."""
    ours, floors, bares = [], [], []
    for number in range(ROUNDS):
        rows = Rows(ROWS, log_of(app))
        copied = partial(copy_into_both, rows=rows, first=number * ROWS)
        floors.append(_durable(app, copied))
        bares.append(_durable(app, partial(copy_bare, rows=rows)))
        ours.append(_durable(app, partial(_append, rows=rows), is_early=True))
    for place, end in enumerate(("until it is durable", "without the commit")):
        rate, floor, bare = (
            ROWS / statistics.median(times[place] for times in found)
            for found in (ours, floors, bares)
        )
        name = f"append of 5,000 entries, {end}"
        yield Figure(name, rate, floor, "COPY, same indexes", "entries/s")
        yield Figure(name, rate, bare, "COPY, no index", "entries/s")


def _durable(
    app: Any, work: Callable[[Any], float], *, is_early: bool = False
) -> tuple[float, float]:
    """Seconds of a transaction until the disk has it, and of the work in it."""
    started = time.perf_counter()
    with app.transaction(), app.cursor() as cursor:
        worked = work(cursor)
    if is_early:
        app.execute(WAIT)
    return time.perf_counter() - started, worked


def _append(cursor: Any, rows: Rows) -> float:
    """As `ledger.services` does: a chunk is sent while the database takes the last one."""
    from tenants.database.bound import pipelined

    started = time.perf_counter()
    with pipelined(cursor.connection) as send:
        for start in range(0, ROWS, CHUNK):
            send(APPEND, rows.columns(start, start + CHUNK))
    return time.perf_counter() - started


def _pymerkle(app: psycopg.Connection[tuple[object, ...]]) -> Iterator[Figure]:
    """One entry a commit, written through to the disk by both; then many at once."""
    from pymerkle import SqliteTree

    rows = Rows(SINGLES, log_of(app))
    started = time.perf_counter()
    for place in range(SINGLES):
        app.execute(APPEND, rows.columns(place, place + 1))
        app.execute(WAIT)
    ours = SINGLES / (time.perf_counter() - started)
    with tempfile.TemporaryDirectory() as folder:
        tree = SqliteTree(str(Path(folder) / "tree.db"))
        started = time.perf_counter()
        for leaf in rows.leaves:
            tree.append_entry(leaf)
        peer = SINGLES / (time.perf_counter() - started)
        many = Rows(ROWS, log_of(app))
        started = time.perf_counter()
        tree.append_entries(many.leaves)
        peer_many = ROWS / (time.perf_counter() - started)
        tree.close()
    started = time.perf_counter()
    with app.transaction():
        app.execute(APPEND, many.columns(0, ROWS))
    app.execute(WAIT)
    ours_many = ROWS / (time.perf_counter() - started)
    yield Figure("one entry a commit, one writer", ours, peer, "pymerkle SQLite", "entries/s")
    yield Figure("5,000 entries a commit", ours_many, peer_many, "pymerkle SQLite", "entries/s")


def _cryptography() -> Iterator[Figure]:
    """What comes before the append: strict Ed25519 verification, and sealing a record."""
    import os

    from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    from ledger.core.ed25519 import SecretKey, verifier
    from ledger.core.envelope import record_aad, seal_record, wrap_key

    key, message, plain = SecretKey(os.urandom(32)), os.urandom(330), os.urandom(1_000)
    signature, ours = key.sign(message), verifier(key.public)
    bare = Ed25519PrivateKey.generate()
    bare_public, bare_signature = bare.public_key(), bare.sign(message)
    aad = record_aad(log_id="a" * 32, rid=str(uuid.uuid4()), version=AT, kind="lease.recorded")
    kek, fixed = os.urandom(32), AESGCM(os.urandom(32))

    def seal() -> None:
        _sealed, data_key = seal_record(plain, aad)
        wrap_key(kek, data_key, aad)

    yield Figure(
        "verifying a device's signature, one core",
        _rate(lambda: ours.verify(message, signature)),
        _rate(lambda: bare_public.verify(bare_signature, message)),
        "cryptography",
        "/s",
    )
    yield Figure(
        "encrypting 1 KB and wrapping its key, one core",
        _rate(seal),
        _rate(lambda: fixed.encrypt(os.urandom(12), plain, aad)),
        "one AES-GCM of 1 KB",
        "/s",
    )


def _rate(work: Callable[[], object]) -> float:
    rates = []
    for _round in range(3):
        started = time.perf_counter()
        for _time in range(2_000):
            work()
        rates.append(2_000 / (time.perf_counter() - started))
    return max(rates)
