"""A source that stands still or is silent is named, and who is refused rests."""

import uuid
from datetime import UTC, datetime, timedelta

from django_tenants.utils import tenant_context

from ledger import services
from ledger.drafts import Draft
from ledger.exchange.notices import REFUSAL, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.refusing import rests, rests_until
from ledger.exchange.services import receive_parcels
from ledger.models import Outbox, Refusal, Replica
from tenants import clock
from tenants.models import Parcel
from tests.ledger.stage import (
    AT,
    answer,
    changed,
    exchange,
    parcel_of,
    post_again,
    receive,
    send,
)


def later(hours=0, days=0):
    return f"2026-11-{1 + days:02}T{8 + hours:02}:00:00.000000Z"


def test_checkpoints_that_go_on_without_entries_are_named_stalled(held):
    post = Parcel.objects.get(subject="entries")
    from ledger.core.encoding import unb64
    from ledger.core.sealing import seal_to
    from tenants.models import PublishedKey

    key = PublishedKey.objects.get(tenant=held.trust, purpose=PublishedKey.PARCELS)
    empty = changed(
        parcel_of(post), leaves=[], payloads=[], payload_indexes=[], items=[], item_indexes=[]
    )
    sealed = seal_to(unb64(key.key, 32), b"", empty.context(str(held.trust.pk)))
    body = changed(empty, sealed_keys=sealed).to_bytes()
    post.body = body
    post.save(update_fields=["body"])
    assert receive(held).refusals == []  # a checkpoint may run ahead for a while
    post_again(held, body, 13, 13)
    received = receive(held, later(hours=2))
    assert [refusal.code for refusal in received.refusals] == ["stalled"]
    assert receive(held, later(hours=3)).refusals == []  # told once
    answer(held, later(hours=3))
    with tenant_context(held.lessor):
        assert Refusal.objects.get(by_us=False).code == "stalled"
    exchange(held, later(hours=4))  # and mended by sending
    with tenant_context(held.trust):
        assert Replica.objects.get().behind_since is None
    with tenant_context(held.lessor):
        assert Outbox.objects.get().refused_since is None


def test_a_source_that_is_silent_for_long_is_named_and_one_that_lives_is_not(stage):
    exchange(stage)
    assert send(stage, later(days=2)).parcels == 1  # a sign of life, once a day
    assert receive(stage, later(days=2)).refusals == []
    assert send(stage, later(days=2, hours=1)).parcels == 0
    assert receive(stage, later(days=4)).refusals == []
    assert [row.code for row in receive(stage, later(days=6)).refusals] == ["silent"]
    answer(stage, later(days=6))
    with tenant_context(stage.lessor):
        assert Refusal.objects.get(by_us=False).code == "silent"


def test_whose_parcels_are_refused_is_not_called_silent(stage):
    exchange(stage)
    with tenant_context(stage.trust):
        Refusal.objects.create(
            other=stage.lessor.pk, parcel=uuid.uuid4(), subject="entries",
            code="bad_payload", detail="x", at=later(days=5),
        )  # fmt: skip
    assert receive(stage, later(days=6)).refusals == []
    assert [row.code for row in receive(stage, later(days=9)).refusals] == ["silent"]


def test_a_refused_log_rests_longer_and_longer_before_it_tries_again():
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert not rests(Outbox(), now)
    for refusals, seconds in ((1, 15), (2, 30), (5, 240), (40, 3600)):
        outbox = Outbox(refusals=refusals, refused_at=now)
        assert rests(outbox, now + timedelta(seconds=seconds - 1))
        assert not rests(outbox, now + timedelta(seconds=seconds))
        assert not rests(outbox, now - timedelta(days=1))  # the clock went back meanwhile


def test_who_refuses_and_cosigns_in_turn_is_not_sent_a_whole_log_again_and_again(
    held, client_of, cast
):
    """Each refusal asks for the log from its beginning; a cosignature between forgives none."""
    exchange(held)
    now = clock.now()
    for number in range(1, 6):
        with tenant_context(held.trust):
            origin = Replica.objects.get().origin
            members = {"code": "bad_proof", "detail": "again", "parcel": str(uuid.uuid4())}
            post_notice(held.lessor.pk, REFUSAL, Notice(origin, 0, members))
        with tenant_context(held.lessor):
            receive_parcels(from_tenant=held.trust, at=now)
            outbox = Outbox.objects.get()
            assert (outbox.cursor, outbox.refusals) == (0, number)
            fields = {"n": str(number)}
            draft = Draft.service(kind="document.issued", rid=uuid.uuid4(), fields=fields, ts=AT)
            services.append_entry(draft=draft)
        exchange(held)
        with tenant_context(held.lessor):
            outbox = Outbox.objects.get()
            assert outbox.refused_since is None and outbox.cosigned_size == outbox.cursor
            assert rests_until(outbox) == now + timedelta(seconds=15 * 2 ** (number - 1))
    page = client_of(cast.manager, held.lessor).get("/ledger/copies/").content.decode()
    assert "It is sent again from" in page
    with tenant_context(held.trust):
        post_notice(held.lessor.pk, REFUSAL, Notice(origin, 0, members))
    with tenant_context(held.lessor):
        receive_parcels(from_tenant=held.trust, at=now + timedelta(days=1))
        assert Outbox.objects.get().refusals == 1  # what is a day old is forgiven
