"""Real traffic between the lessor and the trust, in threads, while something else happens."""

import io
import threading
import time
from contextlib import contextmanager
from itertools import count

from django.db import connection
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.items import BatchItem
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.models import Entry
from ledger.verifier.check import verify_bundle
from mobile_api.selectors import photo
from mobile_api.services import store_photo
from tenants import clock
from tests.ledger.faults.conftest import document
from tests.ledger.faults.invariants import check_copy, check_log


class Traffic:
    """Who appends, waits in the queue, reads, seals, sends, receives and stores photos."""

    def __init__(self, ground):
        self.ground = ground
        self.done: dict[str, int] = {}
        self.failed: list[str] = []
        self.photos: list[str] = []
        self._over = threading.Event()
        self._numbers = count()
        jobs = [self._append, self._submit, self._read, self._exchange, self._photo]
        self._threads = [threading.Thread(target=self._run, args=[job]) for job in jobs]

    def _run(self, job):
        name = job.__name__
        try:
            while not self._over.is_set():
                job()
                self.done[name] = self.done.get(name, 0) + 1
        except Exception as error:  # told by the test, in its own thread
            self.failed.append(f"{name}: {error!r}: {error}")
        finally:
            connection.close()

    def _append(self):
        items = [BatchItem({"lease_rid": str(n), "amount_minor": "5"}) for n in range(3)]
        with tenant_context(self.ground.lessor):
            services.append_entries(drafts=[document() for _ in range(3)])
            services.append_batch(
                kind="payments.batch",
                rid=document().rid,
                fields={"month": "11"},
                items=items,
                at=clock.now(),
            )

    def _submit(self):
        with tenant_context(self.ground.lessor):
            services.submit_entry(draft=document())
            if next(self._numbers) % 5 == 0:
                services.drain()

    def _read(self):
        with tenant_context(self.ground.lessor):
            size = Entry.objects.count()
            assert len(selectors.payloads(range(size))) == size

    def _exchange(self):
        at = clock.now()
        with tenant_context(self.ground.lessor):
            services.seal_checkpoint(at=at)
            send_parcels(to_tenant=self.ground.trust, at=at)
        with tenant_context(self.ground.trust):
            received = receive_parcels(from_tenant=self.ground.lessor, at=at)
            assert received.refusals == [], received.refusals
        with tenant_context(self.ground.lessor):
            received = receive_parcels(from_tenant=self.ground.trust, at=at)
            assert received.refusals == [], received.refusals

    def _photo(self):
        content = b"\xff\xd8\xff" + str(next(self._numbers)).encode()
        with tenant_context(self.ground.lessor):
            stored = store_photo(content=content, by=self.ground.lessor.pk, at=clock.now())
            assert photo(stored.sha256)[1] == content
        self.photos.append(stored.sha256)

    def rounds(self, more: int = 2) -> None:
        """Wait until each job came round so often again; fails with what failed."""
        wanted = {thread: self.done.get(thread, 0) + more for thread in self.names}
        until = time.monotonic() + 60
        while any(self.done.get(name, 0) < number for name, number in wanted.items()):
            assert not self.failed, self.failed
            assert time.monotonic() < until, self.done
            time.sleep(0.01)

    @property
    def names(self):
        return ["_append", "_submit", "_read", "_exchange", "_photo"]


@contextmanager
def traffic(ground):
    """Traffic runs inside; afterwards everything is delivered, opens and verifies."""
    ground.lessor.hot_ledger = True
    running = Traffic(ground)
    for thread in running._threads:
        thread.start()
    try:
        running.rounds(1)
        yield running
        running.rounds(1)
    finally:
        running._over.set()
        for thread in running._threads:
            thread.join(60)
        ground.lessor.hot_ledger = False
    assert not running.failed, running.failed
    everything_opens(running)


def everything_opens(running) -> None:
    """The log, the copy, photos and an export."""
    ground = running.ground
    with tenant_context(ground.lessor):
        services.drain()
    running._exchange()
    state = check_log(ground.lessor)
    assert check_copy(ground.lessor, ground.trust) == state.size
    with tenant_context(ground.lessor):
        for digest in running.photos:
            photo(digest)
    verify_export(ground)


def verify_export(ground, **options):
    """A bundle of the lessor's log, proven by the offline verifier; its report."""
    stream = io.BytesIO()
    with tenant_context(ground.lessor):
        services.export_ledger(stream=stream, at=clock.now(), disclose=True, items=True)
    stream.seek(0)
    return verify_bundle(stream, portable=False, **options)
