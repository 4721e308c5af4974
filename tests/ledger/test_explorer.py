"""The proof explorer and the read API: who may see what, and that what is shown verifies."""

import base64
import io
import uuid

import pytest
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.hashing import leaf_hash
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note, NoteKey, cosign_text, verify_note
from ledger.core.proofs import verify_consistency, verify_inclusion
from ledger.core.tlog_proof import TlogProof, verify_proof
from ledger.core.tree_heads import Checkpoint as TreeHead
from ledger.drafts import Draft, rows
from ledger.exchange import registry
from ledger.exchange.restored_checkpoints import _stated_time
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.log_keys import own_log_keys
from ledger.models import Checkpoint, Cosignature, Entry, Head, WitnessWord
from ledger.rotation.log_key import rotate_log_key
from ledger.selectors import consistency_proof
from ledger.signing import signer_of
from ledger.signing.rules import Growth
from ledger.verifier.check import verify_bundle
from ledger.witnessing.cosigners import known_cosigners
from tenants.database.bound import run_bound
from tenants.models import Relationship, Tenant
from tests.ledger.outside import KEY, SECRET

AT = "2026-11-01T08:00:00.000000Z"


def append(count: int = 1) -> None:
    drafts = [
        Draft.service(
            kind="document.issued",
            rid=uuid.uuid4(),
            fields={"title": "Offering circular", "number": str(number)},
            ts=AT,
        )
        for number in range(count)
    ]
    services.append_entries(drafts=drafts)


@pytest.fixture
def desk(cast, client_of, monkeypatch):
    """A lessor's manager at a ledger of seven entries, five of them sealed and copied."""
    everything = registry.Entitlement(everything=True)
    monkeypatch.setattr(registry, "_entitlements", [lambda to: everything])
    monkeypatch.setattr(registry, "_projectors", {})
    with tenant_context(cast.tenants.trust):
        services.open_log(at=AT)
    with tenant_context(cast.tenants.anda):
        append(3)
        send_parcels(to_tenant=cast.tenants.trust, at=AT)
    with tenant_context(cast.tenants.trust):
        receive_parcels(from_tenant=cast.tenants.anda, at=AT)
    with tenant_context(cast.tenants.anda):
        receive_parcels(from_tenant=cast.tenants.trust, at=AT)
        append(2)
    return client_of(cast.manager, cast.tenants.anda)


def test_pages_show_the_log_and_its_cosigner(desk):
    page = desk.get("/ledger/")
    assert page.status_code == 200
    assert b"document.issued" in page.content
    page = desk.get("/ledger/checkpoints/").content.decode()
    assert "/cosigner" not in page
    assert page.count("Ed25519 + ML-DSA-44") == 1  # one line an institution, not one a key
    assert "Huaxin Trust must cosign." in page
    assert desk.get("/ledger/?kind=tape.imported").status_code == 200
    assert desk.get("/ledger/?page=99").status_code == 200


def test_a_checkpoint_is_downloaded_as_the_note_that_others_cosigned(desk, cast):
    data = desk.get("/ledger/checkpoints/5/note").content
    key = explorer_key(cast)
    with tenant_context(cast.tenants.anda):
        cosigners = known_cosigners()
    verified = verify_note(Note.parse(data), [key, *cosigners])
    assert [item.key.name for item in verified].count(key.name) == 1
    assert {item.key.algorithm for item in verified if item.time} == {"Ed25519", "ML-DSA-44"}
    assert desk.get("/ledger/checkpoints/4/note").status_code == 404


def test_a_checkpoint_links_to_its_consistency_with_the_one_before(desk):
    desk.post("/ledger/checkpoints/seal/")
    page = desk.get("/ledger/checkpoints/").content.decode()
    assert "/ledger/consistency/?first=5&amp;second=7" in page


def test_a_restored_checkpoint_whose_time_nobody_knows_says_so(desk, cast, enter):
    enter(cast.anda)
    head, latest = Head.objects.get(), Checkpoint.objects.get()
    signer, now = signer_of(head.log_id), (head.size, bytes(head.root))
    proof = tuple(consistency_proof(latest.size, head.size))
    note = signer.sign(
        TreeHead(head.origin, *now), Growth(latest.size, bytes(latest.root), proof), None, time=9
    )
    assert _stated_time(Note.parse(note)).timestamp() == 9  # POSIX seconds, as the log signed
    untimed = Note(Note.parse(note).text, Note.parse(note).lines[:1])
    assert _stated_time(untimed) is None
    run_bound("SELECT ledger_seal(%b, %b, %b, NULL)", [*now, untimed.to_bytes()])
    paths, words = ("/ledger/", "/ledger/checkpoints/"), "when it was sealed is not known"
    for path in paths:
        page = desk.get(path).content.decode()
        assert words in page and "First cosigned" not in page
    enter(cast.anda)
    line = cosign_text(untimed.text, KEY.name, SECRET, 1_790_000_000).text().rstrip("\n")
    Cosignature.objects.create(
        size=head.size, cosigner=KEY.name, vkey=KEY.vkey(), line=line, cosigned_at=AT
    )
    assert all("First cosigned" in desk.get(path).content.decode() for path in paths)


