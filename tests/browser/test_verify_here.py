"""The reader's browser verifies the ledger itself, and calls an altered answer of ours a lie."""

import uuid
from dataclasses import replace

import pytest
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.notes import NoteKey
from ledger.core.title_proof import TitleProof
from ledger.core.title_root import FIELDS, KIND, SignedRoot
from ledger.drafts import Draft
from ledger.models import Checkpoint, Entry, Head
from ledger.services.disclosure import disclosure_file
from ledger.signing import signer_of
from ledger.titles.asking import answers
from ledger.titles.books import Claim
from ledger.titles.keys import root_key
from tests.browser.test_every_page import WIDTH
from tests.ledger.root_secrets import root_secret
from tests.ledger.test_title_epochs import RIGHT, held, sealed, vin

AT = "2026-11-01T08:00:00.000000Z"


@pytest.fixture(scope="module")
def key(site) -> str:
    """A log of some entries under two checkpoints; its key."""
    with tenant_context(site.cast.tenants.anda):
        for count in (4, 3):
            drafts = [
                Draft.service(
                    kind="document.issued",
                    rid=uuid.uuid4(),
                    fields={"n": str(number), "language": "en", "amount_minor": "2680000"},
                    ts=AT,
                )
                for number in range(count)
            ]
            services.append_entries(drafts=drafts)
            services.seal_checkpoint(at=AT)
        head = Head.objects.get()
        return signer_of(head.log_id).key(head.origin).vkey()


def outcome(page, tone):
    return page.wait_for_selector(f"[data-outcome][data-state={tone}] strong").inner_text()


def pin(page, key):
    page.fill("#pinned-key", key)
    page.click("form[data-pin] button")


def test_an_entry_is_verified_here_and_the_pinned_key_remembered(open_page, sign_in, site, key):
    page = sign_in(open_page(), "manager", "anda", "/ledger/entries/3/")
    assert "no key is pinned" in outcome(page, "warning")
    pin(page, key)
    assert "Verified here" in outcome(page, "success")
    page.reload()
    assert "Verified here" in outcome(page, "success")
    other = NoteKey(NoteKey.parse(key).name, 1, SecretKey(b"x" * 32).public).vkey()
    pin(page, other)
    assert outcome(page, "danger") == "The log's key is not the one that you pinned"
    assert "not the one that you pinned" in page.inner_text("[data-echo]")  # above our own word
    assert page.locator("[data-server-word] .verdict--success").count() == 0
    pin(page, key)
    assert "Verified here" in outcome(page, "success")
    assert page.locator("[data-echo] *").count() == 0


def test_a_key_of_no_use_takes_the_verdict_away(open_page, sign_in, site, key):
    page = sign_in(open_page(), "manager", "anda", "/ledger/entries/3/")
    pin(page, key)
    assert "Verified here" in outcome(page, "success")
    pin(page, key[:-3])
    assert outcome(page, "warning") == "This is no verifier key"
    assert page.inner_text("body").count("This is no verifier key") == 1
    pin(page, key)
    assert "Verified here" in outcome(page, "success")
    pin(page, NoteKey("another.example/log", 1, SecretKey(b"x" * 32).public).vkey())
    assert outcome(page, "warning") == "This key is of another log: another.example/log"
    page.reload()
    assert "Verified here" in outcome(page, "success")


