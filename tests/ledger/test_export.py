"""An export of a real log is proven offline; what was erased or not disclosed stays away."""

import io
import uuid

import pytest
from django.core.management import CommandError, call_command

from ledger import services
from ledger.core.encoding import b64
from ledger.core.items import BatchItem
from ledger.core.notes import NoteKey
from ledger.drafts import Draft, rows
from ledger.models import Head
from ledger.signing import signer_of
from ledger.verifier.__main__ import main
from ledger.verifier.check import verify_bundle
from tenants.database.bound import run_bound

AT = "2026-11-01T08:00:00.000000Z"


@pytest.fixture
def log(cast, enter):
    enter(cast.tenants.anda)
    first = services.append_entry(
        draft=Draft.service(
            kind="document.issued", rid=uuid.uuid4(), fields={"secret": "四川"}, ts=AT
        )
    )
    services.seal_checkpoint(at=AT)
    records = [(uuid.uuid4(), {"vin": f"VIN{number}"}) for number in range(6)]
    services.append_tape(
        rid=uuid.uuid4(),
        fields={"rows": "6"},
        rows=rows(kind="lease.recorded", records=records, ts=AT),
        at=AT,
    )
    items = [BatchItem({"lease_rid": "x", "amount_minor": str(number)}) for number in range(4)]
    services.append_batch(
        kind="payments.batch", rid=uuid.uuid4(), fields={"m": "11"}, items=items, at=AT
    )
    return first


def export(**options) -> bytes:
    stream = io.BytesIO()
    services.export_ledger(stream=stream, at=AT, **options)
    return stream.getvalue()


def own_key() -> NoteKey:
    head = Head.objects.get()
    return signer_of(head.log_id).key(head.origin)


def test_export_is_proven_and_shows_only_keys(log):
    data = export()
    report = verify_bundle(io.BytesIO(data), pinned=own_key())
    assert (report.entries, report.checkpoints, report.tape_rows) == (13, 2, 6)
    assert report.payloads == 4  # enrolment and approval of two keys
    assert "四川".encode() not in data


def test_disclosed_export_shows_all_but_what_was_erased(log):
    services.erase_payload(index=log.index, at=AT)
    data = export(disclose=True, items=True)
    report = verify_bundle(io.BytesIO(data), pinned=own_key(), portable=False)
    assert (report.payloads, report.items) == (12, 4)
    assert report.erased == [log.index]
    assert "四川".encode() not in data
    assert b"VIN5" in data


def test_the_command_writes_a_file_that_the_verifier_proves(log, tmp_path, capsys):
    path, key = tmp_path / "anda.export", own_key().vkey()
    call_command("export_ledger", "anda", str(path))
    assert main([str(path), "--log-key", key]) == 0
    assert [item.name for item in tmp_path.iterdir()] == ["anda.export"]
    with pytest.raises(CommandError, match="no tenant"):
        call_command("export_ledger", "nobody", str(path))
    with pytest.raises(CommandError, match="empty"):
        call_command("export_ledger", "auditor", str(path))


@pytest.mark.parametrize("behind", [b"", b"\xff", b"\n\xe2\x80\x94 anybody AAAAAAA=\n"])
def test_a_note_that_no_key_of_the_log_signed_ends_no_export(log, behind):
    """Who serves may store one: the database knows no signatures."""
    export()
    services.append_entry(
        draft=Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"a": "b"}, ts=AT)
    )
    head = Head.objects.get()
    root = bytes(head.root)
    note = f"{head.origin}\n{head.size}\n{b64(root)}\n".encode() + behind
    run_bound("SELECT ledger_seal(%b, %b, %b, now())", [head.size, root, note])
    stream = io.BytesIO()
    assert services.write_bundle(stream=stream) == head.size - 1
    report = verify_bundle(io.BytesIO(stream.getvalue()), pinned=own_key())
    assert (report.entries, report.checkpoints) == (head.size - 1, 2)
    services.append_entry(
        draft=Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"a": "c"}, ts=AT)
    )
    report = verify_bundle(io.BytesIO(export()), pinned=own_key())
    assert (report.entries, report.checkpoints) == (head.size + 1, 3)