def test_an_entry_shows_its_proof_and_content(desk):
    page = desk.get("/ledger/entries/3/").content.decode()
    assert "This entry is proven" in page
    assert "Offering circular" in page
    assert "No checkpoint covers" in desk.get("/ledger/entries/6/").content.decode()
    assert desk.get("/ledger/entries/700/").status_code == 404
    assert desk.get("/ledger/entries/6/proof").status_code == 409


def test_who_may_not_read_payloads_sees_the_proof_alone(desk, cast, client_of):
    page = client_of(cast.officer, cast.tenants.anda).get("/ledger/entries/3/").content.decode()
    assert "This entry is proven" in page
    assert "Offering circular" not in page


def test_a_row_of_a_tape_has_two_roots_each_by_its_name(desk, cast):
    with tenant_context(cast.tenants.anda):
        records = [(uuid.uuid4(), {"vin": vin}) for vin in "AB"]
        drafts = rows(kind="lease.recorded", records=records, ts=AT)
        fields = {"file_sha256": "00" * 32, "rows": "2"}
        tape, row, _row = services.append_tape(rid=uuid.uuid4(), fields=fields, rows=drafts, at=AT)
        services.seal_checkpoint(at=AT)
    page = desk.get(f"/ledger/entries/{row.index}/").content.decode()
    assert page.count("the root that the tape signs") == 1
    assert page.count("the root that the checkpoint signs") == 1
    assert page.count("This row, as it was signed") == 1


def test_pages_say_which_key_of_a_log_is_current(desk, cast, client_of):
    assert "current, since the beginning" in desk.get("/ledger/checkpoints/").content.decode()
    with tenant_context(cast.tenants.anda):
        index = rotate_log_key(at=AT).index
        send_parcels(to_tenant=cast.tenants.trust, at=AT)
        first, newest = (key.vkey() for key in own_log_keys().all)
    for path in ("checkpoints/", "trust/"):
        page = desk.get(f"/ledger/{path}").content.decode()
        assert page.count(f"current, since entry {index}") == 2  # Ed25519 and ML-DSA-44
        assert page.count(f"from the beginning, replaced at entry {index}") == 2
        assert page.index(newest) < page.index(first)
    with tenant_context(cast.tenants.trust):
        receive_parcels(from_tenant=cast.tenants.anda, at=AT)
    trust = client_of(cast.analyst, cast.tenants.trust)
    page = trust.get(f"/ledger/copies/{cast.tenants.anda.pk}/").content.decode()
    followed, pinned = page.index("followed from the one"), page.index("pinned at first contact")
    assert followed < page.index(newest) < pinned < page.index(first)


def test_a_tampered_entry_is_shown_as_such(desk, cast, monkeypatch):
    from ledger import explorer

    other = NoteKey(explorer_key(cast).name, 1, b"\x01" * 32)
    monkeypatch.setattr(explorer, "own_log_keys", lambda: LogKeys.single(other))
    assert "does not verify" in desk.get("/ledger/entries/3/").content.decode()


def explorer_key(cast) -> NoteKey:
    from ledger import explorer

    with tenant_context(cast.tenants.anda):
        return explorer.own_log_keys().newest


def test_downloads_verify_offline(desk, cast):
    response = desk.get("/ledger/entries/3/proof")
    assert response["Content-Disposition"].endswith('.tlog-proof"')
    with tenant_context(cast.tenants.anda):
        leaf = bytes(Entry.objects.get(index=3).leaf)
    verify_proof(TlogProof.parse(response.content), leaf, explorer_key(cast))
    bundle = b"".join(desk.get("/ledger/export").streaming_content)
    report = verify_bundle(io.BytesIO(bundle), pinned=explorer_key(cast))
    assert (report.entries, report.cosignatures) == (5, 1)


def test_sealing_covers_the_rest(desk, cast):
    assert desk.post("/ledger/checkpoints/seal/").status_code == 302
    assert "This entry is proven" in desk.get("/ledger/entries/6/").content.decode()
    assert desk.get("/ledger/checkpoints/seal/").status_code == 405


