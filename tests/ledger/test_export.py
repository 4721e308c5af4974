"""An export of a real log is proven offline; what was erased or not disclosed stays away."""

import io
import uuid

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command

from ledger import services
from ledger.choosing import chosen_proof_file
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.items import BatchItem
from ledger.core.notes import ED25519_COSIGNATURE, Note, NoteKey, SignatureLine
from ledger.drafts import Draft, rows
from ledger.exchange.tasks import _wants_sealing
from ledger.log_keys import own_log_keys
from ledger.models import Cosignature, Head, ReplacedNote
from ledger.selectors import latest_checkpoint
from ledger.signed import is_signed
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


def test_a_note_that_nobody_of_the_log_signed_is_sealed_over_though_nothing_is_new(log):
    services.seal_checkpoint(at=AT)
    services.append_entry(
        draft=Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"a": "b"}, ts=AT)
    )
    head = Head.objects.get()
    root, last = bytes(head.root), head.size - 1
    foreign = f"{head.origin}\n{head.size}\n{b64(root)}\n".encode()
    seal = "SELECT ledger_seal(%b, %b, %b, now(), %b)"
    run_bound(seal, [head.size, root, foreign, None])
    assert chosen_proof_file(last) is None and chosen_proof_file(0) is not None
    assert _wants_sealing(head, head.size)
    sealed = services.seal_checkpoint(at=AT)
    signed, keys = bytes(sealed.note), own_log_keys()
    assert (sealed.size, bytes(sealed.root)) == (head.size, root) and is_signed(sealed, keys)
    assert chosen_proof_file(last) is not None and not _wants_sealing(head, head.size)
    # the other way round it is put back, not signed anew: a key that handed over may be gone
    run_bound(seal, [head.size, root, foreign, foreign])  # says what does not stand there
    assert bytes(latest_checkpoint().note) == signed
    run_bound(seal, [head.size, root, foreign, signed])
    assert bytes(latest_checkpoint().note) == foreign
    assert bytes(services.seal_checkpoint(at="2026-11-02T08:00:00.000000Z").note) == signed
    assert [bytes(row.note) for row in ReplacedNote.objects.order_by("pk")] == [
        foreign,
        signed,
        foreign,
    ]
    report = verify_bundle(io.BytesIO(export()), pinned=own_key())
    assert report.entries == head.size


def test_no_note_but_the_newest_gives_way(log):
    first = services.seal_checkpoint(at=AT)
    services.append_entry(
        draft=Draft.service(kind="document.issued", rid=uuid.uuid4(), fields={"a": "b"}, ts=AT)
    )
    services.seal_checkpoint(at=AT)
    note = bytes(first.note)
    run_bound(
        "SELECT ledger_seal(%b, %b, %b, now(), %b)",
        [first.size, bytes(first.root), note + b"x", note],
    )
    first.refresh_from_db()
    assert bytes(first.note) == note and not ReplacedNote.objects.exists()


def test_lines_that_do_not_hold_end_no_export(log):
    """Who serves may store any note of the newest tree, and any line as somebody's cosignature."""
    sealed = services.seal_checkpoint(at=AT)
    signed, note = bytes(sealed.note), Note.parse(bytes(sealed.note))
    witness = NoteKey("witness.example", ED25519_COSIGNATURE, SecretKey(bytes(32)).public)
    second = note.lines[1]
    broken = SignatureLine(second.name, second.id, second.signature[:-1] + b"\0")
    foreign = SignatureLine(witness.name, witness.id, bytes(72))
    for lines in (
        (note.lines[0], broken),
        (*note.lines, foreign),
        (*note.lines, *[SignatureLine(second.name, bytes(4), bytes(64))] * 90),
    ):
        other = Note(note.text, lines).to_bytes()
        seal = "SELECT ledger_seal(%b, %b, %b, now(), %b)"
        run_bound(seal, [sealed.size, bytes(sealed.root), other, signed])
        assert bytes(latest_checkpoint().note) == other
        assert bytes(services.seal_checkpoint(at=AT).note) == signed
    times = {"cosigner": witness.name, "cosigned_at": AT}
    for kept in (foreign.text()[:-1], "no line"):
        name = f"{witness.vkey()}" if kept != "no line" else "no key"
        Cosignature.objects.create(size=sealed.size, vkey=name, line=kept, **times)
    Cosignature.objects.bulk_create(
        Cosignature(
            size=sealed.size,
            vkey=NoteKey(f"w{n}", ED25519_COSIGNATURE, n.to_bytes(32)).vkey(),
            line="no line",
            **times,
        )
        for n in range(1_001)
    )
    report = verify_bundle(io.BytesIO(export()), pinned=own_key())
    assert report.entries == sealed.size


def test_without_the_signer_apart_no_second_copy_of_its_key_is_asked_for(
    log, tmp_path, monkeypatch, capsys
):
    monkeypatch.setattr(settings, "SIGNER_DIR", str(tmp_path / "none"))
    with pytest.raises(CommandError) as refused:
        call_command("export_ledger", "anda", str(tmp_path / "anda.leaseledger"))
    said = str(refused.value)
    assert "seed is missing" in said and "copy no key" in said and "LL_SIGNER_SOCKET" in said
    with pytest.raises(CommandError, match="the signer was not heard"):
        call_command("check_ledger", "anda")
    told = capsys.readouterr().out
    assert "all as signed (not compared with the signer: this process finds no signer" in told
    assert "not compared with published files (none here opens with its keys)" in told
