"""The log's side of witnessing over real HTTP: cosignatures, hostile answers, a rolled-back log."""

import uuid
from contextlib import contextmanager

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.hashing import leaf_hashes, root_of_hashes
from ledger.core.notes import MAX_SIGNATURES, Note, NoteKey, cosign_text, cosigner_key, sign_text
from ledger.core.proofs import consistency_proof
from ledger.core.tree import nodes_of_leaves
from ledger.core.witness import MAX_BYTES, SIZE_TYPE, AddCheckpoint, response_of
from ledger.drafts import Draft
from ledger.exchange.tasks import enqueue_exchange
from ledger.models import Cosignature, Entry, Head, Witness, WitnessedLog
from ledger.outbound import request
from ledger.problems import LogFrozen
from ledger.selectors import latest_checkpoint, signed_note
from ledger.services.checkpoints import sealing_refused
from ledger.signing import signer_of
from ledger.witnessing.asking import (
    FIRST_WAIT,
    LAST_WAIT,
    MAX_KEYS,
    SIGN_OF_LIFE,
    ask_witness,
    is_due,
)
from ledger.witnessing.tasks import ask_all
from ledger.witnessing.trust import standings
from tenants.jobs import run_waiting_jobs
from tenants.models import PublishedKey
from tests.http_server import serving
from tests.monitoring.live_server import running_server

AT = "2026-11-01T08:00:00.000000Z"
SECRET = SecretKey(b"w" * 32)
KEY = cosigner_key("w.test", SECRET)
MANY = [SecretKey(bytes([number]) * 32) for number in range(120)]
KEYS = [cosigner_key("w.test", secret).vkey() for secret in MANY]


class Script:
    """What a witness outside answers: for POST a function of the request, for GET bytes or None."""

    def __init__(self):
        self.post = lambda asked: (200, "text/plain", cosigned(asked))
        self.shows = None
        self.asked = []


def cosigned(asked, secret=SECRET, name="w.test", time=1_790_000_000):
    return response_of((cosign_text(asked.note.text, name, secret, time),))


@contextmanager
def outside(script):
    def post(body):
        asked = AddCheckpoint.parse(body)
        script.asked.append(asked)
        return script.post(asked)

    with serving(post, lambda: script.shows) as url:
        yield f"{url}w"


def grow(count=1):
    drafts = [
        Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": str(number)}, ts=AT)
        for number in range(count)
    ]
    services.append_entries(drafts=drafts)
    return services.seal_checkpoint(at=AT)


@pytest.fixture
def script():
    return Script()


@pytest.fixture
def witness(cast, enter, script):
    """A lessor with a sealed log, and a witness outside that answers as its script says."""
    enter(cast.tenants.anda)
    grow(3)
    with outside(script) as url:
        yield Witness.objects.create(label="Outside", url=url, vkeys=KEY.vkey())


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
    assert is_due(witness, size, witness.next_at)


def test_an_address_inside_our_network_is_not_asked(witness, settings):
    settings.OUTBOUND_LOOPBACK = False
    for url in ("https://127.0.0.1/w", "https://10.0.0.1/w", "http://w.example/w"):
        witness.url = url
        assert ask_witness(witness, at=AT).state == Witness.UNREACHABLE


# -- a database of yesterday ------------------------------------------------------------------


def signed_by_us(size, root):
    """A checkpoint that our own key signed, which our database does not have."""
    head = Head.objects.get()
    text = TreeHead(head.origin, size, root).text()
    secret = signer_of(head.log_id)._secret()
    return Note(text, (sign_text(text, head.origin, secret),)).to_bytes()


def test_a_witness_that_holds_more_freezes_the_log(witness, script, cast):
    size = latest_checkpoint().size
    script.shows = signed_by_us(size + 5, b"\x07" * 32)
    script.post = lambda asked: (409, SIZE_TYPE, f"{size + 5}\n".encode())
    assert ask_witness(witness, at=AT).state == Witness.CONTRADICTS
    assert sealing_refused().code == "log_frozen"
    drafts = [Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": "x"}, ts=AT)]
    services.append_entries(drafts=drafts)
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
    drafts = [Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"n": "x"}, ts=AT)]
    services.append_entries(drafts=drafts)  # as restored
    call_command("resolve_frozen_log", "anda", reason="restored")
    assert services.seal_checkpoint(at=AT).size == size + 1


def test_a_restored_log_is_noticed_before_it_has_anything_new(witness, script):
    ask_witness(witness, at=AT)
    size = latest_checkpoint().size
    assert not is_due(witness, size, witness.asked_at + SIGN_OF_LIFE / 2)
    assert is_due(witness, size, witness.asked_at + SIGN_OF_LIFE)
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


# -- pages and policy -------------------------------------------------------------------------


def test_the_quorum_of_each_checkpoint_is_shown_with_who_is_missing(witness, cast, client_of):
    with tenant_context(cast.tenants.trust):
        services.open_log(at=AT)
    with tenant_context(cast.tenants.anda):
        checkpoint = latest_checkpoint()
        names = [item.name for item in standings([checkpoint])[checkpoint.size].missing]
        assert {"Outside", "Huaxin Trust"} <= set(names)
        ask_witness(witness, at=AT)
        after = [item.name for item in standings([checkpoint])[checkpoint.size].missing]
        assert set(names) - set(after) == {"Outside"}
    desk = client_of(cast.manager, cast.tenants.anda)
    page = desk.get("/ledger/checkpoints/").content.decode()
    assert "Not met" in page
    assert "Huaxin Trust" in page
    trust = desk.get("/ledger/trust/").content.decode()
    assert "http://anda.localhost/witness" in trust
    text = f"witness w {KEY.vkey()}\nquorum w"
    assert (
        desk.post("/ledger/trust/policy/", {"text": text.replace("\n", "\r\n")}).status_code == 302
    )
    assert "Not met" not in desk.get("/ledger/checkpoints/").content.decode()
    for bad, word in (
        ("quorum w\n", "Line 1"),
        (f"log {NoteKey('x', 1, SECRET.public).vkey()}\nquorum none\n", "none of its log lines"),
    ):
        answer = desk.post("/ledger/trust/policy/", {"text": bad})
        assert (answer.status_code, word in answer.content.decode()) == (422, True)
    assert desk.post("/ledger/trust/policy/", {"text": " \n"}).status_code == 302
    assert "Not met" in desk.get("/ledger/checkpoints/").content.decode()