def test_the_copy_is_shown_and_proven_on_the_other_side(desk, cast, client_of):
    trust = client_of(cast.analyst, cast.tenants.trust)
    source = cast.tenants.anda.pk
    assert "Anda" in trust.get("/ledger/copies/").content.decode()
    assert trust.get(f"/ledger/copies/{source}/").status_code == 200
    page = trust.get(f"/ledger/copies/{source}/entries/3/").content.decode()
    assert "This entry is proven" in page
    assert "Offering circular" in page
    proof = trust.get(f"/ledger/copies/{source}/entries/3/proof")
    with tenant_context(cast.tenants.anda):
        leaf = bytes(Entry.objects.get(index=3).leaf)
    verify_proof(TlogProof.parse(proof.content), leaf, explorer_key(cast))
    assert trust.get(f"/ledger/copies/{uuid.uuid4()}/").status_code == 404
    assert trust.get(f"/ledger/copies/{source}/entries/300/").status_code == 404


@pytest.mark.parametrize(
    "path", ["", "checkpoints/", "copies/", "entries/3/", "entries/3/proof", "export"]
)
def test_strangers_and_outsiders_see_nothing(desk, cast, client_of, path):
    stranger = client_of(None, cast.tenants.anda).get(f"/ledger/{path}")
    assert stranger.status_code == 302
    outsider = client_of(cast.rival_manager, cast.tenants.anda).get(f"/ledger/{path}")
    assert outsider.status_code == 302  # who is no member here is a stranger here


def test_permissions_of_export_and_seal(desk, cast, client_of):
    officer = client_of(cast.officer, cast.tenants.anda)
    assert officer.get("/ledger/export").status_code == 403
    assert officer.post("/ledger/checkpoints/seal/").status_code == 403


def test_pages_of_an_empty_log(cast, client_of):
    auditor = client_of(cast.auditor, cast.tenants.auditor)
    for path in ("", "checkpoints/", "copies/"):
        assert auditor.get(f"/ledger/{path}").status_code == 200
    assert auditor.get("/ledger/export").status_code == 409


def test_whoever_has_no_account_verifies_on_the_platforms_host(cast, client_of, db):
    for language, words in (("en", "nothing is sent"), ("zh-hans", "不会发送")):
        page = client_of(None, cast.public, language=language).get("/verify/")
        text = page.content.decode()
        assert page.status_code == 200
        assert words in text and "pinned-key" in text and "explorer/verify.js" in text
        assert "unsafe" not in page["Content-Security-Policy"]
        assert "Anda" not in text and "安达" not in text
    assert 'href="/verify/"' in client_of(None, cast.public).get("/").content.decode()


def test_everything_is_in_chinese_too(desk, cast, client_of):
    chinese = client_of(cast.manager, cast.tenants.anda, language="zh-hans")
    for path, word in (("", "账本"), ("checkpoints/", "检查点"), ("entries/3/", "已证明")):
        assert word in chinese.get(f"/ledger/{path}").content.decode()


def test_the_log_page_takes_as_many_queries_for_many_entries(
    desk, cast, django_assert_max_num_queries
):
    desk.get("/ledger/")
    with django_assert_max_num_queries(25):
        desk.get("/ledger/")
    with tenant_context(cast.tenants.anda):
        append(30)
    with django_assert_max_num_queries(25):
        desk.get("/ledger/")


# -- API ---------------------------------------------------------------------------------------


def test_api_proof_can_be_checked_without_us(desk):
    answer = desk.get("/api/v1/ledger/entries/3/proof").json()
    leaf = base64.b64decode(answer["leaf"])
    note = Note.parse(answer["checkpoint"].encode())
    verify_note(note, [NoteKey.parse(answer["log_key"])])
    root = base64.b64decode(note.text.split("\n")[2])
    hashes = [base64.b64decode(item) for item in answer["proof"]]
    verify_inclusion(3, int(answer["size"]), leaf_hash(leaf), hashes, root)


def test_api_problems_are_named(desk, cast, client_of):
    assert desk.get("/api/v1/ledger/entries/6/proof").json()["code"] == "not_sealed"
    assert desk.get("/api/v1/ledger/entries/60/proof").json()["code"] == "no_such_entry"
    for query in ("", "?first=1", "?first=x&second=2", "?first=3&second=2", "?first=0&second=2"):
        answer = desk.get(f"/api/v1/ledger/consistency{query}")
        assert (answer.status_code, answer.json()["errors"][0]["field"]) == (
            422,
            "second" if query == "?first=1" else "first",
        )
    assert desk.get("/api/v1/ledger/consistency?first=3&second=400").status_code == 404
    outsider = client_of(cast.rival_manager, cast.tenants.anda)
    for path in ("entries/3/proof", "checkpoint", "consistency?first=1&second=2"):
        assert outsider.get(f"/api/v1/ledger/{path}").status_code == 401


