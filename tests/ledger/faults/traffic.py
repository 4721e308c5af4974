"""Real traffic between the lessor and the trust, in threads, while something else happens."""

import io
from contextlib import contextmanager
from itertools import count

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
from tests.ledger.faults.threads import Threads


class Traffic(Threads):
    """Who appends, waits in the queue, reads, seals, sends, receives and stores photos."""

    def __init__(self, ground):
        jobs = [self._append, self._submit, self._read, self._exchange, self._photo]
        super().__init__({job.__name__: job for job in jobs})
        self.ground = ground
        self.photos: list[str] = []
        self._numbers = count()

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


@contextmanager
def traffic(ground):
    """Traffic runs inside; afterwards everything is delivered, opens and verifies."""
    ground.lessor.hot_ledger = True
    running = Traffic(ground)
    try:
        with running.running():
            yield running
    finally:
        ground.lessor.hot_ledger = False
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
