"""Proofs for people: asked for, verified here, kept, and proven offline by anybody."""

import re
import subprocess
import sys
import uuid
from dataclasses import replace
from datetime import timedelta
from urllib.parse import urlsplit

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.ed25519 import SecretKey
from ledger.core.notes import Note, NoteKey, cosign_text, cosigner_key
from ledger.core.title_proof import TitleProof
from ledger.core.title_root import SignedRoot
from ledger.models import Cosignature, TitleAlarm, TitleProofKept
from ledger.selectors import latest_checkpoint
from ledger.services.disclosure import disclosure_file
from ledger.titles import asking, views
from ledger.titles.alarms import compare
from ledger.titles.keys import root_key
from ledger.titles.problems import AskedTooOften, NoEpochYet, NotScreened, ProofDoesNotHold
from ledger.titles.writing import write_roots
from ledger.verifier.state import Lie
from ledger.verifier.title import prove_title
from ledger.witnessing.trust import set_policy
from tenants.jobs import run_waiting_jobs
from tenants.models import PublishedKey, TitleQuery
from tests.ledger.root_secrets import root_secret
from tests.ledger.test_second_verifier import both, by_node
from tests.ledger.test_title_epochs import NOW, held, sealed, vin
from tests.ledger.title_desk import AT, BY, ask, by_command, key_of


def test_free_held_and_taken_are_proven_each_to_whom_it_concerns(proven):
    assert ask(proven.trust, proven.two).verdict == "free"
    mine, others = ask(proven.trust, proven.one), ask(proven.anda, proven.one)
    assert (mine.verdict, others.verdict) == ("held", "taken")
    found = prove_title(
        bytes(mine.file), pinned=[key_of(proven.trust)], title_key=root_key(), portable=True
    )
    assert found.answers[0][1].opening.holder == str(proven.trust.pk)
    assert found.signed.root == proven.signed.root
    told = bytes(others.file)
    assert str(proven.trust.pk).encode() not in told and b'"opening":null' in told


def test_a_file_is_downloaded_under_what_was_cosigned_since(proven, client_of):
    made, witness = ask(proven.trust, proven.two), cosigner_key("w.test", SecretKey(b"w" * 32))
    with tenant_context(proven.trust):
        set_policy(text=f"witness w {witness.vkey()}\nquorum w\n", by=BY, at=AT)
        checkpoint = latest_checkpoint()
        text = Note.parse(bytes(checkpoint.note)).text
        line = cosign_text(text, "w.test", SecretKey(b"w" * 32), 1_790_000_000).text().rstrip("\n")
        Cosignature.objects.create(
            size=checkpoint.size, vkey=witness.vkey(), cosigner="w.test", cosigned_at=AT, line=line
        )
    got = client_of(proven.portfolio_manager, proven.trust).get(f"/ledger/titles/proofs/{made.pk}")
    assert b"w.test" in got.content and b"w.test" not in bytes(made.file)
    prove_title(got.content, pinned=[key_of(proven.trust)], title_key=root_key(), portable=True)


def test_a_pool_is_proven_in_one_file(proven):
    made, others = ask(proven.trust, proven.pool), ask(proven.anda, proven.pool)
    assert (made.answers, made.verdict, made.taken) == (2, "mixed", [])
    assert (others.verdict, others.taken) == ("taken", [str(proven.one)])
    said = by_node([bytes(others.file)])[0]["proven"]
    assert [answer["verdict"] for answer in said["answers"]] == ["taken", "free"]
    file = TitleProof.parse(bytes(others.file))
    twice = TitleProof((*file.answers, file.answers[0]), file.entry).to_bytes()
    none = TitleProof((), file.entry).to_bytes()
    for broken in (twice, none):
        with pytest.raises(Lie, match="format"):
            prove_title(broken)
    assert [one["lie"]["part"] for one in by_node([twice, none])] == ["format", "format"]


