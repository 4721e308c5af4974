"""A tenant's witness and its copies of the same logs: what one holds binds the other."""

import uuid
from types import SimpleNamespace

import pytest
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.fork import Fork, verify_fork
from ledger.core.hashing import leaf_hashes
from ledger.core.notes import (
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    Note,
    NoteKey,
    sign_text,
    verify_note,
)
from ledger.core.proofs import consistency_proof
from ledger.core.tree import nodes_of_leaves
from ledger.core.witness import AddCheckpoint
from ledger.drafts import Draft
from ledger.exchange import convictions, packing, registry
from ledger.exchange import services as exchange_services
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.log_keys import published_log_keys
from ledger.models import (
    Cosignature,
    Entry,
    ForkProof,
    Head,
    Refusal,
    Replica,
    ReplicaEntry,
    WitnessedLog,
)
from ledger.rotation.log_key import rotate_log_key
from ledger.selectors import latest_checkpoint, signed_note
from ledger.signing import signer_of
from ledger.tiles.publishing import publish_tiles
from ledger.witnessing.remembering import own_word, seen_again
from ledger.witnessing.state import known_log
from tests.ledger import reference
from tests.ledger.witnessed import (
    LEAVES,
    OUTSIDE,
    OUTSIDE_KEY,
    OUTSIDE_ORIGIN,
    asked,
    keys_of,
    post,
)

AT = "2026-11-01T08:00:00.000000Z"
pytestmark = pytest.mark.usefixtures("unlimited")


@pytest.fixture
def stage(cast, monkeypatch):
    """A lessor with entries, and a trust that is related to it."""
    everything = registry.Entitlement(everything=True)
    monkeypatch.setattr(registry, "_entitlements", [lambda to: everything])
    monkeypatch.setattr(registry, "_projectors", {})
    stage = SimpleNamespace(lessor=cast.tenants.anda, trust=cast.tenants.trust)
    with tenant_context(stage.trust):
        services.open_log(at=AT)
    grow(stage, 3)
    return stage


def grow(stage, count):
    drafts = [
        Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": str(number)}, ts=AT)
        for number in range(count)
    ]
    with tenant_context(stage.lessor):
        services.append_entries(drafts=drafts)
        return services.seal_checkpoint(at=AT)


def own(stage, old, checkpoint):
    """The lessor's own request for one of its checkpoints."""
    from ledger.selectors import consistency_proof as proof_of

    with tenant_context(stage.lessor):
        proof = proof_of(old, checkpoint.size)
        return AddCheckpoint(old, tuple(proof), Note.parse(bytes(checkpoint.note))).to_bytes()


def forged(stage, old, size, root=bytes(32), proof=(), versions=(1,)):
    """A request for another tree, signed with the lessor's own key: what a fork looks like."""
    with tenant_context(stage.lessor):
        head = Head.objects.get()
        signer = signer_of(head.log_id)
        text = TreeHead(head.origin, size, root).text()
        secrets = map(signer._seeds.first, versions)
        lines = tuple(sign_text(text, head.origin, secret) for secret in secrets)
    return AddCheckpoint(old, tuple(proof), Note(text, lines)).to_bytes()


def forged_extension(stage, old, size):
    """A fork that extends the tree of `old` consistently, with other entries after it."""
    with tenant_context(stage.lessor):
        rows = Entry.objects.filter(index__lt=old).order_by("index")
        leaves = [bytes(leaf) for leaf in rows.values_list("leaf", flat=True)]
    leaves += [b"forked"] * (size - old)
    proof = consistency_proof(old, size, nodes_of_leaves(leaf_hashes(leaves)))
    return forged(stage, old, size, reference.mth(leaves), proof)


def exchange(stage):
    with tenant_context(stage.lessor):
        send_parcels(to_tenant=stage.trust, at=AT)
    with tenant_context(stage.trust):
        received = receive_parcels(from_tenant=stage.lessor, at=AT)
    with tenant_context(stage.lessor):
        receive_parcels(from_tenant=stage.trust, at=AT)
    return received


