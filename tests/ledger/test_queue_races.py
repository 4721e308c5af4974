"""Racing submitters and drainers, a killed drainer, and what the database refuses to its owner."""

import os
import signal
import threading
import uuid
from concurrent.futures import ThreadPoolExecutor
from hashlib import sha256
from time import monotonic

import psycopg
import pytest
from django.db import connection, transaction

from config.environment import DATABASE_STATE, POSTGRES_ROOT
from config.servers.database import target
from ledger import drainer, selectors, services
from ledger.core.tree import Frontier
from ledger.drafts import Draft
from ledger.models import Entry, Head, Pending
from tenants.context import tenant_context
from tests.servers import of_this_test, start, wait_until

AT = "2026-11-01T08:00:00.000000Z"


@pytest.fixture
def anda(committed_cast):
    """A lessor with its queue on, in a database of its own."""
    tenant = committed_cast.anda
    tenant.hot_ledger = True
    tenant.save()
    with tenant_context(tenant):
        services.open_log(at=AT)
    return tenant


def note(rid: uuid.UUID | None = None) -> Draft:
    rid = rid or uuid.uuid4()
    return Draft.service(kind="document.issued", rid=rid, fields={"a": "b"}, ts=AT)


def apart(tenant, work, *arguments):
    """Run `work` inside a tenant, with a connection of this thread's own."""
    try:
        with tenant_context(tenant):
            return work(*arguments)
    finally:
        connection.close()


def submit_some(count: int) -> list[str]:
    """Every third business transaction is rolled back; answers the rids of the others."""
    kept = []
    for number in range(count):
        with transaction.atomic():
            rid = services.submit_entry(draft=note()).rid
            if number % 3 == 2:
                transaction.set_rollback(True)
            else:
                kept.append(rid)
    return kept


def append_some(count: int) -> list[str]:
    return [services.append_entry(draft=note()).rid for _number in range(count)]


def stored_rids() -> list[str]:
    rows = Entry.objects.filter(kind="document.issued").order_by("index")
    return [str(rid) for rid in rows.values_list("rid", flat=True)]


def assert_tree_is_whole() -> None:
    frontier, rows = Frontier(), Entry.objects.order_by("index")
    for place, (index, leaf, nodes) in enumerate(rows.values_list("index", "leaf", "nodes")):
        assert index == place
        assert frontier.append(sha256(b"\x00" + bytes(leaf)).digest()) == bytes(nodes)
    head = Head.objects.get()
    assert (head.size, bytes(head.root)) == (frontier.size, frontier.root())


def test_racing_submitters_and_two_drainers_store_each_entry_once_and_in_order(anda):
    stopping = threading.Event()
    with ThreadPoolExecutor(8) as pool:
        drainers = [pool.submit(drainer.run, stopping) for _number in range(2)]
        queued = [pool.submit(apart, anda, submit_some, 30) for _number in range(4)]
        direct = pool.submit(apart, anda, append_some, 20)
        kept = [work.result() for work in queued]
        appended = direct.result()
        apart_waits = lambda: apart(anda, services.anything_waits)  # noqa: E731
        wait_until(lambda: not apart_waits(), "the drainers left something")
        stopping.set()
        for work in drainers:
            work.result()
    with tenant_context(anda):
        stored = stored_rids()
        assert sorted(stored) == sorted([rid for rids in [*kept, appended] for rid in rids])
        for rids in kept:
            assert [rid for rid in stored if rid in set(rids)] == rids
        assert_tree_is_whole()


