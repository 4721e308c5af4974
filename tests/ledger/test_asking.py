"""The log's side of witnessing over real HTTP: cosignatures, hostile answers, a rolled-back log."""

import uuid

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.hashing import leaf_hashes, root_of_hashes
from ledger.core.notes import Note, cosign_text, sign_text
from ledger.core.proofs import consistency_proof
from ledger.core.tree import nodes_of_leaves
from ledger.core.witness import MAX_BYTES, SIZE_TYPE, AddCheckpoint, response_of
from ledger.drafts import Draft
from ledger.exchange.tasks import enqueue_exchange
from ledger.halting import halted
from ledger.models import Cosignature, Entry, Head, Witness, WitnessedLog, WitnessWord
from ledger.outbound import request
from ledger.problems import BadSignerRequest, LogFrozen, NoAnswer, SignerMemoryDamaged
from ledger.rotation.log_key import retire_log_keys, rotate_log_key
from ledger.selectors import latest_checkpoint, root_at
from ledger.services.checkpoints import sealing_refused
from ledger.signing import signer_of
from ledger.signing.freeze import Contradiction
from ledger.signing.rules import Growth
from ledger.witnessing.asking import (
    FIRST_WAIT,
    LAST_WAIT,
    SIGN_OF_LIFE,
    ask_witness,
    is_due,
)
from ledger.witnessing.hearing import forget
from ledger.witnessing.tasks import ask_all
from tenants.jobs import run_waiting_jobs
from tenants.models import PublishedKey
from tests.ledger.outside import AT, SECRET, Script, cosigned, grow
from tests.ledger.rolled_back import append_unnoticed, forget_all
from tests.monitoring.live_server import running_server


def test_a_witness_cosigns_each_checkpoint_from_the_size_it_had(witness, script):
    first = latest_checkpoint()
    assert ask_witness(witness, at=AT).state == Witness.COSIGNED
    second = grow(2)
    ask_witness(witness, at=AT)
    assert [asked.old for asked in script.asked] == [0, first.size]
    assert len(script.asked[1].proof) > 0
    assert set(Cosignature.objects.values_list("size", "cosigner")) == {
        (first.size, "w.test"),
        (second.size, "w.test"),
    }
    witness.refresh_from_db()
    assert (witness.size, witness.state, witness.next_at) == (second.size, "cosigned", None)


def test_after_409_it_proves_from_the_size_that_the_witness_names_once(witness, script):
    first = latest_checkpoint()
    grow(4)

    def knows_more(asked):
        if asked.old != first.size:
            return 409, f"{SIZE_TYPE}; charset=utf-8", f"{first.size}\n".encode()
        return 200, "text/plain", cosigned(asked)

    script.post = knows_more
    assert ask_witness(witness, at=AT).state == Witness.COSIGNED
    assert [asked.old for asked in script.asked] == [0, first.size]
    script.post = lambda asked: (409, SIZE_TYPE, b"1\n")
    assert ask_witness(witness, at=AT).state == Witness.HOSTILE
    assert len(script.asked) == 4  # asked twice, and no more
    assert sealing_refused() is None


@pytest.mark.parametrize(
    ("answer", "state", "words"),
    [
        (lambda a: (200, "t", b"x" * (MAX_BYTES + 1)), "unreachable", "more than"),
        (lambda a: (200, "t", b""), "hostile", ""),
        (lambda a: (200, "t", b"fine\n"), "hostile", "not a signature line"),
        (lambda a: (200, "t", cosigned(a, SecretKey(b"x" * 32))), "hostile", "no known key"),
        (lambda a: (200, "t", cosigned(a, time=0)), "hostile", "states its time"),
        (lambda a: (200, "t", cosigned(a, time=2**40)), "hostile", "yet to come"),
        (lambda a: (200, "t", of_another_checkpoint()), "hostile", "does not hold"),
        (lambda a: (409, "text/plain", b"9\n"), "refused", "HTTP 409"),
        (lambda a: (409, SIZE_TYPE, b"many\n"), "hostile", "not a decimal"),
        (lambda a: (403, "t", b"who are you\x00\x1b[31m"), "refused", "HTTP 403: who are you"),
        (lambda a: (404, "t", b""), "refused", "HTTP 404"),
        (lambda a: (302, "t", b"elsewhere"), "refused", "HTTP 302"),
        (lambda a: (422, "t", b"bad proof"), "refused", "shows no checkpoint"),
        (lambda a: (500, "t", b"oops"), "refused", "HTTP 500"),
    ],
)
def test_whatever_it_answers_is_named_and_sealing_goes_on(witness, script, answer, state, words):
    script.post = answer
    outcome = ask_witness(witness, at=AT)
    assert (outcome.state, words in outcome.detail) == (state, True), outcome
    witness.refresh_from_db()
    assert (witness.state, witness.failures) == (state, 1)
    assert not Cosignature.objects.exists()
    assert grow(1).size == latest_checkpoint().size
    script.post = Script().post
    assert ask_witness(witness, at=AT).state == Witness.COSIGNED  # and it is forgiven


