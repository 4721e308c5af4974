"""What pages and commands say of witnesses."""

import io

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.notes import MAX_SIGNATURES, Note, NoteKey, cosign_text, cosigner_key
from ledger.core.witness import SIZE_TYPE, response_of
from ledger.models import Cosignature, Head, Witness, WitnessedLog
from ledger.selectors import latest_checkpoint, signed_note
from ledger.services.disclosure import disclosure_file
from ledger.verifier.__main__ import main
from ledger.witnessing import trust
from ledger.witnessing.asking import (
    MAX_KEYS,
    ask_witness,
)
from ledger.witnessing.trust import newest_met, policy_text, set_policy, standings
from tenants.database.bound import run_bound
from tenants.models import PublishedKey
from tests.ledger.outside import AT, KEY, KEYS, MANY, SECRET, grow
from tests.ledger.reading_pages import english
from tests.ledger.rolled_back import note


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
        assert english(answer.content.decode())
        chinese = client_of(cast.manager, cast.tenants.anda, language="zh-hans")
        assert english(chinese.post("/ledger/trust/policy/", {"text": bad}).content.decode()) == []
    emptied = desk.post("/ledger/trust/policy/", {"text": " \n"}, follow=True).content.decode()
    assert "the default counts" in emptied and "policy is set" not in emptied
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


def test_broken_cosignatures_hide_no_older_checkpoint_that_meets_the_policy(witness, cast, enter):
    """Who serves may store any: the database verifies no signatures."""
    enter(cast.tenants.anda)
    text = f"witness w {KEY.vkey()}\nquorum w\n"
    set_policy(text=text, by=cast.manager.pk, at=AT)
    ask_witness(witness, at=AT)
    met = latest_checkpoint()
    for _ in range(6):
        newer = grow()
        Cosignature.objects.create(
            size=newer.size, vkey=KEY.vkey(), cosigner="w.test", cosigned_at=AT,
            line=line_of(met, "w.test", SECRET),  # of another tree
        )  # fmt: skip
    assert newest_met(0) == met
    # one whose note is nobody's hides it no more
    services.append_entry(draft=note())
    head = Head.objects.get()
    foreign = f"{head.origin}\n{head.size}\n{b64(bytes(head.root))}\n".encode()
    run_bound("SELECT ledger_seal(%b, %b, %b, now())", [head.size, bytes(head.root), foreign])
    Cosignature.objects.create(
        size=head.size, vkey=KEY.vkey(), cosigner="w.test", cosigned_at=AT, line="x"
    )
    assert newest_met(0) == met
    set_policy(text="quorum none\n", by=cast.manager.pk, at=AT)
    assert newest_met(0) is not None


def test_more_cosignatures_than_one_look_takes_hide_none_either(witness, cast, enter, monkeypatch):
    enter(cast.tenants.anda)
    text = f"witness w {KEY.vkey()}\nwitness v {KEYS[1]}\ngroup g all w v\nquorum g\n"
    set_policy(text=text, by=cast.manager.pk, at=AT)
    first = latest_checkpoint()
    met = grow()
    rows = [(met, "w.test", KEY.vkey(), SECRET), (met, "w.test", KEYS[1], MANY[1])]
    rows += [(grow(), "w.test", KEYS[1], MANY[1]) for _ in range(4)] + [(first, *rows[0][1:])]
    for checkpoint, name, vkey, secret in rows:
        Cosignature.objects.create(
            size=checkpoint.size, vkey=vkey, cosigner=name, cosigned_at=AT,
            line=line_of(checkpoint, name, secret),
        )  # fmt: skip
    monkeypatch.setattr(trust, "LOOKED", 3)
    assert newest_met(0) == met


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
        answer = desk.post("/ledger/trust/witnesses/", good | change)
        assert answer.status_code == 422
        told = answer.content.decode().lower().count("not a verifier key")
        assert told == (change.get("vkeys") == "nonsense")  # once
    good["vkeys"] = "\n".join(KEYS[:4])
    before = "no checkpoint meets it before the new witness has cosigned one"
    assert before in desk.get("/ledger/trust/").content.decode()
    chinese = client_of(cast.manager, cast.tenants.anda, language="zh-hans")
    assert "最新检查点将不再满足信任策略" in chinese.get("/ledger/trust/").content.decode()
    said = desk.post("/ledger/trust/witnesses/", good, follow=True).content.decode()
    assert "Until it has cosigned a checkpoint, none meets the default policy" in said
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


def test_files_are_made_under_what_meets_the_policy(
    witness, cast, enter, client_of, tmp_path, capsys, django_assert_max_num_queries
):
    policy, path = tmp_path / "policy", tmp_path / "file"

    def refused(data: bytes | None = None, *more: str) -> bool:
        if data is not None:
            path.write_bytes(data)
        capsys.readouterr()
        enter(cast.tenants.anda)  # whatever ran before left it
        policy.write_text(policy_text())
        return main([str(path), "--policy", str(policy), *more]) != 0

    call_command("export_ledger", "anda", str(path))
    assert "refuses the file under that policy" in capsys.readouterr().out and refused()
    ask_witness(witness, at=AT)
    met = latest_checkpoint().size
    grow(2)
    call_command("export_ledger", "anda", str(path))
    assert "2 later entries are left out" in capsys.readouterr().out and not refused()
    call_command("export_ledger", "anda", str(path), "--newest")
    assert "are left out" not in capsys.readouterr().out and refused()
    desk = client_of(cast.manager, cast.tenants.anda)
    said = desk.get("/ledger/checkpoints/").content.decode()
    assert "2 later entries do not stand under such a" in said and "export?newest=1" in said
    assert not refused(b"".join(desk.get("/ledger/export").streaming_content))
    assert refused(b"".join(desk.get("/ledger/export?newest=1").streaming_content))
    leaf = tmp_path / "leaf"
    for index, is_refused in ((met - 1, False), (met, True)):  # no met checkpoint covers the latter
        leaf.write_bytes(desk.get(f"/ledger/entries/{index}/leaf").content)
        proof = desk.get(f"/ledger/entries/{index}/proof").content
        assert refused(proof, "--leaf", str(leaf)) is is_refused
        assert refused(disclosure_file(index=index, names=["n"])) is is_refused
    with django_assert_max_num_queries(11):
        assert newest_met(0).size == met
    written = io.BytesIO()
    found = services.export_ledger(stream=written, at=AT)
    assert (found.checkpoint.size, found.later, found.is_met) == (met, 2, True)
    assert not refused(written.getvalue())
    _assert_that_the_api_chooses_alike(desk, met, latest_checkpoint().size)


def _assert_that_the_api_chooses_alike(desk, met, newest):
    def said(index, query=""):
        answer = desk.get(f"/api/v1/ledger/entries/{index}/proof{query}").json()
        return [answer.get(name) for name in ("size", "newest_size", "meets_policy", "code")]

    chosen, last = [str(met), str(newest), True, None], [str(newest), str(newest), False, None]
    assert said(met - 1) == said(met - 1, "?checkpoint=met") == chosen
    assert said(met) == said(met - 1, "?checkpoint=newest") == last
    assert said(met, "?checkpoint=met")[-1] == "policy_not_met"
    assert said(met, "?checkpoint=best")[-1] == "invalid"
