"""A tenant's witness: what it cosigns, what it refuses, and that it never cosigns two histories."""

import threading
import uuid
from types import SimpleNamespace

import pytest
from django.core.management import call_command
from django.db import connection, transaction
from django.db.utils import InternalError, ProgrammingError
from django.test import Client
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.checkpoints import open_checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError
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
from ledger.core.witness import AddCheckpoint, origin_hash, read_response
from ledger.drafts import Draft
from ledger.exchange import convictions, packing, registry
from ledger.exchange import services as exchange_services
from ledger.exchange.services import receive_parcels, send_parcels
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
from ledger.selectors import latest_checkpoint, signed_note
from ledger.signing import signer_of
from ledger.tiles.publishing import publish_tiles
from ledger.witnessing import server
from ledger.witnessing.contradictions import rule_on
from ledger.witnessing.limits import Limiter
from ledger.witnessing.remembering import own_word, seen_again
from ledger.witnessing.state import known_log, watch_log
from tenants.models import PublishedKey
from tests.ledger import reference

AT = "2026-11-01T08:00:00.000000Z"
OUTSIDE = SecretKey(b"o" * 32)
OUTSIDE_ORIGIN = "elsewhere.test/log"
OUTSIDE_KEY = NoteKey(OUTSIDE_ORIGIN, 0x01, OUTSIDE.public)
LEAVES = [f"entry {number}".encode() for number in range(20)]
FORK = [b"forked", *LEAVES[1:]]


def asked(old, new, leaves=LEAVES, secret=OUTSIDE, origin=OUTSIDE_ORIGIN) -> bytes:
    """A request of a log outside, made from its leaves."""
    proof = consistency_proof(old, new, nodes_of_leaves(leaf_hashes(leaves[:new])))
    text = TreeHead(origin, new, reference.mth(leaves[:new])).text()
    note = Note(text, (sign_text(text, origin, secret),))
    return AddCheckpoint(old, tuple(proof), note).to_bytes()


def post(host, body, **options):
    client = Client(SERVER_NAME=f"{host}.localhost", enforce_csrf_checks=True)
    kind = "application/octet-stream"
    return client.post("/witness/add-checkpoint", body, content_type=kind, **options)


def keys_of(tenant):
    published = PublishedKey.objects.filter(tenant=tenant, purpose=PublishedKey.COSIGNER)
    return [NoteKey.parse(text) for text in published.values_list("key", flat=True)]


@pytest.fixture(autouse=True)
def unlimited(monkeypatch):
    monkeypatch.setattr(server, "limiter", Limiter(rate=1e6, burst=1e6))


@pytest.fixture
def watched(cast):
    """An auditor that was told to witness a log outside."""
    with tenant_context(cast.tenants.auditor):
        watch_log(OUTSIDE_KEY.vkey())
    return cast


def test_a_log_outside_is_cosigned_with_both_algorithms(watched):
    answer = post("auditor", asked(0, 5))
    assert answer.status_code == 200
    text = AddCheckpoint.parse(asked(0, 5)).note.text
    keys = keys_of(watched.tenants.auditor)
    found = read_response(answer.content, text, keys)
    kinds = [item.key.kind for _, item in found]
    assert kinds == [ED25519_COSIGNATURE, MLDSA44_COSIGNATURE]
    assert post("auditor", asked(5, 12)).status_code == 200
    latest = Client(SERVER_NAME="auditor.localhost").get(
        f"/witness/{origin_hash(OUTSIDE_ORIGIN)}/checkpoint"
    )
    checkpoint, verified = open_checkpoint(latest.content, OUTSIDE_KEY, keys)
    assert (checkpoint.size, checkpoint.root) == (12, reference.mth(LEAVES[:12]))
    assert len(verified) == 3


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


