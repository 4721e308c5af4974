"""A hostile or broken source: each way is refused, named on both sides, and nothing is stored."""

import json
import random
import uuid
from datetime import UTC, datetime, timedelta

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError
from ledger.core.fork import Fork, fork_of_notes, verify_fork
from ledger.core.notes import Note, NoteKey, sign_text
from ledger.core.tree import Frontier
from ledger.drafts import Draft
from ledger.exchange import parcels
from ledger.exchange import services as exchange_services
from ledger.exchange.notices import REFUSAL, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.refusing import rests, rests_until
from ledger.exchange.services import receive_parcels
from ledger.models import ForkProof, Head, Outbox, Refusal, Replica
from ledger.signing import signer_of
from ledger.verifier.fork import main as convict
from tenants import clock
from tenants.models import Parcel
from tests.ledger.stage import (
    AT,
    answer,
    append,
    changed,
    exchange,
    kept,
    make_stage,
    parcel_of,
    post_again,
    receive,
    rewrite,
    send,
)


@pytest.fixture
def stage(cast, monkeypatch):
    return make_stage(cast, monkeypatch)


@pytest.fixture
def held(stage):
    """The trust holds 13 entries; two more are under way."""
    exchange(stage)
    append(stage, "FOURTEEN")
    append(stage, "FIFTEEN")
    send(stage)
    return stage


def refused(stage, code, clients=None):
    """The receiver refuses, stores nothing, and tells; the sender then sees the same."""
    before = kept(stage)
    heard = len(stage.heard)
    received = receive(stage)
    assert [refusal.code for refusal in received.refusals] == [code]
    assert kept(stage) == before
    assert len(stage.heard) == heard
    answer(stage)
    with tenant_context(stage.lessor):
        told = Refusal.objects.filter(by_us=False).latest("pk")
        outbox = Outbox.objects.get()
        assert (told.code, told.other) == (code, stage.trust.pk)
        assert outbox.refused_since is not None
    return told


def another_leaf(stage):
    """A leaf that is well formed, signed by the lessor's own service key, and in no log."""
    with tenant_context(stage.lessor):
        from ledger.services.writing import sign_drafts

        draft = Draft.service(kind="lease.recorded", rid=uuid.uuid4(), fields={"v": "X"}, ts=AT)
        (signed,) = sign_drafts([draft], Head.objects.get().log_id)
        from ledger.core.leaves import Leaf

        return Leaf(signed.core, bytes(32), signed.signature).to_bytes()


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
    nested = zlib.compress(b'{"columns":{"a":[' + b"[]," * 100_000 + b"[]]}}")
    monkeypatch.setattr(items, "CHECKED_PLAIN_BYTES", 1 << 16)
    with pytest.raises(MalformedError, match="nested"):
        items.share_from_bytes(nested)


# -- two histories ----------------------------------------------------------------------------


def second_history(stage, settings, *, keep, vins):
    """Parcel bodies of two histories that share the first `keep` entries of the lessor's log."""
    memory = {path: path.read_bytes() for path in settings.KEY_DIR.glob("logs/*/last.json")}
    with tenant_context(stage.lessor):
        outbox = Outbox.objects.filter().first()
        cursor = outbox.cursor if outbox else 0
    before = transaction.savepoint()
    for vin in vins:
        append(stage, vin)
    send(stage)
    body = bytes(Parcel.objects.get(subject="entries").body)
    transaction.savepoint_rollback(before)
    for path, content in memory.items():
        path.write_bytes(content)
    assert cursor == keep
    return body


def log_key(stage):
    with tenant_context(stage.lessor):
        head = Head.objects.get()
        return signer_of(head.log_id).key(head.origin)