def test_many_keys_of_one_witness_leave_every_note_readable(witness, script, cast, client_of):
    with tenant_context(cast.tenants.anda):
        witness.vkeys = "\n".join(KEYS[:99])
        witness.save()
        script.post = lambda asked: (
            200,
            "text/plain",
            response_of(
                cosign_text(asked.note.text, "w.test", one, 1_790_000_000) for one in MANY[:99]
            ),
        )
        assert ask_witness(witness, at=AT).state == Witness.COSIGNED
        checkpoint = latest_checkpoint()
        assert Cosignature.objects.count() == MAX_KEYS
        # what older versions kept, and a counterparty whose name comes last
        for number, key in enumerate(KEYS[4:]):
            Cosignature.objects.create(
                size=checkpoint.size, vkey=key, cosigner="w.test", cosigned_at=AT,
                line=line_of(checkpoint, "w.test", MANY[number + 4]),
            )  # fmt: skip
        counterparty = cosigner_key("z.test", SECRET)
        Cosignature.objects.create(
            size=checkpoint.size, vkey=counterparty.vkey(), cosigner="z.test", cosigned_at=AT,
            line=line_of(checkpoint, "z.test", SECRET),
        )  # fmt: skip
        PublishedKey.objects.create(
            tenant=cast.tenants.trust, purpose=PublishedKey.COSIGNER, key=counterparty.vkey()
        )
        own = Note.parse(bytes(checkpoint.note)).lines
        note = Note.parse(signed_note(checkpoint))
        assert len(note.lines) == MAX_SIGNATURES
        assert note.lines[: len(own)] == own
        assert note.lines[len(own)].name == "z.test"
    desk = client_of(cast.manager, cast.tenants.anda)
    for page in ("/ledger/trust/", "/ledger/checkpoints/", "/ledger/"):
        assert desk.get(page).status_code == 200


def line_of(checkpoint, name, secret):
    text = Note.parse(bytes(checkpoint.note)).text
    return cosign_text(text, name, secret, 1_790_000_000).text().rstrip("\n")


def test_witnesses_are_added_and_removed_by_those_who_may(witness, cast, client_of):
    desk = client_of(cast.manager, cast.tenants.anda)
    good = {"label": "Auditor", "url": "https://w.example/witness/", "vkeys": KEY.vkey()}
    for change in (
        {"url": "http://user:x@w.example/"},
        {"url": "ftp://w.example"},
        {"url": "nonsense"},
        {"url": "http://169.254.169.254/latest"},
        {"url": "https://10.0.0.1"},
        {"url": witness.url},
        {"vkeys": "nonsense"},
        {"vkeys": NoteKey("w", 1, SECRET.public).vkey()},
        {"vkeys": "\n".join(KEYS[:5])},
        {"label": ""},
    ):
        assert desk.post("/ledger/trust/witnesses/", good | change).status_code == 422
    good["vkeys"] = "\n".join(KEYS[:4])
    assert desk.post("/ledger/trust/witnesses/", good).status_code == 302
    with tenant_context(cast.tenants.anda):
        added = Witness.objects.get(label="Auditor")
    assert added.url == "https://w.example/witness"
    officer = client_of(cast.officer, cast.tenants.anda)
    assert officer.get("/ledger/trust/").status_code == 200
    assert "must cosign while the default policy" in desk.get("/ledger/trust/").content.decode()
    assert officer.post("/ledger/trust/witnesses/", good).status_code == 403
    assert officer.post(f"/ledger/trust/witnesses/{added.pk}/remove/").status_code == 403
    assert desk.post(f"/ledger/trust/witnesses/{added.pk}/remove/").status_code == 302
    assert desk.post(f"/ledger/trust/witnesses/{added.pk}/remove/").status_code == 404


def test_the_frozen_log_says_so_on_its_pages(witness, script, cast, client_of):
    size = latest_checkpoint().size
    script.post = lambda asked: (409, SIZE_TYPE, f"{size + 5}\n".encode())
    ask_witness(witness, at=AT)
    for language, words in (("en", "A witness holds a tree"), ("zh-hans", "某见证方持有")):
        desk = client_of(cast.manager, cast.tenants.anda, language=language)
        for path in ("checkpoints/", "trust/", ""):
            assert words in desk.get(f"/ledger/{path}").content.decode()


def test_an_empty_log_has_a_trust_page(cast, client_of):
    auditor = client_of(cast.auditor, cast.tenants.auditor)
    assert auditor.get("/ledger/trust/").status_code == 200


def test_the_command_adds_a_log(cast, capsys):
    key = NoteKey("elsewhere.test/log", 1, SecretKey(b"o" * 32).public)
    call_command("witness_log", "auditor", key.vkey())
    with tenant_context(cast.tenants.auditor):
        assert WitnessedLog.objects.get().origin == "elsewhere.test/log"
    for schema, vkey in (("nobody", key.vkey()), ("auditor", "nonsense"), ("auditor", KEY.vkey())):
        with pytest.raises(CommandError):
            call_command("witness_log", schema, vkey)


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
