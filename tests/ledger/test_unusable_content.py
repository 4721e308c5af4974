"""A content that is well signed and of no use: refused by name on both sides, and nothing stuck."""

import io
import uuid
from dataclasses import replace

import psycopg
import pytest
from django import db
from django_tenants.utils import tenant_context

from ledger import services
from ledger.checking.services import check_own
from ledger.core.envelope import SM4_GCM
from ledger.core.items import BatchItem
from ledger.core.leaves import Leaf
from ledger.exchange import registry
from ledger.models import Outbox, Refusal, Replica, ReplicaItems
from ledger.refusal_words import WORDS
from ledger.services import writing
from ledger.verifier.check import verify_bundle
from pools.projection.projectors import project_payments
from tenants.models import Parcel
from tests.ledger.stage import AT, answer, append, exchange, kept, make_stage, receive, send


@pytest.fixture
def stage(cast, monkeypatch):
    stage = make_stage(cast, monkeypatch)
    exchange(stage)
    return stage


def test_a_content_under_another_cipher_than_its_entry_says(stage, monkeypatch):
    def lying(signed, kek, log_id):
        row = writing_sealed(signed, kek, log_id)
        return row._replace(leaf=replace(Leaf.parse(row.leaf), cipher=SM4_GCM).to_bytes())

    writing_sealed = writing.sealed
    with monkeypatch.context() as lies:
        lies.setattr(writing, "sealed", lying)
        index = append(stage).index
    with tenant_context(stage.lessor):
        services.seal_checkpoint(at=AT)
        found = check_own(at=AT)
        assert (found.index, found.part) == (index, "key")
        assert "another cipher" in found.detail
    send(stage, AT)
    assert receive(stage, AT).refusals
    with tenant_context(stage.trust):
        refusal = Refusal.objects.order_by("-pk")[0]
        assert "its key is of another cipher than the entry says" in refusal.detail


def batch_of(stage, item):
    with tenant_context(stage.lessor):
        return services.append_batch(
            kind="payments.batch",
            rid=uuid.uuid4(),
            fields={"month": "11"},
            items=[BatchItem(item)],
            at=AT,
        ).index


@pytest.mark.parametrize(
    "item",
    [
        {"lease_rid": "L", "nonsense": "1"},
        {
            "lease_rid": str(uuid.uuid4()),
            "kind": "rent",
            "amount_minor": "much",
            "effective_at": "2026-11-01",
            "bank_reference": "B",
        },
    ],
    ids=["columns that are missing", "words where numbers stand"],
)
def test_items_without_the_columns_of_their_kind(stage, monkeypatch, client_of, cast, item):
    monkeypatch.setitem(registry._projectors, "payments.batch", [project_payments])
    index = batch_of(stage, item)
    send(stage)
    before = kept(stage)
    (refusal,) = receive(stage).refusals
    assert refusal.code == "unusable"
    assert refusal.detail.startswith(f"payments.batch, entry {index}: ")
    assert kept(stage) == before and not Parcel.objects.filter(subject="entries").exists()
    answer(stage)
    with tenant_context(stage.lessor):
        told = Refusal.objects.get(by_us=False)
        assert (told.code, told.detail) == (refusal.code, refusal.detail)
        assert Outbox.objects.get().refused_since is not None
    chinese = client_of(cast.manager, stage.lessor, language="zh-hans")
    assert "已证明，但其内容无法使用" in chinese.get("/ledger/copies/").content.decode()
    # English last: a request's language stays with the thread, and with the next test
    told = client_of(cast.manager, stage.lessor).get("/ledger/copies/").content.decode()
    assert str(WORDS["unusable"].title) in told


def test_items_that_do_not_open_are_passed_over_and_named(stage, monkeypatch):
    """As whoever serves may write them, where a batch came back without its items."""
    with monkeypatch.context() as garbage:
        garbage.setattr(writing, "_sealed_items", lambda *_: (b"garbage", b"garbage"))
        index = batch_of(stage, {"lease_rid": stage.rids[0], "amount_minor": "1"})
    late = append(stage).index
    send(stage)
    assert receive(stage).refusals == []
    answer(stage)
    stream = io.BytesIO()
    with tenant_context(stage.lessor):
        services.export_ledger(stream=stream, at=AT, disclose=True, items=True)
        found = check_own(at=AT)
        assert (found.index, found.part) == (index, "key")
    stream.seek(0)
    assert verify_bundle(stream).entries == late + 1
    with tenant_context(stage.trust):
        assert Replica.objects.get().size == late + 1
        assert not ReplicaItems.objects.filter(index=index).exists()


@pytest.mark.parametrize(
    "error", [ValueError("x"), KeyError("x"), db.IntegrityError("x"), psycopg.DataError("x")]
)
def test_whatever_content_makes_a_room_raise_is_named(stage, monkeypatch, error):
    def trip(batch):
        raise error

    monkeypatch.setitem(registry._projectors, "lease.recorded", [trip])
    index = append(stage).index
    send(stage)
    (refusal,) = receive(stage).refusals
    assert refusal.code == "unusable"
    assert refusal.detail == f"lease.recorded, entry {index}: {type(error).__name__}"


@pytest.mark.parametrize(
    "error", [db.OperationalError("x"), db.InterfaceError("x"), psycopg.OperationalError("x")]
)
def test_an_outage_is_nobodys_fault_and_the_parcel_waits(stage, monkeypatch, error):
    def away(batch):
        raise error

    heard = registry._projectors["lease.recorded"]
    monkeypatch.setitem(registry._projectors, "lease.recorded", [away])
    append(stage)
    send(stage)
    with pytest.raises(type(error)):
        receive(stage)
    monkeypatch.setitem(registry._projectors, "lease.recorded", heard)
    received = receive(stage)
    assert (received.parcels, received.refusals) == (1, [])
