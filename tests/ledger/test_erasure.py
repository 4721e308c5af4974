"""Erasing a content: gone here and at every copy, proven in the log, and never to come back."""

import io
import uuid
from hashlib import sha256

import pytest
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.erasures import KIND
from ledger.drafts import Draft
from ledger.exchange import registry
from ledger.exchange import selectors as copies
from ledger.exchange.erasing import erase_record
from ledger.exchange.notices import ERASED
from ledger.exchange.parcels import Notice
from ledger.models import (
    Entry,
    Erasure,
    ErasureAnswer,
    Refusal,
    ReplicaErasure,
    ReplicaItems,
    ReplicaPayload,
)
from ledger.problems import ErasureUnconfirmed, NoSuchEntry, NotErasable, PayloadErased
from ledger.verifier.check import verify_bundle
from tenants.models import Parcel
from tests.ledger.faults.invariants import check_log
from tests.ledger.stage import (
    answer,
    append,
    exchange,
    make_stage,
    parcel_of,
    post_again,
    receive,
    send,
)

LATER = "2026-11-02T08:00:00.000000Z"
BY = uuid.uuid4()
LEASE = 6  # the second lease of the tape


@pytest.fixture
def stage(cast, monkeypatch):
    """Everything is granted; what rooms are told to blank is written down, by institution."""
    stage = make_stage(cast, monkeypatch)
    stage.blanked = []
    kinds = ("lease.recorded", "payments.batch")
    monkeypatch.setattr(registry, "_erasers", {kind: [stage.blanked.append] for kind in kinds})
    return stage


def erase(stage, index=LEASE, reason="subject_request", at=LATER):
    with tenant_context(stage.lessor):
        return erase_record(index=index, reason=reason, by=BY, at=at)


def held_at_trust(stage, index=LEASE):
    """(payload row, its fields or None, tombstone or None) of the trust's copy."""
    with tenant_context(stage.trust):
        return (
            ReplicaPayload.objects.filter(index=index).first(),
            copies.replica_payloads(stage.lessor.pk, [index]).get(index),
            ReplicaErasure.objects.filter(index=index).first(),
        )


def test_an_erasure_is_an_entry_and_reaches_every_copy(stage):
    exchange(stage)
    before = held_at_trust(stage)
    assert before[1].fields == {"vin": "VIN1"}
    erased = erase(stage)
    with tenant_context(stage.lessor):
        told = selectors.record(erased.told_by)
        assert told.kind == KIND
        assert told.fields == {
            "entry": str(LEASE), "reason": "subject_request", "erased_by": str(BY)
        }  # fmt: skip
        with pytest.raises(PayloadErased):
            selectors.payload(LEASE)
    exchange(stage, LATER)
    row, fields, tombstone = held_at_trust(stage)
    assert (row.ciphertext, row.wrapped_key, fields) == (None, None, None)
    assert (tombstone.told_by, tombstone.held) == (erased.told_by, True)
    with tenant_context(stage.lessor):
        said = ErasureAnswer.objects.get()
        assert (said.index, said.to_tenant, said.held) == (LEASE, stage.trust.pk, True)
    assert [(one.source, one.index, one.fields) for one in stage.blanked] == [
        (stage.lessor.pk, LEASE, {"vin": "VIN1"})
    ] * 2
    assert not Parcel.objects.exists()


def test_every_proof_holds_afterwards_on_both_sides(stage):
    exchange(stage)
    erase(stage)
    erase(stage, index=stage.batch)
    exchange(stage, LATER)
    check_log(stage.lessor)
    with tenant_context(stage.trust):
        assert not ReplicaItems.objects.filter(index=stage.batch, erased_at=None).exists()
        assert copies.replica_proof_file(stage.lessor.pk, LEASE) is not None
    with tenant_context(stage.lessor):
        for disclose in (False, True):
            stream = io.BytesIO()
            services.write_bundle(stream=stream, disclose=disclose, items=disclose)
            stream.seek(0)
            report = verify_bundle(stream)
            assert report.erased == [LEASE, stage.batch]
            assert report.entries == Entry.objects.count()