def test_a_killed_drainer_loses_and_doubles_nothing(anda):
    with tenant_context(anda):
        kept = append_some(1) + submit_some(30)
    drain = ("manage.py", "drain_ledger")
    running = [start(*drain, environment=of_this_test()) for _number in range(2)]
    try:
        with tenant_context(anda):
            before, deadline = selectors.log_size(), monotonic() + 60
            while selectors.log_size() == before:  # until they have started
                kept += submit_some(3)
                assert monotonic() < deadline, "no drainer started"
            for number in range(12):
                kept += submit_some(15)
                if number == 4:
                    running[0].send_signal(signal.SIGKILL)
            wait_until(lambda: not services.anything_waits(), "the other drainer left something")
            assert running[0].wait(30) == -signal.SIGKILL
            assert stored_rids() == kept
            assert_tree_is_whole()
    finally:
        for process in running:
            if process.poll() is None:
                process.send_signal(signal.SIGTERM)
        assert running[1].wait(30) == 0


def test_a_record_that_came_by_both_ways_at_once_is_in_the_log_once(anda):
    draft, submitted, appended = note(), threading.Event(), threading.Event()

    def submit() -> None:
        with transaction.atomic():
            services.submit_entry(draft=draft)
            submitted.set()
            appended.wait(30)

    with ThreadPoolExecutor(1) as pool, tenant_context(anda):
        slow = pool.submit(apart, anda, submit)
        submitted.wait(30)
        services.append_entry(draft=draft)  # neither sees the other's row
        appended.set()
        slow.result()
        other = services.submit_entry(draft=note())
        assert services.drain() == 1
        assert stored_rids() == [draft.rid, other.rid]
        assert Pending.objects.get(rid=draft.rid).refused_at is not None
        assert not services.anything_waits()
        assert selectors.waiting(kind=draft.kind, rid=draft.rid) is None


SLIPS = (
    "DELETE FROM anda.ledger_pending",
    "TRUNCATE anda.ledger_pending",
    "UPDATE anda.ledger_pending SET leaf = 'x'",
    "UPDATE anda.ledger_pending SET seq = seq + 100",
    "UPDATE anda.ledger_pending SET refused_at = now(), rid = gen_random_uuid()",
)


def test_not_even_the_owner_changes_or_drops_what_waits(anda):
    with tenant_context(anda):
        services.submit_entry(draft=note())
    owner = target(role="owner", embedded_root=POSTGRES_ROOT, state=DATABASE_STATE)
    states = {}
    for statement in SLIPS:
        with (
            psycopg.connect(owner.conninfo(name=os.environ["LL_DATABASE_NAME"])) as raw,
            pytest.raises(psycopg.Error) as refused,
        ):
            raw.execute(statement.encode())
        states[statement] = refused.value.sqlstate
    assert states == dict.fromkeys(SLIPS, "42501")
    with tenant_context(anda):
        assert services.drain() == 1


def test_a_queue_is_drained_after_its_tenant_is_switched_back(anda):
    with tenant_context(anda):
        services.submit_entry(draft=note())
    anda.hot_ledger = False
    anda.save()
    stopping = threading.Event()
    with ThreadPoolExecutor(1) as pool:
        running = pool.submit(drainer.run, stopping)
        with tenant_context(anda):
            wait_until(lambda: not services.anything_waits(), "the drainer left something")
        stopping.set()
        running.result()


@pytest.mark.parametrize("when", ["erased before it is refused", "refused before"])
def test_what_is_erased_is_not_kept_in_the_queue(anda, when):
    """A record that came by both ways at once: one of them is refused, and held its content."""
    draft, submitted, appended = note(), threading.Event(), threading.Event()

    def queued():
        with tenant_context(anda), transaction.atomic():
            services.submit_entry(draft=draft)
            submitted.set()
            appended.wait(20)
        connection.close()

    with ThreadPoolExecutor(1) as pool, tenant_context(anda):
        running = pool.submit(queued)
        submitted.wait(20)
        anda.hot_ledger = False
        index = services.append_entry(draft=draft).index
        if when == "refused before":
            appended.set()
            running.result()
            services.drain()
            assert Pending.objects.get().refused_at is not None
            services.erase_payload(index=index, at=AT)
        else:
            services.erase_payload(index=index, at=AT)
            appended.set()
            running.result()
            services.drain()
        assert not Pending.objects.exists()
        services.append_entry(draft=note())