def test_a_counterpartys_log_is_witnessed_before_and_after_its_copy(stage):
    with tenant_context(stage.lessor):
        first = services.seal_checkpoint(at=AT)
    assert post("trust", own(stage, 0, first)).status_code == 200  # by its published key alone
    assert post("xingyu", own(stage, 0, first)).status_code == 404  # who is not related
    assert exchange(stage).cosigned == first.size
    second = grow(stage, 2)
    stale = post("trust", own(stage, 0, second))
    assert (stale.status_code, stale.content) == (409, f"{first.size}\n".encode())
    assert post("trust", own(stage, first.size, second)).status_code == 200
    third = grow(stage, 1)
    assert exchange(stage).cosigned == third.size
    with tenant_context(stage.lessor):
        kinds = {
            NoteKey.parse(row.vkey).kind for row in Cosignature.objects.filter(size=third.size)
        }
    assert kinds == {ED25519_COSIGNATURE, MLDSA44_COSIGNATURE}
    with tenant_context(stage.trust):
        row = WitnessedLog.objects.get()
        assert (row.size, row.source) == (third.size, stage.lessor.pk)
        keys = keys_of(stage.trust)
        assert len(verify_note(Note.parse(bytes(row.note)), keys)) == 2


def test_what_was_cosigned_over_http_binds_the_parcels(stage):
    with tenant_context(stage.lessor):
        size = Head.objects.get().size
    assert post("trust", forged(stage, 0, size)).status_code == 200  # the fork was first
    received = exchange(stage)
    assert [refusal.code for refusal in received.refusals] == ["forked"]
    with tenant_context(stage.trust):
        assert not Replica.objects.exclude(size=0).exists()  # nothing of it is stored
        assert not ReplicaEntry.objects.exists()
    with tenant_context(stage.lessor):
        assert Refusal.objects.get(by_us=False).code == "forked"  # both sides see it
        assert not Cosignature.objects.exists()


def test_what_was_copied_binds_the_witness(stage):
    size = exchange(stage).cosigned
    assert post("trust", forged(stage, size, size + 1)).status_code == 422
    assert post("trust", forged(stage, size, size)).status_code == 422
    assert post("trust", forged(stage, size, size)).status_code == 403  # convicted by then
    with tenant_context(stage.trust):
        assert WitnessedLog.objects.get().size == size


def test_entries_that_are_held_but_not_cosigned_bind_the_witness_too(stage, monkeypatch):
    first = exchange(stage).cosigned
    later = grow(stage, 4)
    monkeypatch.setattr(exchange_services, "_cosign", lambda *_: 0)  # killed before it cosigned
    assert exchange(stage).cosigned == 0
    with tenant_context(stage.trust):
        assert (Replica.objects.get().size, WitnessedLog.objects.get().size) == (later.size, first)
    forest = forged_extension(stage, first, later.size)
    answer = post("trust", forest)
    assert (answer.status_code, b"kept here" in answer.content) == (422, True)
    honest = own(stage, first, later)
    assert post("trust", honest).status_code == 403  # until a person decides
    with tenant_context(stage.trust):
        digest = ForkProof.objects.get().digest
        convictions.rule(digest=digest, reason="a stolen key", by=uuid.uuid4(), at=AT)
    assert post("trust", forest).status_code == 422  # shown again by anybody: no new conviction
    assert post("trust", honest).status_code == 200


def test_a_copy_that_lags_goes_by_no_key_that_handed_over(stage):
    """It has not reached the change; the directory knows it, and the log's own words show it."""
    first = exchange(stage).cosigned
    with tenant_context(stage.lessor):
        rotate_log_key(at=AT)
    later = grow(stage, 3)
    stolen = post("trust", forged(stage, first, later.size, proof=()))
    assert (stolen.status_code, b"no known key" in stolen.content) == (403, True)
    assert post("trust", own(stage, first, later)).status_code == 200
    with tenant_context(stage.trust):
        note = Note.parse(bytes(WitnessedLog.objects.get().note))
        assert (
            len([line for line in note.lines if line.name == WitnessedLog.objects.get().origin])
            == 2
        )
    other = forged(stage, first, later.size, versions=(2, 1))
    assert post("trust", other).status_code == 422
    with tenant_context(stage.lessor):
        keys = published_log_keys(stage.lessor.pk, Head.objects.get().origin)
    with tenant_context(stage.trust):
        verify_fork(Fork.parse(bytes(ForkProof.objects.get().evidence)), keys)