def test_what_waits_in_the_mailbox_is_taken_back(stage):
    send(stage)
    content = parcel_of(Parcel.objects.get(subject="entries"))
    erase(stage)
    again = parcel_of(Parcel.objects.get(subject="entries"))  # in its place, without the content
    assert {*content.payload_indexes} - {*again.payload_indexes} == {LEASE}
    assert (again.leaves, again.item_indexes) == (content.leaves, content.item_indexes)
    exchange(stage, LATER)
    assert LEASE in content.payload_indexes  # it would have come
    row, _, tombstone = held_at_trust(stage)
    assert row is None and tombstone.held is False
    (leases,) = [batch for batch in stage.heard if batch.kind == "lease.recorded"]
    assert stage.rids[1] not in leases.rids and len(leases.rids) == 6
    with tenant_context(stage.lessor):
        assert ErasureAnswer.objects.get().held is False


def test_what_is_taken_back_brings_nothing_else_again(stage):
    """Neither in the parcel of entries nor in that of a later grant; all the rest stays granted."""
    stage.granted = registry.Entitlement(rids=frozenset(stage.rids[:2]))
    exchange(stage)
    late = append(stage).index
    stage.granted = registry.Entitlement(everything=True)
    send(stage)
    before = _contents_under_way(stage)
    assert {LEASE + 1, stage.batch, late} <= before
    erase(stage, index=late)
    erase(stage, index=LEASE + 1)
    assert _contents_under_way(stage) == before - {late, LEASE + 1}
    send(stage)
    told = {told_of(stage, index) for index in (late, LEASE + 1)}
    assert _contents_under_way(stage) == (before - {late, LEASE + 1}) | told
    assert receive(stage).refusals == []
    with tenant_context(stage.trust):
        held = set(ReplicaPayload.objects.filter(erased_at=None).values_list("index", flat=True))
        assert before - held == {late, LEASE + 1}
        assert copies.replica_items(stage.lessor.pk, stage.batch)["amount_minor"]


def told_of(stage, index):
    """Where the log tells of the erasure of an entry's content."""
    with tenant_context(stage.lessor):
        return Erasure.objects.get(index=index).told_by


def _contents_under_way(stage):
    """Indexes of entries whose contents wait for the trust; each once."""
    posts = Parcel.objects.filter(sender=stage.lessor, receiver=stage.trust)
    found = [index for post in posts for index in parcel_of(post).payload_indexes]
    assert len(found) == len(set(found))
    return set(found)


def test_a_content_that_comes_after_the_word_is_not_stored(stage):
    send(stage)
    late = bytes(Parcel.objects.get(subject="entries").body)
    receive(stage)
    erase(stage)
    exchange(stage, LATER)
    stage.heard.clear()
    post_again(stage, late, end=13)  # the very parcel that brought it, once more
    assert receive(stage, LATER).refusals == []
    row, fields, _ = held_at_trust(stage)
    assert (row.ciphertext, fields) == (None, None)
    assert stage.heard == []


def test_a_content_that_comes_only_after_the_word_is_not_stored(stage):
    stage.granted = registry.Entitlement(rids=frozenset(stage.rids[2:]))
    exchange(stage)
    stage.granted = registry.Entitlement(everything=True)
    send(stage)  # the earlier payloads, newly granted
    backlog = [bytes(post.body) for post in Parcel.objects.all()]
    Parcel.objects.all().delete()
    erase(stage)
    erase(stage, index=stage.batch)
    exchange(stage, LATER)
    for place, body in enumerate(backlog):
        post_again(stage, body, start=13, end=13 + place)
    assert receive(stage, LATER).refusals == []
    assert held_at_trust(stage)[0] is None
    with tenant_context(stage.trust):
        assert not ReplicaItems.objects.filter(index=stage.batch, erased_at=None).exists()


def test_the_word_twice_changes_nothing_and_is_answered_again(stage):
    exchange(stage)
    erase(stage)
    send(stage, LATER)
    body = bytes(Parcel.objects.get(subject="entries").body)
    receive(stage, LATER)
    Parcel.objects.filter(receiver=stage.lessor.pk, subject=ERASED).delete()  # the answer is lost
    post_again(stage, body, start=13, end=14)
    assert receive(stage, LATER).refusals == []
    answer(stage, LATER)
    with tenant_context(stage.lessor):
        assert ErasureAnswer.objects.get().held is True
    assert len(stage.blanked) == 2
    with tenant_context(stage.trust):
        assert ReplicaErasure.objects.count() == 1