def test_the_command_proves_a_file_without_us(proven, tmp_path):
    path = tmp_path / "one.title-proof"
    path.write_bytes(bytes(ask(proven.trust, proven.two).file))

    def run(*more):
        done = subprocess.run(
            [sys.executable, "-m", "ledger.verifier", str(path), *more],
            capture_output=True,
            text=True,
            timeout=60,
        )
        return done.returncode, done.stdout + done.stderr

    log_key = key_of(proven.trust).vkey()
    code, told = run("--log-key", log_key, "--title-key", root_key().vkey(), "--portable")
    assert code == 0
    assert f"nobody held 'receivables' on '{vin(2).upper()}'" in told
    assert run()[0] == 3
    assert run("--log-key", key_of(proven.anda).vkey())[0] == 2  # of another log: no lie
    assert run("--log-key", log_key, "--title-key", "nonsense")[0] == 2
    other = NoteKey(root_key().name, 1, key_of(proven.anda).public)
    in_javascript = by_command(path, "--title-key", other.vkey(), log_key)
    code, told = run("--log-key", log_key, "--title-key", other.vkey())
    assert (in_javascript.returncode, in_javascript.stdout) == (code, told)
    assert (code, told) == (
        1, "LIE    file: root: the registry's key is not the one that you trust\n",
    )  # fmt: skip
    path.write_bytes(path.read_bytes().replace(vin(2).upper().encode(), vin(1).upper().encode()))
    code, told = run("--log-key", log_key)
    assert code == 1 and told.startswith("LIE    file: map: the VRF's proof does not hold")


