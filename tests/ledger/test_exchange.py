"""Exchange: entries travel with proofs; whatever does not verify is refused and named."""

import os
import uuid
from datetime import timedelta

import pytest
from django.db import connection, transaction
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.items import BatchItem
from ledger.drafts import Draft
from ledger.exchange import portions, registry
from ledger.exchange import selectors as copies
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.restoring import _parcels
from ledger.exchange.services import receive_parcels
from ledger.models import (
    Cosignature,
    Head,
    Outbox,
    Refusal,
    Replica,
    ReplicaEntry,
    ReplicaItems,
    ReplicaPayload,
)
from tenants.models import Parcel
from tests.ledger.stage import (
    AT,
    append,
    exchange,
    flip_last,
    make_stage,
    receive,
    rewrite,
    send,
    swap_first_two,
)


@pytest.fixture
def stage(cast, monkeypatch):
    """What the lessor grants is nothing at first."""
    stage = make_stage(cast, monkeypatch)
    stage.granted = registry.Entitlement()
    return stage


def heard_of(stage, kind):
    return [batch for batch in stage.heard if batch.kind == kind]


def test_everything_arrives_verified_and_cosigned(stage):
    stage.granted = registry.Entitlement(everything=True)
    exchange(stage)
    with tenant_context(stage.lessor):
        head = Head.objects.get()
        assert Cosignature.objects.filter(size=head.size).count() == 2  # Ed25519 and ML-DSA-44
        assert Outbox.objects.get().cosigned_size == head.size
    with tenant_context(stage.trust):
        replica = Replica.objects.get()
        assert (replica.size, replica.origin) == (head.size, head.origin)
        assert ReplicaEntry.objects.count() == head.size
    (leases,) = heard_of(stage, "lease.recorded")
    assert [record["vin"] for record in leases.fields] == [f"VIN{n}" for n in range(7)]
    assert leases.rids == stage.rids
    (payments,) = [batch for batch in heard_of(stage, "payments.batch") if batch.items]
    assert payments.items["amount_minor"] == [str(number) for number in range(21)]
    assert not Parcel.objects.exists()


def test_only_what_was_granted_is_readable(stage):
    stage.granted = registry.Entitlement(rids=frozenset(stage.rids[:2]))
    exchange(stage)
    (leases,) = heard_of(stage, "lease.recorded")
    assert leases.rids == stage.rids[:2]
    (payments,) = heard_of(stage, "payments.batch")
    assert payments.items["amount_minor"] == ["0", "1", "7", "8", "14", "15"]
    with tenant_context(stage.trust):
        assert ReplicaPayload.objects.exclude(index__lt=4).count() == 2


def test_a_later_grant_brings_the_earlier_payloads_once(stage):
    stage.granted = registry.Entitlement(rids=frozenset(stage.rids[:2]))
    exchange(stage)
    stage.heard.clear()
    stage.granted = registry.Entitlement(rids=frozenset(stage.rids[:3]))
    exchange(stage)
    (leases,) = heard_of(stage, "lease.recorded")
    assert leases.rids == [stage.rids[2]]
    (payments,) = heard_of(stage, "payments.batch")
    assert payments.items["amount_minor"] == ["2", "9", "16"]
    stage.heard.clear()
    stage.granted = registry.Entitlement(everything=True)
    exchange(stage)
    (leases,) = heard_of(stage, "lease.recorded")
    assert leases.rids == stage.rids[3:]
    with tenant_context(stage.trust):
        items = copies.replica_items(stage.lessor.pk, stage.batch)
    assert sorted(map(int, items["amount_minor"])) == list(range(21))


def test_sending_and_receiving_again_changes_nothing(stage):
    stage.granted = registry.Entitlement(everything=True)
    exchange(stage)
    stage.heard.clear()
    exchange(stage)
    assert stage.heard == []
    with tenant_context(stage.lessor):
        services.append_entry(
            draft=Draft.service(
                kind="lease.recorded", rid=uuid.uuid4(), fields={"vin": "LATE"}, ts=AT
            )
        )
    exchange(stage)
    assert [batch.fields[0]["vin"] for batch in stage.heard] == ["LATE"]