def test_each_refusal_has_its_status_and_stores_nothing(watched):
    assert post("auditor", asked(0, 5)).status_code == 200
    stale = post("auditor", asked(0, 9))
    assert (stale.status_code, stale.content) == (409, b"5\n")
    assert stale["Content-Type"] == "text/x.tlog.size"
    stranger = SecretKey(b"x" * 32)
    for body, status in [
        (asked(5, 9, FORK), 422),
        (asked(5, 9, secret=stranger), 403),
        (asked(0, 9, origin="unknown.test/log"), 404),
        (b"old 0\n", 400),
        (b"x" * ((1 << 16) + 1), 413),
    ]:
        answer = post("auditor", body)
        assert answer.status_code == status, answer.content
        assert answer.content.endswith(b"\n")
    with tenant_context(watched.tenants.auditor):
        row = WitnessedLog.objects.get()
        assert (row.size, bytes(row.root)) == (5, reference.mth(LEAVES[:5]))
    assert post("auditor", asked(5, 9)).status_code == 200


def test_a_log_outside_that_signed_two_histories_is_cosigned_no_longer(watched, client_of):
    """Two checkpoints of one size: the evidence is kept, and an operator decides."""
    assert post("auditor", asked(0, 5)).status_code == 200
    assert post("auditor", asked(5, 5, FORK, secret=SecretKey(b"x" * 32))).status_code == 403
    assert post("auditor", asked(5, 6)).status_code == 200  # a stranger convicts nobody
    assert post("auditor", asked(6, 6, FORK)).status_code == 422
    assert post("auditor", asked(6, 9)).status_code == 403  # what was good before is refused now
    with tenant_context(watched.tenants.auditor):
        proof = ForkProof.objects.get()
    heads = verify_fork(Fork.parse(bytes(proof.evidence)), [OUTSIDE_KEY])
    assert {head.root for head in heads} == {reference.mth(LEAVES[:6]), reference.mth(FORK[:6])}
    desk = client_of(watched.auditor, watched.tenants.auditor)
    page = desk.get("/ledger/copies/").content.decode()
    assert f"The log of {OUTSIDE_ORIGIN} has two histories" in page
    assert desk.get(f"/ledger/copies/forks/{proof.digest}").content == bytes(proof.evidence)
    with tenant_context(watched.tenants.auditor):
        services.open_log(at=AT)
    assert "Two histories" in desk.get("/ledger/trust/").content.decode()
    call_command("witness_log", "auditor", OUTSIDE_KEY.vkey(), go_on="they restored a backup")
    assert post("auditor", asked(6, 6, FORK)).status_code == 422  # no new conviction
    assert post("auditor", asked(6, 9)).status_code == 200
    assert "they restored a backup" in desk.get("/ledger/copies/").content.decode()


def test_other_tenants_do_not_know_the_log_and_nothing_else_is_served(watched):
    assert post("trust", asked(0, 5)).status_code == 404
    client = Client(SERVER_NAME="auditor.localhost")
    assert client.get("/witness/add-checkpoint").status_code == 405
    assert client.get(f"/witness/{origin_hash(OUTSIDE_ORIGIN)}/checkpoint").status_code == 404
    assert client.get("/witness/" + "A" * 64 + "/checkpoint").status_code == 404
    assert client.post(f"/witness/{origin_hash(OUTSIDE_ORIGIN)}/checkpoint").status_code == 405


def test_whoever_asks_too_often_waits(watched, monkeypatch):
    monkeypatch.setattr(server, "limiter", Limiter(rate=0.001, burst=2))
    answers = [post("auditor", asked(0, 5)) for _ in range(3)]
    assert [answer.status_code for answer in answers] == [200, 409, 429]
    assert answers[2]["Retry-After"]
    assert post("auditor", asked(5, 6), REMOTE_ADDR="10.0.0.9").status_code == 200


def test_the_limiter_fills_up_again_and_forgets():
    now = [0.0]
    limiter = Limiter(rate=1, burst=2, askers=2, clock=lambda: now[0])
    assert [limiter.take("a") for _ in range(3)] == [True, True, False]
    now[0] = 1.0
    assert [limiter.take("a"), limiter.take("a")] == [True, False]
    assert limiter.take("b")
    assert limiter.take("c")  # "a" is forgotten
    assert limiter.take("a")


