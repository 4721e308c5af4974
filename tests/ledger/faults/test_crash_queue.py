"""Who submits to the queue, the drainer and the publisher are killed at every step."""

from itertools import count

import pytest
from django.conf import settings
from django_tenants.utils import tenant_context

from ledger import services
from ledger.models import Pending
from ledger.problems import Replayed
from ledger.selectors import latest_checkpoint
from ledger.tiles.publishing import open_entries, publish_tiles
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_log


@pytest.fixture
def hot(field):
    """The lessor's log takes single entries through the queue."""
    field.open()
    field.lessor.hot_ledger = True
    yield field
    field.lessor.hot_ledger = False


def test_what_was_accepted_into_the_queue_comes_into_the_log_once(hot):
    def make():
        draft = document()

        def submit(answer):
            with tenant_context(hot.lessor):
                services.submit_entry(draft=draft)
            answer(draft.rid)

        return submit

    accepted = []
    for crash in at_every_step(make):
        accepted += crash.answered
        try:
            accepted += crash.again()
        except Replayed:
            assert not crash.answered or crash.finished
    with tenant_context(hot.lessor):
        services.drain()
        assert not Pending.objects.exists()
    state = check_log(hot.lessor)
    assert [rid for rid in set(accepted) if state.count(rid) != 1] == []


def test_a_drainer_may_die_anywhere(hot):
    submitted = []

    def make():
        drafts = [document() for _ in range(5)]
        with tenant_context(hot.lessor):
            submitted.extend(services.submit_entry(draft=draft).rid for draft in drafts)

        def drain(answer):
            with tenant_context(hot.lessor):
                answer(services.drain(limit=2))

        return drain

    for crash in at_every_step(make):
        state = check_log(hot.lessor)
        with tenant_context(hot.lessor):
            waiting = [str(rid) for rid in Pending.objects.values_list("rid", flat=True)]
        for rid in submitted:  # in the log or in the queue, never in both, never in neither
            assert state.count(rid) + waiting.count(rid) == 1
        assert not (crash.answered and waiting)
        crash.again()
    state = check_log(hot.lessor)
    assert [rid for kind, rid, _ in state.entries if kind == "document.issued"] == submitted


@pytest.mark.parametrize("lose_power", [False, True])
def test_a_publisher_may_die_anywhere(field, lose_power, monkeypatch):
    """What a published checkpoint covers is there whole, even after the power failed."""
    folders = (settings.KEY_DIR.parent / f"tiles-{lose_power}-{number}" for number in count())

    def make():
        monkeypatch.setattr(settings, "TILE_DIR", next(folders))
        with tenant_context(field.lessor):
            services.append_entries(drafts=[document() for _ in range(3)])
            services.seal_checkpoint(at=AT)

        def publish(answer):
            with tenant_context(field.lessor):
                open_entries()
                answer(publish_tiles().size)

        return publish

    for crash in at_every_step(make, lose_power=lose_power):
        with tenant_context(field.lessor):
            assert publish_tiles(again=True).repaired == []  # nothing published was torn or gone
            assert crash.again() == [latest_checkpoint().size]
            assert publish_tiles(again=True).written == 0