def test_a_parcel_in_several_pieces_is_the_same(stage, monkeypatch):
    from ledger.exchange import sending

    monkeypatch.setattr(sending, "CHUNK_ENTRIES", 3)
    stage.granted = registry.Entitlement(everything=True)
    assert send(stage).parcels > 3
    assert receive(stage).refusals == []
    leases = heard_of(stage, "lease.recorded")
    assert [rid for batch in leases for rid in batch.rids] == stage.rids


def test_parcels_are_bounded_by_bytes_on_both_ways(stage, monkeypatch):
    """However few batches they hold: what one lets pass is the other's parcel too large."""
    monkeypatch.setattr(portions, "CHUNK_BYTES", 100_000)
    with tenant_context(stage.lessor):
        for _ in range(3):
            item = BatchItem({"lease_rid": stage.rids[0], "text": os.urandom(60_000).hex()})
            rid = uuid.uuid4()
            services.append_batch(
                kind="payments.batch", rid=rid, fields={"month": "12"}, items=[item], at=AT
            )
    stage.granted = registry.Entitlement()
    exchange(stage)
    stage.granted = registry.Entitlement(everything=True)
    send(stage)  # what was granted later goes in parts too
    sizes = {len(bytes(row.body)) for row in Parcel.objects.filter(receiver=stage.trust)}
    assert len(sizes) >= 3 and max(sizes) < 130_000
    assert receive(stage).refusals == []
    with tenant_context(stage.lessor):
        Outbox.objects.update(cursor=0)
    send(stage)
    sizes = {len(bytes(row.body)) for row in Parcel.objects.filter(receiver=stage.trust)}
    assert len(sizes) >= 3 and max(sizes) < 130_000
    assert receive(stage).refusals == []
    with tenant_context(stage.trust):
        replica = Replica.objects.get()
        assert ReplicaItems.objects.count() == 4
        back = [parcel for parcel, _keys in _parcels(replica, replica.size)]
        assert [parcel.start for parcel in back[1:]] == [parcel.end for parcel in back[:-1]]
        assert len(back) >= 3 and max(len(parcel.to_bytes()) for parcel in back) < 130_000


def test_a_parcel_is_taken_without_reading_the_whole_copy(stage):
    exchange(stage)
    append(stage)
    send(stage)
    with tenant_context(stage.trust), connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO ledger_replica_entry (source, index, kind, rid, leaf, nodes, known_at)"
            " SELECT %s, 1000000 + i, 'lease.recorded', gen_random_uuid(),"
            " convert_to(repeat('x', 700), 'UTF8'), sha256('a'), now()"
            " FROM generate_series(1, 4000) AS i",
            [stage.lessor.pk],
        )
        before = _rows_read(cursor)
        assert receive_parcels(from_tenant=stage.lessor, at=AT).refusals == []
        assert _rows_read(cursor) - before < 500


def _rows_read(cursor):
    cursor.execute(
        "SELECT seq_tup_read + coalesce(idx_tup_fetch, 0) FROM pg_stat_xact_user_tables"
        " WHERE schemaname = current_schema() AND relname = 'ledger_replica_entry'"
    )
    return cursor.fetchone()[0]


@pytest.mark.parametrize(
    ("code", "changes"),
    [
        ("bad_entry", {"leaves": flip_last}),
        (
            "bad_payload",
            {"leaves": lambda leaves: [*leaves[:4], leaves[5], leaves[4], *leaves[6:]]},
        ),
        (
            "bad_keys",
            {
                "leaves": lambda leaves: leaves[:-1],
                "item_indexes": lambda _: [],
                "items": lambda _: [],
            },
        ),
        ("bad_payload", {"payloads": flip_last}),
        ("bad_payload", {"payloads": swap_first_two}),
        ("bad_items", {"items": flip_last}),
        ("bad_keys", {"sealed_keys": lambda keys: keys[:-1] + bytes([keys[-1] ^ 1])}),
        ("bad_checkpoint", {"checkpoint": lambda note: note.replace(b"\n13\n", b"\n14\n")}),
        ("unknown_log", {"origin": lambda origin: origin + "x"}),
        ("bad_format", {"payload_indexes": lambda indexes: indexes[:-1]}),
    ],
)
def test_a_broken_parcel_is_refused_and_nothing_is_stored(stage, code, changes):
    stage.granted = registry.Entitlement(everything=True)
    send(stage)
    rewrite(**changes)
    received = receive(stage)
    codes = [refusal.code for refusal in received.refusals]
    assert codes == [code]
    with tenant_context(stage.trust):
        assert not ReplicaEntry.objects.exists()
        assert not ReplicaPayload.objects.exists()
        assert not ReplicaItems.objects.exists()
    assert stage.heard == []
    with tenant_context(stage.lessor):
        receive_parcels(from_tenant=stage.trust, at=AT)
        assert Refusal.objects.get().by_us is False
    exchange(stage)  # the sender starts over from what the receiver holds
    assert len(heard_of(stage, "lease.recorded")) == 1


