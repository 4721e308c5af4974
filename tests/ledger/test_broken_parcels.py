"""A parcel that is broken in any way is refused, named on both sides, and nothing is stored."""

import random

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context

from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.notes import Note, sign_text
from ledger.exchange import services as exchange_services
from ledger.models import Head, Replica
from tenants.models import Parcel
from tests.ledger.reading_pages import english
from tests.ledger.stage import (
    AT,
    another_leaf,
    changed,
    exchange,
    kept,
    parcel_of,
    post_again,
    receive,
    refused,
    rewrite,
    send,
)


def foreign_note(stage):
    with tenant_context(stage.lessor):
        head = Head.objects.get()
    text = Checkpoint(head.origin, head.size, bytes(head.root)).text()
    return Note(text, (sign_text(text, head.origin, SecretKey(b"\x07" * 32)),)).to_bytes()


BREAKS = {
    "a missing entry": ("bad_proof", lambda s: {"leaves": lambda leaves: leaves[1:]}),
    "an extra entry": ("bad_checkpoint", lambda s: {"leaves": lambda x: [*x, another_leaf(s)]}),
    "reordered entries": ("bad_payload", lambda s: {"leaves": lambda x: x[::-1]}),
    "a wrong consistency proof": ("bad_proof", lambda s: {"consistency": [bytes(32)]}),
    "a wrong proof of what was before": ("bad_proof", lambda s: {"base_proof": [bytes(32)] * 3}),
    "another root of what was before": ("bad_proof", lambda s: {"base_root": bytes(32)}),
    "a foreign checkpoint": ("bad_checkpoint", lambda s: {"checkpoint": foreign_note(s)}),
    "a torn checkpoint": ("bad_checkpoint", lambda s: {"checkpoint": lambda note: note[:-9]}),
    "a payload of another entry": ("bad_payload", lambda s: {"payloads": lambda x: x[::-1]}),
    "a payload no entry asked for": ("bad_format", lambda s: {"payload_indexes": [13]}),
    "keys of another parcel": ("bad_keys", lambda s: {"sealed_keys": bytes(80)}),
}


@pytest.mark.parametrize("name", BREAKS)
def test_a_broken_parcel(held, name):
    code, change = BREAKS[name]
    changes = change(held)
    if name == "a missing entry":  # keys and payloads of the rest must fit, so that only it lacks
        changes |= {"payload_indexes": [], "payloads": []}
    if name in ("a missing entry", "an extra entry"):
        _resealed(held, changes)
    else:
        rewrite(**changes)
    refused(held, code)
    exchange(held)  # the honest sender starts over from what is held
    with tenant_context(held.trust):
        assert Replica.objects.get().size == 15


def _resealed(stage, changes):
    """Rewrite the parcel with its (no) keys sealed for the new range."""
    from ledger.core.encoding import unb64
    from ledger.core.sealing import seal_to
    from tenants.models import PublishedKey

    post = Parcel.objects.get(subject="entries")
    fresh = changed(parcel_of(post), payload_indexes=[], payloads=[], **{
        name: value for name, value in changes.items() if not name.startswith("payload")
    })  # fmt: skip
    key = PublishedKey.objects.get(tenant=stage.trust, purpose=PublishedKey.PARCELS)
    sealed = seal_to(unb64(key.key, 32), b"", fresh.context(str(stage.trust.pk)))
    post.body = changed(fresh, sealed_keys=sealed).to_bytes()
    post.save(update_fields=["body"])


def test_a_truncated_body(held):
    post = Parcel.objects.get(subject="entries")
    post.body = bytes(post.body)[:-7]
    post.save(update_fields=["body"])
    refused(held, "bad_format")


def test_a_body_larger_than_any_parcel_is_not_even_read(held, monkeypatch):
    monkeypatch.setattr(exchange_services, "MAX_BODY_BYTES", 1_000)
    before = kept(held)
    assert [refusal.code for refusal in receive(held).refusals] == ["too_large"]
    assert kept(held) == before