def test_what_a_witness_answered_is_told_in_the_readers_language(witness, script, client_of, cast):
    script.post = lambda a: (422, "t", b"bad proof")
    ask_witness(witness, at=AT)
    WitnessWord.objects.create(
        url="https://gone.example", name="Gone", asked_at=AT,
        silent=NoAnswer.detail, params={"host": "gone.example", "reason": "the name is unknown"},
    )  # fmt: skip
    told = {
        "en": ("it refuses the proof", "gone.example: the name is unknown."),
        "zh-hans": ("它拒绝该证明", "gone.example：名称无法解析。"),
    }
    for language, words in told.items():
        desk = client_of(cast.manager, cast.tenants.anda, language=language)
        page = desk.get("/ledger/trust/").content.decode()
        assert all(word in page for word in words)


def of_another_checkpoint():
    text = TreeHead("elsewhere.test", 3, bytes(32)).text()
    return response_of((cosign_text(text, "w.test", SECRET, 1_790_000_000),))


def test_a_witness_that_does_not_answer_is_asked_less_and_less_often(witness, script):
    witness.url = "http://127.0.0.1:9/w"
    size, waits = latest_checkpoint().size, []
    for _ in range(12):
        ask_witness(witness, at=AT)
        waits.append(witness.next_at - witness.asked_at)
    assert witness.state == Witness.UNREACHABLE
    assert waits == sorted(waits)
    assert (waits[0], waits[-1]) == (2 * FIRST_WAIT, LAST_WAIT)
    assert not is_due(witness, size, witness.asked_at)
    assert is_due(witness, size, witness.asked_at - 24 * LAST_WAIT)  # the clock went back
    assert is_due(witness, size, witness.next_at)


def test_an_address_inside_our_network_is_not_asked(witness, settings):
    settings.OUTBOUND_LOOPBACK = False
    for url in ("https://127.0.0.1/w", "https://10.0.0.1/w", "http://w.example/w"):
        witness.url = url
        assert ask_witness(witness, at=AT).state == Witness.UNREACHABLE


# -- a database of yesterday ------------------------------------------------------------------


def signed_by_us(size, root, secret=None):
    """A checkpoint that our own key signed, which our database does not have."""
    head = Head.objects.get()
    text = TreeHead(head.origin, size, root).text()
    secret = secret or signer_of(head.log_id)._seeds.first(1)
    return Note(text, (sign_text(text, head.origin, secret),)).to_bytes()