def test_a_clock_that_goes_back_between_two_sends_makes_no_gap(stage):
    send(stage)
    Parcel.objects.filter(subject="entries").update(created_at=timezone.now() + timedelta(hours=2))
    append(stage)
    send(stage)
    assert Parcel.objects.filter(subject="entries").count() >= 2
    received = receive(stage)
    assert received.refusals == []
    with tenant_context(stage.trust):
        held = Replica.objects.get().size
    with tenant_context(stage.lessor):
        assert held == Head.objects.get().size


def test_a_missing_parcel_is_a_gap(stage, monkeypatch):
    from ledger.exchange import sending

    monkeypatch.setattr(sending, "CHUNK_ENTRIES", 3)
    stage.granted = registry.Entitlement(everything=True)
    send(stage)
    Parcel.objects.get(subject="entries", from_index=3).delete()
    received = receive(stage)
    assert [refusal.code for refusal in received.refusals] == ["gap"]
    with tenant_context(stage.trust):
        assert Replica.objects.get().size == 3
    with tenant_context(stage.lessor):
        receive_parcels(from_tenant=stage.trust, at=AT)
    exchange(stage)
    leases = heard_of(stage, "lease.recorded")
    assert [rid for batch in leases for rid in batch.rids] == stage.rids


def test_a_second_history_is_forked(stage, settings):
    """The lessor's log goes back by one entry, takes another, and its signer has forgotten."""
    stage.granted = registry.Entitlement(everything=True)

    def append_and_send(vin):
        with tenant_context(stage.lessor):
            draft = Draft.service(
                kind="lease.recorded", rid=uuid.uuid4(), fields={"vin": vin}, ts=AT
            )
            services.append_entry(draft=draft)
        send(stage)
        return bytes(Parcel.objects.get(subject="entries").body)

    exchange(stage)
    memory = {path: path.read_bytes() for path in settings.KEY_DIR.glob("logs/*/last.json")}
    before = transaction.savepoint()
    first = append_and_send("FIRST")
    transaction.savepoint_rollback(before)
    for path, content in memory.items():
        path.write_bytes(content)
    second = append_and_send("SECOND")
    post = Parcel.objects.get(subject="entries")
    post.body = first
    post.save(update_fields=["body"])
    assert receive(stage).refusals == []
    post.pk, post.body = uuid.uuid4(), second
    post.save(force_insert=True)
    assert [refusal.code for refusal in receive(stage).refusals] == ["forked"]


def test_entries_held_already_must_be_the_same_bytes(stage):
    stage.granted = registry.Entitlement(everything=True)
    send(stage)
    body = bytes(Parcel.objects.get(subject="entries").body)
    assert receive(stage).refusals == []
    parcel = EntriesParcel.parse(body)
    swapped = swap_first_two(parcel.leaves)
    members = {name: getattr(parcel, name) for name in EntriesParcel.__slots__}
    Parcel.objects.create(
        sender=stage.lessor,
        receiver=stage.trust,
        subject="entries",
        log_origin=parcel.origin,
        from_index=0,
        to_index=len(swapped),
        body=EntriesParcel(**members | {"leaves": swapped}).to_bytes(),
    )
    # nothing that the log signed leads there: broken, and nobody is accused
    assert [refusal.code for refusal in receive(stage).refusals] == ["bad_proof"]