def test_both_commands_ask_for_the_quorum_of_a_policy(proven, tmp_path):
    path, policy = tmp_path / "one.title-proof", tmp_path / "policy"
    path.write_bytes(bytes(ask(proven.trust, proven.two).file))
    log, other = key_of(proven.trust).vkey(), cosigner_key("w.example/w", SecretKey(bytes(32)))
    for quorum, code in (("none", 0), ("w", 1)):
        policy.write_text(f"log {log}\nwitness w {other.vkey()}\nquorum {quorum}\n")
        python = subprocess.run(
            [sys.executable, "-m", "ledger.verifier", str(path), "--policy", str(policy)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        in_javascript = by_command(path, "--policy", str(policy))
        assert (python.returncode, in_javascript.returncode) == (code, code), in_javascript
        assert not code or python.stdout == in_javascript.stdout


def test_a_witness_under_the_logs_own_name_counts_in_every_kind_of_file(proven, tmp_path):
    """A policy knows witnesses by their keys: the log's second key as one, which it did not pin."""
    paths = {kind: tmp_path / kind for kind in ("export", "disclosure", "title", "proof", "policy")}
    paths["title"].write_bytes(bytes(ask(proven.trust, proven.two).file))
    with tenant_context(proven.trust):
        paths["disclosure"].write_bytes(disclosure_file(index=1, names=["kid"]))
        with paths["export"].open("wb") as stream:
            services.export_ledger(stream=stream, at=AT)
        paths["proof"].write_bytes(selectors.proof_file(1))
        (tmp_path / "leaf").write_bytes(bytes(selectors.entry(1).leaf))
        keys = PublishedKey.objects.filter(tenant=proven.trust)
        log, second = (
            keys.get(purpose=one).key for one in (PublishedKey.LOG, PublishedKey.LOG_MLDSA)
        )
    paths["policy"].write_text(f"log {log}\nwitness w {second}\nquorum w\n")
    for kind in ("export", "disclosure", "title", "proof"):
        leaf = ["--leaf", str(tmp_path / "leaf")] if kind == "proof" else []
        code, *said = both(paths[kind], *leaf, "--policy", str(paths["policy"]))
        assert code == 0, (kind, said)
        assert all("whether others were shown" in words for words in said), (kind, said)


def test_nobody_asks_for_what_is_none_of_its_business(proven):
    stranger = proven.xingyu
    for claim, said in ((uuid.uuid4(), vin(1)), (proven.two, vin(1)), (proven.one, None)):
        proven.own |= {claim: said}
        with pytest.raises(NotScreened):
            ask(stranger, claim)
    with tenant_context(stranger):
        assert not TitleProofKept.objects.exists()


def test_questions_are_kept_and_limited(proven, monkeypatch):
    monkeypatch.setattr(asking, "LIMIT", 2)
    for _time in range(2):
        ask(proven.trust, proven.two)
    with pytest.raises(AskedTooOften):
        ask(proven.trust, proven.two)
    assert ask(proven.anda, proven.two).verdict == "free"  # each institution has its own limit
    assert ask(proven.trust, proven.two, minutes=12).verdict == "free"
    assert TitleQuery.objects.filter(tenant=proven.trust, claim_id=proven.two).count() == 3
    monkeypatch.setattr(asking, "LIMIT_A_DAY", 4)
    with pytest.raises(AskedTooOften):
        ask(proven.trust, proven.pool, minutes=30)


def test_before_an_epoch_stands_under_a_checkpoint_there_is_no_proof(desk):
    [claim] = held(desk, 1)
    desk.own[claim] = vin(1)
    sealed()
    with tenant_context(desk.trust):
        write_roots(at=NOW)
    with pytest.raises(NoEpochYet):
        ask(desk.trust, claim)


def test_an_answer_that_does_not_hold_is_not_kept(proven, monkeypatch):
    """The platform's answer is verified against the root on one's own ledger, not believed."""
    honest = asking.look_up

    def hiding(indexes, epoch):
        return {i: type(f)(None, f.proof) for i, f in honest(indexes, epoch).items()}

    monkeypatch.setattr(asking, "look_up", hiding)
    with pytest.raises(ProofDoesNotHold, match="does not show that nothing stands"):
        ask(proven.anda, proven.one)
    with tenant_context(proven.anda):
        assert not TitleProofKept.objects.exists()
        assert TitleAlarm.objects.get().kind == "unproven"


def test_the_page_says_how_long_until_the_next_epoch_whatever_day_a_demo_is_at(
    proven, client_of, settings
):
    """Epochs are dated by the wall: beside a demo's days a moment of it would be long past."""
    desk = client_of(proven.analyst, proven.tenants.trust)
    zh = client_of(proven.analyst, proven.tenants.trust, language="zh-hans")
    passed = (timezone.now() - NOW) // timedelta(minutes=1)
    for minutes, told, told_zh in (
        (passed - 1, "is sealed once something changes", "一有变化即封存下一期"),
        (passed + 30, r"in (29|30) minutes at the earliest", r"最早在 (29|30) 分钟后"),
    ):
        settings.TITLE_EPOCH_MINUTES = minutes
        page = desk.get("/ledger/titles/").content.decode()
        assert re.search(told, page) and "not before" not in page
        assert "not by the days of the demo" in page
        assert re.search(told_zh, zh.get("/ledger/titles/").content.decode())


def test_pages_show_epochs_proofs_and_alarms(proven, client_of):
    client = client_of(proven.analyst, proven.tenants.trust)
    page = client.get("/ledger/titles/")
    assert page.status_code == 200 and b"Newest epoch" in page.content
    assert (b"no epoch for two days" in page.content) is (timezone.now() - NOW > timedelta(2))
    address = f"/ledger/titles/of/{proven.two}/"
    assert b"Ask as of epoch 1" in client.get(address).content
    assert urlsplit(client.post(f"{address}ask/").url).path == address
    page = client.get(address).content.decode()
    assert "Nobody holds the receivables" in page
    with tenant_context(proven.trust):
        pk = TitleProofKept.objects.get().pk
    file = client.get(f"/ledger/titles/proofs/{pk}")
    assert prove_title(file.content).verdict == "free"
    assert client.get(f"/ledger/titles/of/{uuid.uuid4()}/").status_code == 404
    investor = client_of(proven.investor, proven.tenants.trust)
    assert investor.get(f"/ledger/titles/proofs/{pk}").status_code == 403


def test_many_rights_are_asked_for_by_a_job(proven, client_of, monkeypatch):
    monkeypatch.setattr(views, "AT_ONCE", 1)
    client, address = (
        client_of(proven.analyst, proven.tenants.trust),
        f"/ledger/titles/of/{proven.pool}/",
    )
    for _time in range(2):  # who asks again while it is being made asks once
        assert client.post(f"{address}ask/").status_code == 302
    assert run_waiting_jobs() == 1
    page = client.get(address).content.decode()
    assert "We hold some of the receivables, nobody the others" in page and "2 leases" in page


def test_an_alarm_stands_on_the_page_with_both_statements(proven, client_of):
    other = replace(proven.signed.root, root=bytes(32))
    lie = SignedRoot(other, proven.signed.key, root_secret().sign(other.text().encode()))
    with tenant_context(proven.trust):
        compare(proven.signed.fields(), lie.fields(), proven.anda.pk, NOW)
        [alarm] = TitleAlarm.objects.all()
    client = client_of(proven.analyst, proven.tenants.trust, language="zh-hans")
    page = client.get("/ledger/titles/").content.decode()
    assert "登记处的说法不可依赖" in page and "同一期有两个根" in page
    evidence = client.get(f"/ledger/titles/alarms/{alarm.pk}").content
    assert evidence == proven.signed.note() + b"\n" + lie.note()
