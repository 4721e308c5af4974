"""One tenant, 64 writers, one commit each: naive head row, append in the transaction, the queue.

The queue's is one statement and so one round trip with its commit. In-transaction it is two: the
second waits for the disk, when the head is the next one's already. The naive design needs six.
"""

from __future__ import annotations

import multiprocessing
import time
from collections.abc import Iterator
from hashlib import sha256
from typing import Any

import psycopg
from psycopg.types.numeric import Int8

from benchmarks.database import django_on_a_copy
from benchmarks.figures import Figure
from benchmarks.ledger_rows import (
    APPEND_NUMBERED,
    AT,
    Rows,
    app_conninfo,
    copy_bare,
    log_of,
    make_floors,
    owner_conninfo,
)
from benchmarks.load import Client, Steps, drive
from tenants.database.durability import WAIT

PROCESSES, WRITERS = 4, 16
ROWS = 8_000  # of a process: more than it can write in the time
SECONDS = 4.0
DRAIN = "SELECT rid FROM ledger_integrate(%b::integer)"
SUBMIT = "SELECT ledger_submit($1, $2, $3, $4, $5, $6, $7, 1)"


def figures() -> Iterator[Figure]:
    """Rates and latencies of the three ways, in one run on one server."""
    with django_on_a_copy():
        from django_tenants.utils import tenant_context

        from ledger.services import open_log
        from tenants.models import Tenant

        with tenant_context(Tenant.objects.get(schema_name="anda")):
            open_log(at=AT)
            with psycopg.connect(owner_conninfo(), autocommit=True) as owner:
                make_floors(owner, "anda")
            yield from _compare(app_conninfo())


def _compare(conninfo: str) -> Iterator[Figure]:
    naive = _race(conninfo, "naive")
    single = _race(conninfo, "append")
    queue = _race(conninfo, "submit")
    with psycopg.connect(conninfo, autocommit=True) as app, app.cursor() as cursor:
        cursor.execute("SET search_path = anda")
        rows = Rows(20_000, log_of(app))
        copied = min(copy_bare(cursor, rows) for _round in range(3))
    copy_rate = rows.count / copied
    yield Figure("64 writers, in-transaction", single.rate, naive.rate, "naive head row", "/s")
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        yield Figure(
            f"64 writers, in-transaction, {name}",
            single.percentile(share),
            naive.percentile(share),
            "naive head row",
            "ms",
        )
    yield Figure("64 writers, queue, until integrated", queue.rate, copy_rate, "COPY", "/s")
    yield Figure("64 writers, queue", queue.rate, naive.rate, "naive head row", "/s")
    for name, share in (("p50", 0.5), ("p99", 0.99)):
        yield Figure(
            f"64 writers, queue, {name} of the submitting transaction",
            queue.percentile(share),
            single.percentile(share),
            "in-transaction",
            "ms",
        )
        yield Figure(
            f"64 writers, queue, {name} from commit to integrated",
            _percentile(queue.delays, share),
            single.percentile(share),
            "in-transaction",
            "ms",
        )


class Race:
    """What a race came to: `rate` a second, sorted latencies and delays in ms."""

    def __init__(self, rate: float, latencies: list[float], delays: list[float]) -> None:
        self.rate, self.latencies, self.delays = rate, sorted(latencies), sorted(delays)

    def percentile(self, share: float) -> float:
        """Of the latencies."""
        return _percentile(self.latencies, share)


def _percentile(values: list[float], share: float) -> float:
    return values[int(len(values) * share)] if values else float("nan")


def _race(conninfo: str, way: str) -> Race:
    context = multiprocessing.get_context("spawn")
    results, ready, go = context.Queue(), context.Semaphore(0), context.Event()
    stop, drained = context.Event(), context.Queue()
    arguments = (conninfo, way, ready, go, results)
    writers = [context.Process(target=_writers, args=arguments) for _number in range(PROCESSES)]
    drainers = [context.Process(target=_drainer, args=(conninfo, stop, drained, *_pace()))]
    drainers = drainers if way == "submit" else []
    for process in [*writers, *drainers]:
        process.start()
    for _process in writers:
        ready.acquire()
    started = time.monotonic()
    go.set()
    warm, done = set(), []
    for _process in writers:
        before, rest = results.get(timeout=120)
        warm |= before
        done += rest
    ended = time.monotonic()
    for process in writers:
        process.join()
    placed: dict[bytes, float] = {}
    if drainers:
        stop.set()
        placed = drained.get(timeout=120)
        drainers[0].join()
        ended = max(placed.values())
        found = warm | {each.name for each in done}
        assert placed.keys() == found, "an entry was lost or doubled"
    delays = [(placed[each.name] - each.at) * 1e3 for each in done if each.name in placed]
    return Race(len(done) / (ended - started), [each.ms for each in done], delays)