def test_a_proof_file_and_its_leaf(open_page, sign_in, site, key, tmp_path):
    page = sign_in(open_page(), "manager", "anda", "/ledger/entries/3/")
    proof, leaf, text = (tmp_path / name for name in ("3.tlog-proof", "3.leaf", "words.txt"))
    for path, name in ((proof, "Proof file"), (leaf, "Leaf")):
        with page.expect_download() as told:
            page.get_by_role("link", name=name, exact=True).click()
        told.value.save_as(path)
    text.write_text("Dear reader\n")
    page.goto(page.url.replace("/entries/3/", "/verify/"))

    def drop(*files):
        page.set_input_files("#files", [])
        page.set_input_files("#files", files)

    drop(proof, leaf)
    assert outcome(page, "warning") == "Holds together, but no key is pinned"
    assert "the signature was not verified" in page.inner_text("[data-outcome]")
    for wrong in ([text], [proof], [leaf], [proof, text]):
        drop(*wrong)
        page.locator("[data-outcome]", has_text="cannot be checked").wait_for()
        assert page.get_attribute("[data-outcome]", "data-state") == "warning"
    pin(page, key)
    page.reload()
    drop(leaf, proof)
    assert "Verified here" in outcome(page, "success")
    signed = proof.read_bytes()
    proof.write_bytes(signed[:-9] + bytes([signed[-9] ^ 1]) + signed[-8:])
    drop(leaf, proof)
    assert outcome(page, "danger") == "This is not true"
    proof.write_bytes(signed)
    page.set_input_files("#files", [])
    pin(page, NoteKey(NoteKey.parse(key).name, 1, SecretKey(b"x" * 32).public).vkey())
    drop(leaf, proof)
    assert outcome(page, "danger") == "The log's key is not the one that you pinned"


def test_an_altered_answer_is_told_as_a_lie(open_page, sign_in, site, key):
    with tenant_context(site.cast.tenants.anda):
        body = bytearray(Entry.objects.get(index=3).leaf)
    body[body.index(b'"ct_sha256":"') + 15] ^= 1
    told = {
        "en-GB": ("This is not true", "does not lead to the signed root"),
        "zh-CN": ("此内容不实", "证明得不出所签名的根"),
    }
    for language, (verdict, why) in told.items():
        page = open_page(language=language)
        page.route("**/entries/3/leaf", lambda route: route.fulfill(body=bytes(body)))
        sign_in(page, "manager", "anda", "/ledger/entries/3/")
        assert outcome(page, "danger") == verdict
        assert why in page.inner_text("[data-outcome]")


def test_consistency_is_verified_here_and_a_changed_hash_is_a_lie(open_page, sign_in, site, key):
    page = sign_in(open_page(phone=True), "manager", "anda", "/ledger/consistency/")
    pin(page, key)
    assert "Verified here" in outcome(page, "success")
    assert page.locator("[data-outcome] .proof__step").count() > 0

    with tenant_context(site.cast.tenants.anda):
        second, first = Checkpoint.objects.order_by("-size")
        hashes = [b64(item) for item in selectors.consistency_proof(first.size, second.size)]
        body = {
            "first": selectors.signed_note(first).decode(),
            "second": selectors.signed_note(second).decode(),
            "proof": [*hashes[:-1], b64(bytes(32))],
            "log_keys": [key, key],
        }
    page.route("**/consistency/proof*", lambda route: route.fulfill(json=body))
    page.reload()
    assert outcome(page, "danger") == "This is not true"


def test_disclosed_fields_are_shown_in_the_readers_words(open_page, sign_in, site, key, tmp_path):
    path = tmp_path / "3.disclosure"
    with tenant_context(site.cast.tenants.anda):
        path.write_bytes(disclosure_file(index=3, names={"n", "language", "amount_minor"}))
    page = sign_in(open_page(language="zh-CN"), "manager", "anda", "/ledger/verify/")
    page.set_input_files("#files", path)
    assert outcome(page, "warning")
    words = page.inner_text("[data-outcome]")
    assert "签发文件" in words  # the kind
    assert "语言" in words and "英文" in words  # a field and its code
    assert "language" in words  # and what was signed
    assert "¥26,800.00" in words and "2680000" in words
    assert "2026年11月1日" in words and AT not in words