def evidence_of(stage, tmp_path, capsys):
    """Both sides keep the evidence; the file convicts offline, and no altered one does."""
    with tenant_context(stage.trust):
        found = ForkProof.objects.get()
        assert (found.source, found.by_us) == (stage.lessor.pk, True)
    with tenant_context(stage.lessor):
        told = ForkProof.objects.get()
        assert (told.source, told.by_us, told.other) == (stage.lessor.pk, False, stage.trust.pk)
    data = bytes(found.evidence)
    assert bytes(told.evidence) == data
    key = log_key(stage)
    verify_fork(Fork.parse(data), [key])
    path = tmp_path / "fork.json"
    path.write_bytes(data)
    assert convict([str(path), "--log-key", key.vkey()]) == 0
    assert "FORKED" in capsys.readouterr().out
    other = NoteKey(key.name, key.kind, SecretKey(b"\x01" * 32).public)
    assert convict([str(path), "--log-key", other.vkey()]) == 1
    _no_altered_evidence_convicts(data, key)
    return Fork.parse(data)


def _no_altered_evidence_convicts(data, key):
    plain = json.loads(data)
    changer = random.Random(7)
    for _ in range(60):
        text = bytearray(data)
        place = changer.randrange(len(text))
        text[place] ^= 1 << changer.randrange(7)
        try:
            fork = Fork.parse(bytes(text))
            heads = verify_fork(fork, [key])
        except LedgerError:
            continue
        # what was altered is no part of the conviction: an unknown signature's name, at most
        assert {head.root for head in heads} == {
            head.root for head in verify_fork(Fork.parse(data), [key])
        }
    same = plain | {"branches": [plain["branches"][0]] * 2}
    with pytest.raises(LedgerError, match="nobody is convicted"):
        verify_fork(
            Fork.parse(
                json.dumps(same, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
            ),
            [key],
        )


def test_a_fork_after_what_is_held_is_convicted_when_it_goes_on(stage, settings, tmp_path, capsys):
    """13 are held and 15 of one history; the other history's 14 come, then 16."""
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D", "E"])
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    post_again(stage, two, 13, 16)
    refused(stage, "forked")
    fork = evidence_of(stage, tmp_path, capsys)
    assert fork.size == 14  # the first entry that differs
    assert len(fork.branches[1].steps) == 1


def test_a_fork_before_what_is_held_is_convicted_by_its_base(stage, settings, tmp_path, capsys):
    """The other history is only shown from a place after the fork on."""
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    memory = {path: path.read_bytes() for path in settings.KEY_DIR.glob("logs/*/last.json")}
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    append(stage, "C")
    append(stage, "D")
    with tenant_context(stage.lessor):
        Outbox.objects.update(cursor=15)
    append(stage, "E")
    for path, content in memory.items():
        path.write_bytes(content)
    send(stage)
    refused(stage, "forked")
    assert evidence_of(stage, tmp_path, capsys).size == 15


def test_two_checkpoints_of_one_size_convict_as_they_are(stage, settings, tmp_path, capsys):
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A"])
    two = second_history(stage, settings, keep=13, vins=["B"])
    files = []
    for name, body in (("one", one), ("two", two)):
        files.append(tmp_path / name)
        files[-1].write_bytes(parcels.EntriesParcel.parse(body).checkpoint)
    key = log_key(stage).vkey()
    assert convict([*map(str, files), "--log-key", key]) == 0
    assert convict([str(files[0]), str(files[0]), "--log-key", key]) == 1
    assert convict([str(files[0]), str(tmp_path / "none"), "--log-key", key]) == 2
    assert convict([*map(str, files), "--log-key", "x"]) == 2
    with tenant_context(stage.lessor):
        first = bytes(services.seal_checkpoint(at=AT).note)
    with pytest.raises(LedgerError, match="sizes are the same"):
        fork_of_notes(first, files[0].read_bytes())


def test_a_promise_that_turns_out_false_is_convicted(
    stage, settings, tmp_path, capsys, monkeypatch
):
    """The copy holds 13 of 16 that were signed; then other entries come, under another root."""
    from ledger.exchange import sending

    exchange(stage)
    monkeypatch.setattr(sending, "CHUNK_ENTRIES", 2)
    memory = {path: path.read_bytes() for path in settings.KEY_DIR.glob("logs/*/last.json")}
    before = transaction.savepoint()
    for vin in "ABCD":
        append(stage, vin)
    send(stage)
    first = bytes(Parcel.objects.get(subject="entries", from_index=13).body)
    rest = Parcel.objects.get(subject="entries", from_index=15)
    good = bytes(rest.body)
    transaction.savepoint_rollback(before)
    post_again(stage, first, 13, 15)
    assert receive(stage).refusals == []
    for path, content in memory.items():
        path.write_bytes(content)
    # the same two entries, then others: 15 as before, 16 and 17 not
    parcel = parcels.EntriesParcel.parse(good)
    held = [*_leaves(stage), *parcel.leaves]
    frontier = Frontier()
    from ledger.core.hashing import leaf_hash

    other = another_leaf(stage)
    for leaf in [*held[:15], other, other]:
        frontier.append(leaf_hash(leaf))
    key = log_key(stage)
    with tenant_context(stage.lessor):
        head = Head.objects.get()
        note = signer_of(head.log_id)._secret()
    text = Checkpoint(key.name, 17, frontier.root()).text()
    signed = Note(text, (sign_text(text, key.name, note),)).to_bytes()
    post_again(stage, changed(
        parcel, leaves=[other, other], checkpoint=signed, consistency=[],
        base_proof=_base_proof([*held[:15], other, other], 15), payloads=[], payload_indexes=[],
        items=[], item_indexes=[],
        sealed_keys=b"",
    ).to_bytes(), 15, 17)  # fmt: skip
    refused(stage, "forked")
    assert evidence_of(stage, tmp_path, capsys).size == 17


def _leaves(stage):
    from tests.ledger.stage import leaves_held

    return leaves_held(stage)


def _base_proof(leaves, size):
    from ledger.core.hashing import leaf_hashes
    from ledger.core.proofs import consistency_proof
    from ledger.core.tree import nodes_of_leaves

    return consistency_proof(size, len(leaves), nodes_of_leaves(leaf_hashes(leaves)))


# -- standing still ---------------------------------------------------------------------------


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


# -- at random --------------------------------------------------------------------------------


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


# -- pages ------------------------------------------------------------------------------------


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
    exchange(held)
    sender = client_of(cast.manager, held.lessor).get("/ledger/copies/").content.decode()
    assert "Refused by them" not in sender and "not healthy" not in sender


def test_the_evidence_is_downloaded_on_both_sides(stage, settings, client_of, cast):
    exchange(stage)
    one = second_history(stage, settings, keep=13, vins=["A", "B"])
    two = second_history(stage, settings, keep=13, vins=["C", "D", "E"])
    post_again(stage, one, 13, 15)
    assert receive(stage).refusals == []
    post_again(stage, two, 13, 16)
    refused(stage, "forked")
    with tenant_context(stage.trust):
        digest = ForkProof.objects.get().digest
    for person, tenant, words in (
        (cast.analyst, stage.trust, "The log of Anda Leasing has two histories"),
        (cast.manager, stage.lessor, "Huaxin Trust holds proof that your log has two histories"),
    ):
        client = client_of(person, tenant)
        assert words in client.get("/ledger/copies/").content.decode()
        evidence = client.get(f"/ledger/copies/forks/{digest}")
        verify_fork(Fork.parse(evidence.content), [log_key(stage)])
        assert client.get("/ledger/copies/forks/none").status_code == 404


def test_a_refused_log_rests_longer_and_longer_before_it_tries_again():
    now = datetime(2026, 11, 1, tzinfo=UTC)
    assert not rests(Outbox(), now)
    for refusals, seconds in ((1, 15), (2, 30), (5, 240), (40, 3600)):
        outbox = Outbox(refusals=refusals, refused_at=now)
        assert rests(outbox, now + timedelta(seconds=seconds - 1))
        assert not rests(outbox, now + timedelta(seconds=seconds))


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