def test_api_consistency_and_checkpoint(desk, cast):
    desk.post("/ledger/checkpoints/seal/")
    note = desk.get("/api/v1/ledger/checkpoint")
    assert note["Content-Type"].startswith("text/plain")
    with tenant_context(cast.tenants.anda):
        old, new = Checkpoint.objects.order_by("size")
    assert base64.b64encode(bytes(new.root)) in note.content
    answer = desk.get(f"/api/v1/ledger/consistency?first={old.size}&second={new.size}").json()
    hashes = [base64.b64decode(item) for item in answer["proof"]]
    verify_consistency(old.size, new.size, hashes, bytes(old.root), bytes(new.root))


# -- what the reader's own browser verifies ----------------------------------------------------


def test_raw_bytes_of_an_entry_verify(desk, cast, client_of):
    answer = desk.get("/ledger/entries/3/leaf")
    assert answer["Content-Type"] == "application/octet-stream"
    proof = TlogProof.parse(desk.get("/ledger/entries/3/proof").content)
    verify_proof(proof, answer.content, explorer_key(cast))
    trust = client_of(cast.analyst, cast.tenants.trust)
    source = cast.tenants.anda.pk
    assert trust.get(f"/ledger/copies/{source}/entries/3/leaf").content == answer.content
    assert trust.get(f"/ledger/copies/{source}/entries/300/leaf").status_code == 404
    assert (
        f'data-key="{explorer_key(cast).vkey()}"' in desk.get("/ledger/entries/3/").content.decode()
    )


def test_any_two_checkpoints_are_joined(desk, cast):
    assert "not two checkpoints" in desk.get("/ledger/consistency/").content.decode()
    desk.post("/ledger/checkpoints/seal/")
    page = desk.get("/ledger/consistency/").content.decode()
    assert "first=5&amp;second=7" in page
    answer = desk.get("/ledger/consistency/proof?first=5&second=7").json()
    roots = []
    for name in ("first", "second"):
        note = Note.parse(answer[name].encode())
        verify_note(note, [NoteKey.parse(answer["log_keys"][0])])
        roots.append(base64.b64decode(note.text.split("\n")[2]))
    hashes = [base64.b64decode(item) for item in answer["proof"]]
    verify_consistency(5, 7, hashes, *roots)
    assert "is the larger one" in desk.get("/ledger/consistency/?first=7&second=5").content.decode()
    for query in ("?first=7&second=5", "?first=5&second=6", "?first=x", ""):
        assert desk.get(f"/ledger/consistency/proof{query}").status_code == 404
    assert "stays in your browser" in desk.get("/ledger/verify/").content.decode()


def test_an_auditor_whom_nobody_shows_a_ledger_reads_what_to_do(cast, client_of):
    for language, words in (("en", "add the relationship"), ("zh-hans", "请平台运营方添加该关系")):
        auditor = client_of(cast.auditor, cast.tenants.auditor, language=language)
        for path in ("", "copies/"):
            assert words in auditor.get(f"/ledger/{path}").content.decode()
    Relationship.objects.create(sender=cast.tenants.anda, receiver=cast.tenants.auditor)
    page = client_of(cast.auditor, cast.tenants.auditor).get("/ledger/").content.decode()
    assert "add the relationship" not in page and "under Copies" in page


def test_times_of_receipt_say_that_they_are_the_servers(desk, cast):
    """A demo's calendar keeps no step with the wall's clock: nobody shall think of forged dates."""
    for is_demo in (True, False):
        Tenant.objects.filter(pk=cast.tenants.anda.pk).update(is_demo=is_demo)
        page = desk.get("/ledger/").content.decode()
        assert "Received by the server" in page
        assert ("is the clock on the wall" in page) is is_demo


def test_institutions_have_chinese_names_on_chinese_pages(desk, cast, client_of, settings):
    """Also where a job of another language wrote the name down, and in the way back."""
    settings.COUNTERPARTY_WITNESSES = "https://{host}/witness"
    with tenant_context(cast.tenants.anda):
        domain = cast.tenants.trust.get_primary_domain().domain
        url = f"https://{domain}/witness"
        WitnessWord.objects.create(url=url, name="Huaxin Trust", size=4, asked_at=AT)
    own = client_of(cast.manager, cast.tenants.anda, language="zh-hans")
    page = own.get("/ledger/trust/").content.decode()
    assert "华信信托" in page and "Huaxin Trust" not in page
    assert "此后已联署 5" in page  # what was heard is older than what was cosigned
    trust = client_of(cast.analyst, cast.tenants.trust, language="zh-hans")
    assert "安达租赁" in trust.get("/ledger/trust/").content.decode()  # whose log it witnesses
    copy = trust.get(f"/ledger/copies/{cast.tenants.anda.pk}/entries/3/").content.decode()
    assert "安达租赁" in copy and "Anda Leasing" not in copy