def test_a_replayed_or_doubled_parcel_changes_nothing(held):
    body = bytes(Parcel.objects.get(subject="entries").body)
    assert receive(held).refusals == []
    before, heard = kept(held), len(held.heard)
    post_again(held, body)
    post_again(held, body, start=1)
    assert receive(held).refusals == []
    assert kept(held) == before
    assert len(held.heard) == heard


def test_parcels_out_of_order_are_a_gap(stage, monkeypatch):
    from ledger.exchange import sending

    monkeypatch.setattr(sending, "CHUNK_ENTRIES", 5)
    send(stage)
    first, second = Parcel.objects.filter(subject="entries").order_by("from_index")[:2]
    first.body, second.body = bytes(second.body), bytes(first.body)
    first.save(update_fields=["body"])
    refused(stage, "gap")
    exchange(stage)


def test_a_gzip_or_zlib_bomb_is_refused_before_it_unpacks(monkeypatch):
    import zlib

    from ledger.core import items
    from ledger.core.errors import MalformedError

    monkeypatch.setattr(items, "MAX_PLAIN_BYTES", 1 << 20)
    engine = zlib.compressobj(9)
    bomb = b"".join(engine.compress(b" " * 1024) for _ in range(4096)) + engine.flush()
    assert len(bomb) < 10_000
    with pytest.raises(MalformedError, match="too long"):
        items.share_from_bytes(bomb)
    nested = zlib.compress(b'{"columns":{"a":[' + b"[]," * 300_000 + b"[]]}}")
    with pytest.raises(MalformedError, match="lists and mappings"):
        items.share_from_bytes(nested)


def test_a_thousand_altered_parcels_are_refused_or_harmless(held):
    """Whatever bit is changed: refused by name, or all that was kept is what was sent."""
    body = bytes(Parcel.objects.get(subject="entries").body)
    before, changer = kept(held), random.Random(20261101)
    Parcel.objects.all().delete()
    codes = set()
    with tenant_context(held.trust):
        for number in range(250):
            data = bytearray(body)
            for _ in range(changer.choice((1, 1, 2, 30))):
                data[changer.randrange(len(data))] ^= 1 << changer.randrange(8)
            if number % 5 == 0:
                del data[changer.randrange(len(data)) :]
            point = transaction.savepoint()
            post_again(held, bytes(data), 13, 15)
            received = exchange_services.receive_parcels(from_tenant=held.lessor, at=AT)
            codes |= {refusal.code for refusal in received.refusals}
            assert received.refusals, "an altered parcel was taken"
            assert kept(held) == before
            transaction.savepoint_rollback(point)
    assert {"bad_format", "bad_entry", "bad_payload", "bad_keys", "bad_checkpoint"} <= codes


def test_both_sides_see_why_since_when_and_what_to_do(held, client_of, cast):
    rewrite(consistency=[bytes(32)])
    refused(held, "bad_proof")
    sender = client_of(cast.manager, held.lessor).get("/ledger/copies/").content.decode()
    assert "Your log with Huaxin Trust" in sender and "Refused by them" in sender
    assert "1 refusal, open since" in sender
    assert "The parcel does not lead to what was signed" in sender
    assert "It is sent again by itself" in sender
    receiver = client_of(cast.analyst, held.trust).get("/ledger/copies/").content.decode()
    assert "We, from Anda Leasing" in receiver
    assert "Nothing of it was kept" in receiver
    chinese = client_of(cast.manager, held.lessor, language="zh-hans")
    told = chinese.get("/ledger/copies/").content.decode()
    assert "被对方拒收" in told
    assert "其条目得不出所签名的根" in told and english(told) == []
    exchange(held)
    sender = client_of(cast.manager, held.lessor).get("/ledger/copies/").content.decode()
    assert "Refused by them" not in sender and "not healthy" not in sender
