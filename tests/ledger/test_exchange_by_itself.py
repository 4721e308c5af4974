"""The exchange runs by itself: what is new travels, what is not makes no work."""

import uuid

import pytest
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from ledger.drafts import Draft
from ledger.exchange import registry
from ledger.exchange.carriers import carrying
from ledger.exchange.notices import RESTORE_ASKED, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.tasks import exchange
from ledger.models import Checkpoint, Cosignature, Head, Replica
from ledger.services import append_entry, open_log
from tenants.jobs import run_waiting_jobs

AT = "2026-11-01T08:00:00.000000Z"


@pytest.fixture
def related(cast, monkeypatch):
    """A lessor with a few entries; the trust has not even opened its log."""
    everything = registry.Entitlement(everything=True)
    monkeypatch.setattr(registry, "_entitlements", [lambda to: everything])
    _append(cast)
    return cast


def _append(cast):
    draft = Draft.service(
        kind="financing.requested", rid=uuid.uuid4(), fields={"purpose": "cars"}, ts=AT
    )
    with tenant_context(cast.anda):
        return append_entry(draft=draft).index + 1


def _tick():
    """The clock strikes once, and every job of it is done."""
    exchange.func(timestamp=0)
    return run_waiting_jobs()


def _copy(cast, of=None):
    with tenant_context(cast.trust):
        return Replica.objects.filter(source=(of or cast.anda).pk).first()


def test_entries_are_sealed_sent_received_and_cosigned_without_anybody_asking(related):
    size = _append(related)
    for _ in range(4):  # the trust opens its log, then it is sent to, then it answers
        _tick()
    assert _copy(related).size == size
    with tenant_context(related.anda):
        assert Head.objects.get().size == size
        assert Checkpoint.objects.filter(size=size).exists()
        assert Cosignature.objects.filter(size=size).exists()
    assert _tick() == 0  # nothing is new: no job
    later = _append(related)
    _tick()
    assert _copy(related).size == later


def test_two_clocks_enqueue_one_job(related):
    exchange.func(timestamp=0)
    jobs = ProcrastinateJob.objects.count()
    assert jobs
    exchange.func(timestamp=0)
    assert ProcrastinateJob.objects.count() == jobs


def test_whoever_is_carried_by_hand_is_left_alone(related):
    pair = (related.anda.pk, related.trust.pk)
    with tenant_context(related.xingyu):
        open_log(at=AT)
    with carrying([pair, pair[::-1]]):
        for _ in range(3):
            _tick()
        assert _copy(related) is None
        assert _copy(related, related.xingyu).size  # only they are
    for _ in range(3):
        _tick()
    assert _copy(related).size


def test_a_counterparty_that_asks_for_its_lost_log_is_seen_whoever_carries(related, client_of):
    """`manage.py restore_ledger ask` in a demo: nobody carries anything for a log that is gone."""
    for _ in range(4):
        _tick()
    with tenant_context(related.anda):
        told = Notice(Head.objects.get().origin, 0, {"reason": "the disk burnt"})
        post_notice(related.trust.pk, RESTORE_ASKED, told)
    pair = (related.anda.pk, related.trust.pk)
    with carrying([pair, pair[::-1]]):
        _tick()
    manager = client_of(related.portfolio_manager, related.trust)
    for path in ("/ledger/copies/", "/"):
        assert "lost ledger" in manager.get(path).content.decode().replace("lost its", "lost")


def test_the_clock_of_the_worker_strikes():
    (periodic,) = [
        found for found in app.periodic_registry.periodic_tasks.values() if found.task == exchange
    ]
    assert periodic.croniter.get_next(float, start_time=0) <= 15
