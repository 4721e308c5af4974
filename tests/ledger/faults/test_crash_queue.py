"""Who submits to the queue, the drainer and the publisher are killed at every step."""

import os
from itertools import count
from uuid import uuid4

import pytest
from django.conf import settings
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.notes import Note
from ledger.core.tiles import fresh_tiles
from ledger.models import Head, Pending
from ledger.problems import Replayed
from ledger.tiles.publishing import content, open_entries, publish_tiles, store_of
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


@pytest.mark.parametrize("is_first", [True, False])
def test_a_publisher_may_die_anywhere(field, is_first, monkeypatch):
    """What a published checkpoint covers is there whole, also where the power failed with it.

    For the first time, into a folder that was not there, or after what was published before.
    """
    folders = (settings.KEY_DIR.parent / f"tiles-{uuid4()}" for _ in count())
    monkeypatch.setattr(settings, "TILE_DIR", next(folders))

    def make():
        if is_first:
            monkeypatch.setattr(settings, "TILE_DIR", next(folders))
        with tenant_context(field.lessor):
            services.append_entry(draft=document())
            services.seal_checkpoint(at=AT)

        def publish(answer):
            with tenant_context(field.lessor):
                if is_first:
                    open_entries()
                answer(publish_tiles().size)
                Head.objects.get()  # one step more: dying after it was told

        return publish

    make()
    before = 0
    if not is_first:
        with tenant_context(field.lessor):
            open_entries()
            before = published()
        assert before
    for crash in at_every_step(make, lose_power=True):
        with tenant_context(field.lessor):
            assert published() >= max(crash.answered, default=before)
            before = 0 if is_first else crash.again()[0]


def published() -> int:
    """Size of the checkpoint in the folder; its tiles and bundles stand there whole."""
    store = store_of(Head.objects.get().log_id)
    note = store.read("checkpoint")
    if note is None:
        return 0
    size = TreeHead.parse(Note.parse(note).text).size
    for tile in fresh_tiles(0, size):
        assert store.read(tile.path()) == content(tile), tile
    assert store.entries_done() >= size
    return size


def test_published_files_may_be_read_by_a_web_server_of_another_user(field, tmp_path, monkeypatch):
    monkeypatch.setattr(settings, "TILE_DIR", tmp_path / "new" / "tiles")
    before = os.umask(0o077)
    try:
        with tenant_context(field.lessor):
            services.append_entry(draft=document())
            services.seal_checkpoint(at=AT)
            open_entries()
    finally:
        os.umask(before)
    found = [path for path in (tmp_path / "new").rglob("*") if path.name != ".lock"]
    assert {path.name for path in found} >= {"checkpoint", "entries", "tile"}
    for path in (tmp_path / "new", *found):
        assert path.stat().st_mode & 0o777 == (0o755 if path.is_dir() else 0o644), path