def test_no_cosignature_of_less_than_was_cosigned_over_http(stage):
    with tenant_context(stage.lessor):
        send_parcels(to_tenant=stage.trust, at=AT)
    more = grow(stage, 5)
    assert post("trust", own(stage, 0, more)).status_code == 200
    with tenant_context(stage.trust):
        received = receive_parcels(from_tenant=stage.lessor, at=AT)
        assert (received.cosigned, received.refusals) == (0, [])
    assert exchange(stage).cosigned == more.size


def test_a_line_that_is_repeated_a_hundred_times_is_kept_once(watched, stage, monkeypatch):
    """A note of as many lines as readers take is cosigned, and what is kept of it is read again."""
    request = AddCheckpoint.parse(asked(0, 5))
    many = Note(request.note.text, request.note.lines * 100)
    assert post("auditor", AddCheckpoint(0, (), many).to_bytes()).status_code == 200
    with tenant_context(watched.tenants.auditor):
        assert len(Note.parse(bytes(WitnessedLog.objects.get().note)).lines) == 3
    monkeypatch.setattr(packing, "_note_of", lambda row: _repeated(bytes(row.note)))
    assert exchange(stage).cosigned
    with tenant_context(stage.trust):
        replica = Replica.objects.get()
        names = [(line.name, line.id) for line in Note.parse(bytes(replica.checkpoint)).lines]
        assert len(names) == len(set(names)) == 4


def _repeated(data: bytes) -> bytes:
    note = Note.parse(data)
    return Note(note.text, (note.lines * 100)[:100]).to_bytes()


def test_what_was_cosigned_before_there_was_a_witness_counts(stage):
    """A copy of before: its newest checkpoint is what the witness starts from."""
    size = exchange(stage).cosigned
    with tenant_context(stage.trust):
        replica = Replica.objects.get()
        Replica.objects.update(origin="moved.test/log", vkey=OUTSIDE_KEY.vkey())
        text = TreeHead("moved.test/log", size, reference.mth(LEAVES[:size])).text()
        note = Note(text, (sign_text(text, "moved.test/log", OUTSIDE),))
        Replica.objects.update(checkpoint=note.to_bytes())
        row = known_log("moved.test/log")
        assert (row.size, bytes(row.root)) == (replica.size, reference.mth(LEAVES[:size]))


def test_own_cosignatures_that_are_seen_again_are_the_floor_of_a_lost_memory(stage, cast):
    """A restored database knows nothing of its own; the published checkpoint carries its line."""
    exchange(stage)
    with tenant_context(stage.lessor):
        publish_tiles()
        head = Head.objects.get()
        key, shown = signer_of(head.log_id).key(head.origin), signed_note(latest_checkpoint())
    with tenant_context(stage.trust):
        row = WitnessedLog.objects.get(origin=head.origin)
        again = seen_again(head.origin, [key])
        assert (again["size"], again["root"]) == (row.size, bytes(row.root))
        assert own_word(shown, head.origin, [key])["size"] == row.size
        assert own_word(shown, OUTSIDE_ORIGIN, [key]) == {}
        other = NoteKey(head.origin, 0x01, OUTSIDE.public)
        assert own_word(shown, head.origin, [other]) == {}
        forged = shown.replace(b"\n%d\n" % row.size, b"\n%d\n" % (row.size + 1), 1)
        assert own_word(forged, head.origin, [key]) == {}  # another size above our line
    with tenant_context(cast.tenants.xingyu):  # whose line it is not
        services.open_log(at=AT)
        assert seen_again(head.origin, [key]) == {}