def test_a_dropped_export_is_verified_without_being_sent(open_page, sign_in, site, key, tmp_path):
    path, bad = tmp_path / "anda.leaseledger", tmp_path / "bad.leaseledger"
    with tenant_context(site.cast.tenants.anda), path.open("wb") as stream:
        services.write_bundle(stream=stream)
    page = sign_in(open_page(), "manager", "anda", "/ledger/verify/")
    sent = []
    page.on("request", lambda request: sent.append(request.method))
    page.fill("#pinned-key", key)
    page.set_input_files("#files", path)
    assert "Verified here" in outcome(page, "success")
    assert "POST" not in sent
    data = bytearray(path.read_bytes())
    data[len(data) // 2] ^= 1
    bad.write_bytes(bytes(data))
    page.set_input_files("#files", bad)
    assert outcome(page, "danger") == "This is not true"
    assert page.inner_text("[data-outcome]").count("its bytes") <= 1
    cut, text = tmp_path / "cut.disclosure", tmp_path / "words.txt"
    cut.write_text('{"beside":[{"fields"')
    text.write_text("Dear reader")
    page.set_input_files("#files", [])
    page.set_input_files("#files", [path, text, bad, cut])  # the worst comes first
    assert outcome(page, "danger") == "This is not true"
    told = page.locator("[data-outcome] .verdict").all_inner_texts()
    wanted = {bad: "not true", cut: "cut short", text: "cannot be checked", path: "Verified here"}
    for words, (file, verdict) in zip(told, wanted.items(), strict=True):
        assert words.startswith(file.name) and verdict in words
    assert not page.evaluate(WIDTH)


@pytest.mark.parametrize("phone", [False, True])
def test_whoever_has_no_account_verifies_too(open_page, site, key, tmp_path, phone):
    path = tmp_path / "anda.leaseledger"
    with tenant_context(site.cast.tenants.anda), path.open("wb") as stream:
        services.write_bundle(stream=stream)
    page = open_page(phone=phone, language="zh-CN" if phone else "en-GB")
    page.goto(site.url("public", "/verify/"))
    page.set_input_files("#files", path)
    assert outcome(page, "warning")
    told = page.inner_text("[data-outcome]")
    assert key in told and NoteKey.parse(key).name in told  # what to compare with one's own
    assert not page.evaluate(WIDTH)
    page.fill("#pinned-key", key)
    page.set_input_files("#files", [])
    page.set_input_files("#files", path)
    assert outcome(page, "success")
    assert not page.evaluate(WIDTH)


def test_the_registrys_key_stands_beside_the_platforms_own(open_page, site, tmp_path):
    """A log's owner can make up a registry: its key is another than the platform's."""
    cast, made_up = site.cast.tenants, SecretKey(b"u" * 32)
    page = open_page(phone=True)
    path = tmp_path / "one.title-proof"
    [claim] = held(cast, 1)
    honest = sealed().root
    forged = replace(honest, origin="x/titles")
    other = NoteKey(forged.origin, 1, made_up.public)
    roots = {
        "warning": SignedRoot(honest, root_key(), root_secret().sign(honest.text().encode())),
        "danger": SignedRoot(forged, other, made_up.sign(forged.text().encode())),
    }
    page.goto(site.url("public", "/verify/"))
    for tone, signed in roots.items():
        with tenant_context(cast.anda):
            draft = Draft.service(kind=KIND, rid=uuid.uuid4(), fields=signed.fields(), ts=AT)
            (entry,) = services.append_entries(drafts=[draft])
            services.seal_checkpoint(at=AT)
            made = answers([Claim(claim, RIGHT, vin(1))], epoch=1, asker=cast.anda.pk)
            file = TitleProof(tuple(made), disclosure_file(index=entry.index, names=FIELDS))
        path.write_bytes(file.to_bytes())
        page.set_input_files("#files", [])
        page.set_input_files("#files", path)
        told = outcome(page, tone)
        words = page.inner_text("[data-outcome]")
        assert signed.key.vkey() in words and root_key().vkey() in words
        assert ("Both keys are the same" in words) is (tone == "warning")
        assert "Somebody held the receivables" in words
        assert page.evaluate(WIDTH) == 0
    assert told == "The registry's key in the file is not this platform's"
