"""A lost log is taken back while its signer, a process of its own, is frozen."""

import tempfile
from pathlib import Path

from django.conf import settings
from django.core.management import call_command
from django_tenants.utils import tenant_context

from ledger import services
from ledger.models import Head
from ledger.signing import signer_of
from ledger.signing.freeze import Contradiction
from tests.ledger.restoring import ask, give
from tests.ledger.rolled_back import forget_all
from tests.ledger.stage import AT
from tests.ledger.test_signer_process import SignerProcess


def test_the_command_that_take_names_ends_the_freeze(lost, monkeypatch, capsys):
    with tempfile.TemporaryDirectory(prefix="ll-signer-") as folder:
        apart = SignerProcess(Path(folder))
        apart.keys = Path(settings.KEY_DIR) / "logs"
        log_id = lost.before["head"][0]
        forget_all(apart.keys / log_id / "last.json")  # its folder was an old backup, too
        monkeypatch.setattr(settings, "SIGNER_SOCKET", apart.socket)
        apart.start()
        try:
            freeze = signer_of(log_id).freeze
            freeze.set(Contradiction("the trust", 4, 13, AT, lost.before["note"].decode()))
            ask(lost)
            assert give(lost) == 13
            call_command("restore_ledger", "take", "anda", "trust")
            said = capsys.readouterr().out
            command = f'python -m ledger.signing resolve {log_id} --reason "restored from a copy"'
            assert command in said and freeze.read().proven
            words = ("resolve", log_id, "--reason", "restored from a copy")
            resolving = apart.spawn("-m", "ledger.signing", *words)
            assert "may be signed again" in resolving.communicate(timeout=20)[0]
            assert resolving.returncode == 0 and freeze.read() is None
            with tenant_context(lost.lessor):
                sealed = services.seal_checkpoint(at=AT)
                assert sealed.size == Head.objects.get().size > 13
                assert signer_of(log_id).last() == (sealed.size, bytes(sealed.root))
        finally:
            apart.end()
