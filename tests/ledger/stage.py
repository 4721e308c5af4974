"""A lessor and a trust between whom parcels pass, and the means to break what passes."""

import uuid
from types import SimpleNamespace

from django.db import connection
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.items import BatchItem
from ledger.core.leaves import Leaf
from ledger.drafts import Draft, rows
from ledger.exchange import registry
from ledger.exchange.parcels import EntriesParcel
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.models import Head, Outbox, Refusal, ReplicaEntry
from ledger.services.writing import sign_drafts
from tenants.models import Parcel

AT = "2026-11-01T08:00:00.000000Z"
REPLICA_TABLES = (
    "ledger_replica",
    "ledger_replica_entry",
    "ledger_replica_payload",
    "ledger_replica_items",
)


def make_stage(cast, monkeypatch):
    """A lessor with a tape of 7 leases and a batch of 21 lines (13 entries); all is granted."""
    stage = SimpleNamespace(
        lessor=cast.tenants.anda,
        trust=cast.tenants.trust,
        granted=registry.Entitlement(everything=True),
        heard=[],
    )
    register(stage, monkeypatch)
    with tenant_context(stage.trust):
        services.open_log(at=AT)
    _fill(stage)
    return stage


def register(stage, monkeypatch):
    """`stage.granted` is what the trust is granted; what it projects is in `stage.heard`."""
    monkeypatch.setattr(registry, "_entitlements", [lambda to: stage.granted])
    monkeypatch.setattr(
        registry,
        "_projectors",
        {kind: [stage.heard.append] for kind in ("lease.recorded", "payments.batch")},
    )


def _fill(stage):
    with tenant_context(stage.lessor):
        stage.rids = [str(uuid.uuid4()) for _ in range(7)]
        records = [(rid, {"vin": f"VIN{number}"}) for number, rid in enumerate(stage.rids)]
        services.append_tape(
            rid=uuid.uuid4(),
            fields={"rows": "7"},
            rows=rows(kind="lease.recorded", records=records, ts=AT),
            at=AT,
        )
        items = [
            BatchItem({"lease_rid": stage.rids[number % 7], "amount_minor": str(number)})
            for number in range(21)
        ]
        batch = services.append_batch(
            kind="payments.batch", rid=uuid.uuid4(), fields={"month": "11"}, items=items, at=AT
        )
        stage.batch = batch.index


def append(stage, vin="LATE"):
    """One more lease of the lessor's."""
    with tenant_context(stage.lessor):
        draft = Draft.service(kind="lease.recorded", rid=uuid.uuid4(), fields={"vin": vin}, ts=AT)
        return services.append_entry(draft=draft)


def send(stage, at=AT):
    with tenant_context(stage.lessor):
        return send_parcels(to_tenant=stage.trust, at=at)


def receive(stage, at=AT):
    with tenant_context(stage.trust):
        return receive_parcels(from_tenant=stage.lessor, at=at)


def answer(stage, at=AT):
    """The lessor takes in what the trust answered."""
    with tenant_context(stage.lessor):
        return receive_parcels(from_tenant=stage.trust, at=at)


def exchange(stage, at=AT):
    send(stage, at)
    received = receive(stage, at)
    assert received.refusals == []
    answer(stage, at)
    return received


def kept(stage):
    """Row count and hash over every byte of each table of the trust's copy."""
    with tenant_context(stage.trust), connection.cursor() as cursor:
        found = {}
        for table in REPLICA_TABLES:
            cursor.execute(
                f"SELECT count(*), md5(coalesce(string_agg(t::text, '|' ORDER BY t::text), ''))"
                f" FROM {table} t"
            )
            found[table] = cursor.fetchone()
        return found


def parcel_of(post):
    return EntriesParcel.parse(bytes(post.body))


def changed(parcel, **changes):
    """The parcel with members replaced; a callable gets the old value."""
    members = {name: getattr(parcel, name) for name in EntriesParcel.__slots__}
    for name, change in changes.items():
        members[name] = change(members[name]) if callable(change) else change
    return EntriesParcel(**members)


def rewrite(**changes):
    """Post the waiting parcel of entries again with some members changed."""
    post = Parcel.objects.get(subject="entries")
    post.body = changed(parcel_of(post), **changes).to_bytes()
    post.save(update_fields=["body"])


def post_again(stage, body, start=0, end=0):
    """Leave bytes in the trust's mailbox, as the lessor."""
    with tenant_context(stage.lessor):
        from ledger.models import Head

        origin = Head.objects.get().origin
    return Parcel.objects.create(
        sender=stage.lessor,
        receiver=stage.trust,
        subject="entries",
        log_origin=origin,
        from_index=start,
        to_index=end,
        body=body,
    )


def leaves_held(stage):
    with tenant_context(stage.trust):
        return [bytes(row.leaf) for row in ReplicaEntry.objects.order_by("index")]


def flip_last(parts):
    return [*parts[:-1], parts[-1][:-1] + bytes([parts[-1][-1] ^ 1])]


def swap_first_two(parts):
    return [parts[1], parts[0], *parts[2:]]


def under_way(stage):
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
        draft = Draft.service(kind="lease.recorded", rid=uuid.uuid4(), fields={"v": "X"}, ts=AT)
        (signed,) = sign_drafts([draft], Head.objects.get().log_id)
        return Leaf(signed.core, bytes(32), signed.signature).to_bytes()