def test_what_cannot_be_erased(stage):
    erased = erase(stage)
    for index, reason, problem in (
        (0, "subject_request", NotErasable),
        (erased.told_by, "subject_request", NotErasable),
        (LEASE, "subject_request", PayloadErased),
        (700, "subject_request", NoSuchEntry),
        (7, "because", ErasureUnconfirmed),
    ):
        with pytest.raises(problem):
            erase(stage, index=index, reason=reason)
    assert len(stage.blanked) == 1
    with tenant_context(stage.lessor):
        assert Erasure.objects.count() == 1


@pytest.mark.parametrize(
    "fields",
    [
        {"entry": "0", "reason": "subject_request"},  # who may sign
        {"entry": "99", "reason": "subject_request"},  # not before it
        {"entry": "13", "reason": "subject_request"},  # itself
        {"entry": str(LEASE), "reason": "spite"},
        {"entry": "-5", "reason": "subject_request"},
        {"reason": "subject_request"},
    ],
)
def test_a_word_that_erases_what_it_may_not_is_refused_and_named(stage, fields):
    exchange(stage)
    with tenant_context(stage.lessor):
        draft = Draft.service(kind=KIND, rid=uuid.uuid4(), fields=fields, ts=LATER)
        services.append_entry(draft=draft)
    send(stage, LATER)
    (refusal,) = receive(stage, LATER).refusals
    assert refusal.code == "bad_erasure"
    assert held_at_trust(stage)[1].fields == {"vin": "VIN1"}
    answer(stage, LATER)
    with tenant_context(stage.lessor):
        assert Refusal.objects.get().code == "bad_erasure"


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"origin": "localhost/ledger/other"}, "unknown_log"),
        ({"size": 7}, "bad_erasure"),
        ({"told_by": "12"}, "bad_erasure"),
        ({"held": "perhaps"}, "bad_erasure"),
        ({"at": "yesterday"}, "bad_format"),
    ],
)
def test_an_answer_that_was_not_asked_for_is_refused_and_named(stage, change, code):
    exchange(stage)
    erase(stage)
    send(stage, LATER)
    receive(stage, LATER)
    post = Parcel.objects.get(subject=ERASED)
    notice = Notice.parse(bytes(post.body))
    members = dict(notice.members) | {"origin": notice.origin, "size": notice.size} | change
    origin, size = members.pop("origin"), members.pop("size")
    post.body = Notice(origin, size, members).to_bytes()
    post.save()
    assert [refusal.code for refusal in answer(stage, LATER).refusals] == [code]
    with tenant_context(stage.lessor):
        assert not ErasureAnswer.objects.exists()


def test_an_answer_before_the_question_is_refused(stage):
    exchange(stage)
    erased = erase(stage)
    append(stage)
    members = {"told_by": str(erased.told_by), "held": "true", "at": LATER}
    with tenant_context(stage.lessor):
        from ledger.models import Head

        origin = Head.objects.get().origin
    Parcel.objects.create(
        sender=stage.trust, receiver=stage.lessor, subject=ERASED, log_origin=origin,
        from_index=LEASE, to_index=LEASE, body=Notice(origin, LEASE, members).to_bytes(),
    )  # fmt: skip
    assert [refusal.code for refusal in answer(stage, LATER).refusals] == ["bad_erasure"]


def test_the_ciphertext_was_the_only_one(stage):
    """Nothing that remains in either schema hashes to what was signed."""
    exchange(stage)
    with tenant_context(stage.lessor):
        from ledger.core.leaves import Leaf

        wanted = Leaf.parse(bytes(Entry.objects.get(index=LEASE).leaf)).ct_sha256
    erase(stage)
    exchange(stage, LATER)
    with tenant_context(stage.trust):
        left = ReplicaPayload.objects.exclude(ciphertext=None).values_list("ciphertext", flat=True)
        assert wanted not in {sha256(bytes(text)).digest() for text in left}