def test_a_witness_that_holds_more_freezes_the_log(witness, script, cast):
    size = latest_checkpoint().size
    script.shows = signed_by_us(size + 5, b"\x07" * 32)
    script.post = lambda asked: (409, SIZE_TYPE, f"{size + 5}\n".encode())
    assert ask_witness(witness, at=AT).state == Witness.CONTRADICTS
    assert sealing_refused().code == "log_frozen"
    drafts = [Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": "x"}, ts=AT)]
    append_unnoticed(drafts)
    with pytest.raises(LogFrozen):
        services.seal_checkpoint(at=AT)
    assert latest_checkpoint().size == size  # nothing was signed
    script.post = Script().post
    ask_all.func(timestamp=0)
    enqueue_exchange(tenant=cast.tenants.anda)
    assert run_waiting_jobs() == 0
    with pytest.raises(CommandError, match="Restore the missing entries"):
        call_command("resolve_frozen_log", "anda", reason="tried")
    call_command("resolve_frozen_log", "anda", reason="the witness is wrong", anyway=True)
    assert services.seal_checkpoint(at=AT).size == size + 1
    with pytest.raises(CommandError, match="not frozen"):
        call_command("resolve_frozen_log", "anda", reason="again")


def test_a_mended_log_is_resolved_without_more_ado(witness, script):
    size = latest_checkpoint().size
    script.post = lambda asked: (409, SIZE_TYPE, f"{size + 1}\n".encode())
    assert ask_witness(witness, at=AT).state == Witness.CONTRADICTS  # its word alone
    found = signer_of(Head.objects.get().log_id).freeze.read()
    assert (found.proven, found.held, found.witness) == (False, size + 1, "Outside")
    Witness.objects.update(next_at=None)
    ask_all.func(timestamp=0)
    assert run_waiting_jobs() == 1  # so that its word stands as long as it is so
    drafts = [Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": "x"}, ts=AT)]
    append_unnoticed(drafts)  # as restored
    call_command("resolve_frozen_log", "anda", reason="restored")
    assert services.seal_checkpoint(at=AT).size == size + 1


def test_a_restored_log_is_noticed_before_it_has_anything_new(witness, script):
    ask_witness(witness, at=AT)
    size = latest_checkpoint().size
    assert not is_due(witness, size, witness.asked_at + SIGN_OF_LIFE / 2)
    assert is_due(witness, size, witness.asked_at + SIGN_OF_LIFE)
    assert is_due(witness, size, witness.asked_at - SIGN_OF_LIFE)
    script.shows = signed_by_us(size + 5, b"\x07" * 32)
    script.post = lambda asked: (409, SIZE_TYPE, f"{size + 5}\n".encode())
    assert ask_witness(witness, at=AT).state == Witness.CONTRADICTS
    assert script.asked[-1].old == size
    assert script.asked[-1].proof == ()


def test_another_tree_of_the_same_size_freezes_the_log(witness, script):
    size = latest_checkpoint().size
    script.shows = signed_by_us(size, b"\x07" * 32)
    script.post = lambda asked: (422, "text/plain", b"bad proof")
    assert ask_witness(witness, at=AT).state == Witness.CONTRADICTS
    assert signer_of(Head.objects.get().log_id).freeze.read().proven


def test_a_key_that_handed_over_proves_nothing_about_later_trees(witness, script):
    """Whoever stole it could stop the log as often as he likes."""
    stolen = signer_of(Head.objects.get().log_id)._seeds.first(1)
    rotate_log_key(at=AT)
    size = grow(2).size
    signer = signer_of(Head.objects.get().log_id)
    script.shows = signed_by_us(size + 50, b"\x07" * 32, stolen)
    script.post = lambda asked: (422, "text/plain", b"no")
    for retired in ([], [1]):
        assert ask_witness(witness, at=AT).state == Witness.REFUSED
        word = Contradiction("w", size, size + 50, AT, script.shows.decode())
        assert not signer.weigh(word, None).proven
        forget()
        assert services.seal_checkpoint(at=AT).size == size
        assert "which proves nothing" in str(WitnessWord.objects.get().params)
        assert retired or retire_log_keys() == [1]
    script.post = lambda asked: (409, SIZE_TYPE, f"{size + 50}\n".encode())
    outcome = ask_witness(witness, at=AT)  # its mere word, that of any witness
    assert outcome.state == Witness.CONTRADICTS and "which proves nothing" in outcome.detail
    assert not signer.freeze.read().proven and halted() is None
    honest = signed_by_us(size + 50, b"\x07" * 32, signer._seeds.first(2)).decode()
    assert signer.weigh(Contradiction("w", size, size + 50, AT, honest), None).proven
    for past, is_proven in ((2, True), (size - 1, False)):  # within its reign it counts for ever
        note = signed_by_us(past, b"\x07" * 32, stolen).decode()
        ours = Growth(past, root_at(past), tuple(selectors.consistency_proof(past, size)))
        assert signer.weigh(Contradiction("w", size, past, AT, note), ours).proven == is_proven


def test_a_signer_without_its_memory_takes_no_old_note_for_proof(witness, script):
    """Where nothing is remembered, all that a caller says is a mere word."""
    signer = signer_of(Head.objects.get().log_id)
    old, size = latest_checkpoint(), grow(2).size
    signer._memory.path.unlink()
    with pytest.raises(SignerMemoryDamaged):
        signer.last()
    beyond = signed_by_us(size + 5, b"\x07" * 32)
    for held, note in ((old.size, bytes(old.note)), (size + 5, beyond)):
        word = Contradiction("w", 1, held, AT, note.decode())  # whatever size a caller tells
        assert not signer.weigh(word, None).proven


def test_an_empty_tree_has_one_root(witness):
    origin, signer = Head.objects.get().origin, signer_of(Head.objects.get().log_id)
    forget_all(signer._memory.path)
    with pytest.raises(BadSignerRequest, match="one root"):
        signer.sign(TreeHead(origin, 0, b"\x01" * 32), None, None)
    assert signer.last() is None


def test_a_witness_that_lies_does_not_freeze_the_log(witness, script):
    first = latest_checkpoint()
    script.shows = bytes(first.note)  # what it shows is ours, whatever it claims
    for status, kind, body in ((409, SIZE_TYPE, b"900\n"), (422, "text/plain", b"no")):
        script.post = lambda asked, answer=(status, kind, body): answer
        grow(1)
        assert ask_witness(witness, at=AT).state == Witness.HOSTILE
    forged = TreeHead(Head.objects.get().origin, 900, bytes(32)).text()
    line = sign_text(forged, Head.objects.get().origin, SecretKey(b"x" * 32))
    script.shows = Note(forged, (line,)).to_bytes()  # not our signature
    script.post = lambda asked: (422, "text/plain", b"no")
    assert ask_witness(witness, at=AT).state == Witness.REFUSED
    assert sealing_refused() is None


def test_a_damaged_freeze_is_a_freeze(witness):
    signer = signer_of(Head.objects.get().log_id)
    (signer._folder / "frozen.json").write_bytes(b"{")
    with pytest.raises(LogFrozen):
        services.seal_checkpoint(at=AT)


# -- two tenants, one live server -------------------------------------------------------------


def test_two_tenants_over_a_live_server(committed_cast):
    lessor, auditor = committed_cast.tenants.anda, committed_cast.tenants.auditor
    with tenant_context(auditor):
        services.open_log(at=AT)
    with tenant_context(lessor):
        grow(3)
        log_key = signer_of(Head.objects.get().log_id).key(Head.objects.get().origin)
    call_command("witness_log", "auditor", log_key.vkey())
    published = PublishedKey.objects.filter(tenant=auditor, purpose=PublishedKey.COSIGNER)
    vkeys = "\n".join(published.values_list("key", flat=True))
    with running_server() as port, tenant_context(lessor):
        url = f"http://auditor.localhost:{port}/witness"
        witness = Witness.objects.create(label="Auditor", url=url, vkeys=vkeys)
        ask_all.func(timestamp=0)
        assert run_waiting_jobs() == 1
        witness.refresh_from_db()
        assert (witness.state, witness.detail) == ("cosigned", "")
        later = grow(5)
        assert ask_witness(witness, at=AT).state == Witness.COSIGNED
        kinds = set(Cosignature.objects.filter(size=later.size).values_list("cosigner", flat=True))
        assert len(kinds) == 1
        assert Cosignature.objects.filter(size=later.size).count() == 2
        # a witness row of yesterday: 409 tells the size, the second asking proves from there
        Witness.objects.update(size=0)
        witness.refresh_from_db()
        final = grow(1)
        assert ask_witness(witness, at=AT).state == Witness.COSIGNED
        with tenant_context(auditor):
            row = WitnessedLog.objects.get()
            assert (row.size, b64(bytes(row.root))) == (final.size, b64(bytes(final.root)))
        # two entries that the log signed, and that its restored database does not have
        rows = Entry.objects.order_by("index").values_list("leaf", flat=True)
        leaves = [*map(bytes, rows), b"lost", b"lost too"]
        proof = consistency_proof(final.size, len(leaves), nodes_of_leaves(leaf_hashes(leaves)))
        lost = Note.parse(signed_by_us(len(leaves), root_of_hashes(leaf_hashes(leaves))))
        body = AddCheckpoint(final.size, tuple(proof), lost).to_bytes()
        assert request("POST", f"{url}/add-checkpoint", body).status == 200
        grow(1)
        assert ask_witness(witness, at=AT).state == Witness.CONTRADICTS
        found = signer_of(Head.objects.get().log_id).freeze.read()
        assert (found.proven, found.held) == (True, len(leaves))
        assert sealing_refused().code == "log_frozen"
