"""A log goes on from its only backup: by a person's act, and told to everybody."""

import io
import json

import pytest
from django.core.management import CommandError, call_command
from django.db import ProgrammingError, connection, transaction
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.encoding import b64
from ledger.log_keys import own_log_keys
from ledger.models import Entry, Halt, Head, Replica
from ledger.problems import NotErasable, RollbackRefused
from ledger.selectors import log_size, record, signed_note
from ledger.signed import newest_signed
from ledger.signing import signer_folder, signer_of
from ledger.signing.__main__ import main as by_its_user
from ledger.tiles.publishing import publish_tiles, store_of
from ledger.tiles.store import CHECKPOINT
from ledger.verifier.check import verify_bundle
from tests.ledger.outside import AT, grow
from tests.ledger.rolled_back import lose_what_was_signed, memory_file, note
from tests.ledger.test_asking import signed_by_us


@pytest.fixture
def log(cast, enter):
    """A log of five entries that stands still: seven were signed, and those were published."""
    enter(cast.tenants.anda)
    grow(3)
    lose_what_was_signed()
    size, root = signer_of(Head.objects.get().log_id).last()
    store_of(Head.objects.get().log_id).put(CHECKPOINT, signed_by_us(size, root))
    with pytest.raises(RollbackRefused) as refused:
        services.seal_checkpoint(at=AT)
    assert "resume_log" in str(refused.value) and "resume_log" not in refused.value.text("mend")
    cast.lost = size, root
    return cast


def resume(*more, reason="the disk burnt"):
    said = io.StringIO()
    call_command("resume_log", "anda", *more, reason=reason, stdout=said)
    return said.getvalue()


def exported():
    stream = io.BytesIO()
    services.export_ledger(stream=stream, at=AT, newest=True)
    stream.seek(0)
    return verify_bundle(stream, pinned=own_log_keys().first)


def test_the_log_goes_on_and_says_what_was_lost(log):
    with pytest.raises(CommandError, match=r"^7 entries .*has 5, .* a second history .*--confirm"):
        resume()
    assert Halt.objects.get().lifted_at is None and log_size() == 5
    said = resume("--confirm")
    assert "goes on from 5 entries; entry 5 says that 7 were signed" in said
    assert "gone on from 5 entries, 7 were signed: the disk burnt" in Halt.objects.get().lifted_why
    told = {"signed": "7", "root": b64(log.lost[1]), "kept": "5", "reason": "the disk burnt"}
    assert record(5).payload.fields == told
    with pytest.raises(NotErasable):
        services.erase_payload(index=5, at=AT)
    refused = pytest.raises(ProgrammingError, match="shown to everybody")
    with refused, transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT ledger_erase(5, now())")
    services.append_entry(draft=note())
    report = exported()
    assert (report.entries, report.payloads) == (7, 3)  # keys, and what it says of the loss
    kept = json.loads((memory_file().parent / "resumed-1.json").read_text())
    assert (kept["signed"]["size"], kept["reason"]) == ("7", "the disk burnt")
    folder = store_of(Head.objects.get().log_id).folder
    assert (folder.with_name(f"{folder.name}.before-1") / CHECKPOINT).exists()
    assert publish_tiles().size == 7  # of another history than what stood there
    with pytest.raises(CommandError, match="refuses nothing of it"):
        resume("--confirm")
    told = said.partition("--told ")[2].split()[0]
    assert "entry 5 says" in resume("--told", told)  # said once, also where it was cut off
    assert Entry.objects.filter(kind="log.resumed").count() == 1
    with pytest.raises(CommandError, match="is nothing that"):
        resume("--told", "7:5")
    call_command("check_ledger", "anda")  # it finds nothing


def test_nothing_is_given_up_that_somebody_holds(log):
    held, origin = signed_by_us(*log.lost), Head.objects.get().origin
    with tenant_context(log.tenants.trust):
        Replica.objects.create(
            source=log.tenants.anda.pk,
            origin=origin,
            checkpoint_size=7,
            checkpoint=held,
        )
    with pytest.raises(CommandError, match="Huaxin Trust holds 7 entries"):
        resume("--confirm")
    assert log_size() == 5


def test_a_signer_apart_is_told_by_its_own_user(log, settings, monkeypatch, tmp_path, capsys):
    """The socket takes it from nobody; the command shows what to run, and says it in the log."""
    monkeypatch.setenv("LL_SIGNER_DIR", str(signer_folder()))
    newest = tmp_path / "newest"
    asked = ["", "resume", Head.objects.get().log_id, str(newest), "--reason", "it's gone"]
    monkeypatch.setattr("sys.argv", asked)
    newest.write_bytes(signed_by_us(*log.lost))
    assert "remembers no more" in str(by_its_user())
    newest.write_bytes(signed_note(newest_signed()))
    assert by_its_user() == 0
    told = capsys.readouterr().out.partition("--told ")[2].strip()
    assert "entry 5 says that 7 were signed" in resume("--told", told, reason="it's gone")
    assert exported().entries == 6