def _writers(conninfo: str, way: str, ready: Any, go: Any, results: Any) -> None:
    """One process of writers, each with a connection of its own, served by one thread.

    Each writes once before the start: a server keeps its connections, and what a first call plans
    is no part of a submission's time.
    """
    steps = {"naive": _naive, "append": _append, "submit": _submit}[way]
    with psycopg.connect(conninfo) as app:
        app.execute("SET search_path = anda")
        rows = Rows(ROWS, log_of(app))
    each = rows.count // WRITERS
    clients = [Client(conninfo, "anda") for _writer in range(WRITERS)]
    for number, client in enumerate(clients):
        client.start(steps(rows, number * each))
        client.finish()
    warm = {rows.rids[number * each].bytes for number in range(WRITERS)}

    def work(number: int) -> Iterator[tuple[bytes, Steps]]:
        for place in range(number * each + 1, (number + 1) * each):
            yield rows.rids[place].bytes, steps(rows, place)

    ready.release()
    go.wait()
    results.put((warm, drive(clients, work, SECONDS)))
    for client in clients:
        client.close()


def _append(rows: Rows, place: int) -> Steps:
    yield APPEND_NUMBERED, rows.columns(place, place + 1)
    yield WAIT, ()


def _submit(rows: Rows, place: int) -> Steps:
    yield SUBMIT, [column[0] for column in rows.columns(place, place + 1)]


def _naive(rows: Rows, place: int) -> Steps:
    """Lock the head, hash between the round trips, store, move the head."""
    yield "BEGIN", ()
    ((size, peaks),) = yield "SELECT size, peaks FROM floor_head WHERE id = 1 FOR UPDATE", ()
    kind, rid, ts, kid, leaf, ciphertext, key = (
        column[0] for column in rows.columns(place, place + 1)
    )
    tops = [peaks[at : at + 32] for at in range(0, len(peaks), 32)]
    node = completed = sha256(b"\x00" + leaf).digest()
    index = size
    while index & 1:
        node = sha256(b"\x01" + tops.pop() + node).digest()
        completed += node
        index >>= 1
    tops.append(node)
    root = tops[-1]
    for top in reversed(tops[:-1]):
        root = sha256(b"\x01" + top + root).digest()
    yield (
        "INSERT INTO floor_entry (index, kind, rid, ts, kid, leaf, nodes, appended_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, now())",
        [Int8(size), kind, rid, ts, kid, leaf, completed],
    )
    yield (
        "INSERT INTO floor_payload (index, ciphertext, wrapped_key, kek_version)"
        " VALUES ($1, $2, $3, 1)",
        [Int8(size), ciphertext, key],
    )
    yield (
        "UPDATE floor_head SET size = $1, peaks = $2, root = $3 WHERE id = 1",
        [Int8(size + 1), b"".join(tops), root],
    )
    yield "COMMIT", ()


def _pace() -> tuple[int, float]:
    """The drainer's own."""
    from ledger.drainer import BATCH, SHORTEST_S

    return BATCH, SHORTEST_S


def _drainer(conninfo: str, stop: Any, drained: Any, batch: int, pause: float) -> None:
    """Integrates at the drainer's pace until nothing waits; when each entry got its place."""
    placed: dict[bytes, float] = {}
    with psycopg.connect(conninfo, autocommit=True) as connection:
        connection.execute("SET search_path = anda")
        while True:
            last = stop.is_set()
            found = connection.execute(DRAIN, [batch]).fetchall()
            at = time.monotonic()
            placed.update((rid.bytes, at) for (rid,) in found)
            if not found and last:
                break
            if len(found) < batch:
                time.sleep(pause)
    drained.put(placed)