def test_a_log_is_added_once_and_under_one_key(watched):
    with tenant_context(watched.tenants.auditor):
        watch_log(OUTSIDE_KEY.vkey())
        assert WitnessedLog.objects.count() == 1
        other = NoteKey(OUTSIDE_ORIGIN, 0x01, SecretKey(b"p" * 32).public)
        for text in (other.vkey(), "nonsense", NoteKey("w", 0x04, OUTSIDE.public).vkey()):
            with pytest.raises(LedgerError):
                watch_log(text)


@pytest.mark.parametrize(
    "statement",
    [
        "UPDATE ledger_witnessed SET size = size - 1",
        r"UPDATE ledger_witnessed SET root = '\x00'",
        "UPDATE ledger_witnessed SET origin = 'another'",
        "DELETE FROM ledger_witnessed",
        "TRUNCATE ledger_witnessed",
    ],
)
def test_the_database_refuses_to_go_back(watched, statement):
    assert post("auditor", asked(0, 5)).status_code == 200
    with (
        tenant_context(watched.tenants.auditor),
        pytest.raises((ProgrammingError, InternalError)),
        transaction.atomic(),
        connection.cursor() as cursor,
    ):
        cursor.execute(statement)


# -- beside the exchange of parcels -----------------------------------------------------------


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


def forged(stage, old, size, root=bytes(32), proof=()):
    """A request for another tree, signed with the lessor's own key: what a fork looks like."""
    with tenant_context(stage.lessor):
        head = Head.objects.get()
        signer = signer_of(head.log_id)
        text = TreeHead(head.origin, size, root).text()
        line = sign_text(text, head.origin, signer._seeds.first(1))
    return AddCheckpoint(old, tuple(proof), Note(text, (line,))).to_bytes()


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


def test_no_cosignature_of_less_than_was_cosigned_over_http(stage):
    with tenant_context(stage.lessor):
        send_parcels(to_tenant=stage.trust, at=AT)
    more = grow(stage, 5)
    assert post("trust", own(stage, 0, more)).status_code == 200
    with tenant_context(stage.trust):
        received = receive_parcels(from_tenant=stage.lessor, at=AT)
        assert (received.cosigned, received.refusals) == (0, [])
    assert exchange(stage).cosigned == more.size


# -- racing -----------------------------------------------------------------------------------


def race(bodies):
    barrier, answers = threading.Barrier(len(bodies)), []

    def ask(body):
        barrier.wait()
        answers.append((post("auditor", body).status_code, body))
        connection.close()

    threads = [threading.Thread(target=ask, args=[body]) for body in bodies]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return answers


def test_of_two_racing_forks_exactly_one_is_cosigned(committed_cast):
    tenant = committed_cast.tenants.auditor
    with tenant_context(tenant):
        watch_log(OUTSIDE_KEY.vkey())
        services.open_log(at=AT)
    size = 0
    trees = {True: LEAVES, False: FORK}
    first = race([asked(0, 3, leaves) for leaves in trees.values()] * 3)
    statuses = sorted(status for status, _ in first)
    assert statuses[0] == 200 and set(statuses[1:]) <= {403, 409, 422}  # the loser convicts the log
    won = next(body for status, body in first if status == 200)
    ours = LEAVES if won == asked(0, 3, LEAVES) else FORK
    other = FORK if ours is LEAVES else LEAVES
    size = 3
    for new in (7, 12, 20):
        with tenant_context(tenant):
            rule_on(WitnessedLog.objects.get(), reason="one of the two is ours", at=AT)
        answers = race([asked(size, new, ours), asked(size, new, other)] * 2)
        assert [status for status, body in answers if body == asked(size, new, other)].count(
            200
        ) == 0
        assert [status for status, _ in answers].count(200) == 1
        size = new
    with tenant_context(tenant):
        row = WitnessedLog.objects.get()
        assert (row.size, bytes(row.root)) == (20, reference.mth(ours))


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
