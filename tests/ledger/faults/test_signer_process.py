"""Sealing processes and one signer at a socket, which is killed, and a database set back."""

import tempfile
import time
from pathlib import Path

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.checkpoints import open_checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.notes import Note, sign_text
from ledger.exchange.tasks import enqueue_exchange
from ledger.models import Checkpoint, Head
from ledger.problems import LogFrozen, LogHalted, RollbackRefused, SignerAway
from ledger.services import sealing_refused
from ledger.signing import signer_of
from ledger.signing.freeze import Contradiction
from ledger.signing.rules import Growth
from ledger.witnessing.hearing import Word, check_words
from tenants.models import User
from tests.cast import email
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import listen, start
from tests.ledger.faults.invariants import check_log
from tests.ledger.faults.test_sealers import one_history
from tests.ledger.rolled_back import append_unnoticed
from tests.ledger.test_signer_process import SignerProcess

ROUNDS = 30


@pytest.fixture
def apart(field, monkeypatch):
    """The field, whose logs a process of its own signs; yields that process."""
    with tempfile.TemporaryDirectory(prefix="ll-signer-") as folder:
        process = SignerProcess(Path(folder))
        process.keys = Path(settings.KEY_DIR) / "logs"  # where the tests look for its memory
        monkeypatch.setattr(settings, "SIGNER_SOCKET", process.socket)
        process.start()
        yield process
        process.end()


def _burst(tenant, rounds, answer):
    """Append and seal in turn; where the signer is away, entries go on and sealing waits."""
    with tenant_context(tenant):
        for _ in range(rounds):
            services.append_entry(draft=document())
            while True:
                try:
                    answer(services.seal_checkpoint(at=AT).size)
                    break
                except SignerAway:
                    answer(0)
                    time.sleep(0.2)


def test_a_signer_killed_in_a_burst_of_two_sealers_makes_one_history(field, apart):
    field.open()
    sealers = [start(lambda answer: _burst(field.lessor, ROUNDS, answer)) for _ in range(2)]
    for _ in range(2):
        time.sleep(0.4)
        apart.kill()
        apart.start()
    found = [listen(child) for child in sealers]
    assert all(crash.finished for crash in found)
    answered = [size for crash in found for size in crash.answered]
    assert 0 in answered, "nobody met the killed signer"
    state = one_history(field.lessor)
    assert {*answered} - {0} <= set(state.checkpoints)
    with tenant_context(field.lessor):
        head = Head.objects.get()
        newest = Checkpoint.objects.order_by("-size")[0]
        assert signer_of(head.log_id).last() == (newest.size, bytes(newest.root))
        open_checkpoint(bytes(newest.note), signer_of(head.log_id).key(head.origin))


def test_a_database_that_went_back_is_refused_across_the_socket(field, apart):
    with tenant_context(field.lessor):
        services.append_entry(draft=document())
        services.seal_checkpoint(at=AT)
        with pytest.raises(ZeroDivisionError), transaction.atomic():
            services.append_entry(draft=document())
            head, signer = Head.objects.get(), signer_of(Head.objects.get().log_id)
            size, root = signer.last()
            tree = TreeHead(head.origin, head.size, bytes(head.root))
            proof = tuple(selectors.consistency_proof(size, head.size))
            signer.sign(tree, Growth(size, root, proof), None)
            raise ZeroDivisionError  # as if the newer rows had been lost
        for _ in range(3):  # shorter, as long, longer: never an extension of what was signed
            with pytest.raises(RollbackRefused):
                services.seal_checkpoint(at=AT)
            assert sealing_refused().code == "rollback_refused"
            append_unnoticed([document()])
        assert signer.last() == (tree.size, tree.root)


def test_pages_say_that_the_signer_is_away_and_entries_go_on(field, apart, client_of):
    field.open()
    apart.kill()
    with tenant_context(field.lessor):
        before = selectors.log_size()
        services.append_entry(draft=document())
        assert selectors.log_size() == before + 1
        assert sealing_refused().code == "signer_away"
        enqueue_exchange(tenant=field.lessor)  # nothing to seal until it is back; no failure
    manager = User.objects.get(email=email("manager"))
    client = client_of(manager, field.lessor)
    page = client.get("/ledger/")
    assert page.status_code == 200 and "signer does not answer" in page.content.decode()
    home, own = client.get("/").content.decode(), page.content.decode()
    assert "entries are taken, nothing is signed" in home and "stands still" not in home
    assert "Tell your operator" in own and apart.socket not in own
    refused = client.post("/ledger/checkpoints/seal/")
    assert refused.status_code == 503 and "Tell your operator" in refused.content.decode()
    assert apart.socket not in refused.content.decode()
    keyless = client.get("/ledger/checkpoints/")  # none yet whose quorum the log's keys would judge
    assert keyless.status_code == 200 and "signer does not answer" in keyless.content.decode()
    chinese = client_of(manager, field.lessor, language="zh-hans").get("/ledger/")
    assert "签名" in chinese.content.decode() and "请通知" in chinese.content.decode()
    apart.start()
    assert client.post("/ledger/checkpoints/seal/").status_code == 302
    check_log(field.lessor)


def test_a_freeze_is_not_resolved_by_a_process_that_may_only_ask(field, apart):
    """The command looks whether the log holds that tree, and names what the signer's user runs."""
    field.open()
    with tenant_context(field.lessor):
        log_id = Head.objects.get().log_id
        signer_of(log_id).freeze.set(Contradiction("w", 0, 5, "2026-11-01T08:00:00+00:00"))
    with pytest.raises(CommandError, match=f"resolve {log_id} --reason 'it lies' --anyway"):
        call_command("resolve_frozen_log", "anda", reason="it lies", anyway=True)
    with tenant_context(field.lessor):
        assert signer_of(log_id).freeze.read() is not None


def _signed_beside(log_id, origin, size):
    """Another tree, signed with the log's key past its signer: what a fork looks like."""
    secret = SecretKey((Path(settings.KEY_DIR) / "logs" / log_id / "seed").read_bytes())
    tree = TreeHead(origin, size, b"\7" * 32)
    return tree, Note(tree.text(), (sign_text(tree.text(), origin, secret),)).to_bytes()


def test_a_fork_in_the_past_is_proven_to_a_signer_apart(field, apart):
    """The log shows what it has at that size, and that what was signed last extends it."""
    with tenant_context(field.lessor):
        for _ in range(5):
            services.append_entry(draft=document())
        services.seal_checkpoint(at=AT)
        head = Head.objects.get()
        shown = _signed_beside(head.log_id, head.origin, head.size - 2)
        with pytest.raises(LogFrozen):
            check_words([Word("w", "", 1.0, shown)], head, at=AT)
        assert signer_of(head.log_id).freeze.read().proven
        with pytest.raises(LogFrozen):
            services.seal_checkpoint(at=AT)
        with pytest.raises(LogHalted, match="with this log's own signature"):
            services.append_entry(draft=document())
