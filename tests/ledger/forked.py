"""A log with two histories: how tests make one, and what its evidence must do."""

import json
import random

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context

from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError
from ledger.core.fork import Fork, verify_fork
from ledger.core.log_keys import LogKeys
from ledger.core.notes import Note, NoteKey
from ledger.core.witness import AddCheckpoint
from ledger.exchange import parcels
from ledger.models import ForkProof, Head, Outbox
from ledger.signing import signer_of
from ledger.verifier.fork import main as convict
from ledger.witnessing.state import add_checkpoint
from tenants.models import Parcel
from tests.ledger.stage import AT, append, send


def second_history(stage, settings, *, keep, vins):
    """Parcel bodies of two histories that share the first `keep` entries of the lessor's log."""
    memory = {path: path.read_bytes() for path in settings.KEY_DIR.glob("logs/*/last.json")}
    with tenant_context(stage.lessor):
        outbox = Outbox.objects.filter().first()
        cursor = outbox.cursor if outbox else 0
    before = transaction.savepoint()
    for vin in vins:
        append(stage, vin)
    send(stage)
    body = bytes(Parcel.objects.get(subject="entries").body)
    transaction.savepoint_rollback(before)
    for path, content in memory.items():
        path.write_bytes(content)
    assert cursor == keep
    return body


def log_key(stage):
    with tenant_context(stage.lessor):
        head = Head.objects.get()
        return signer_of(head.log_id).key(head.origin)


def evidence_of(stage, tmp_path, capsys):
    """Both sides keep the evidence; the file convicts offline, and no altered one does."""
    with tenant_context(stage.trust):
        found = ForkProof.objects.get()
        assert (found.source, found.by_us) == (stage.lessor.pk, True)
    with tenant_context(stage.lessor):
        told = ForkProof.objects.get()
        assert (told.source, told.by_us, told.other) == (stage.lessor.pk, False, stage.trust.pk)
    data = bytes(found.evidence)
    assert bytes(told.evidence) == data
    key = log_key(stage)
    verify_fork(Fork.parse(data), LogKeys.single(key))
    path = tmp_path / "fork.json"
    path.write_bytes(data)
    assert convict([str(path), "--log-key", key.vkey()]) == 0
    assert "FORKED" in capsys.readouterr().out
    other = NoteKey(key.name, key.kind, SecretKey(b"\x01" * 32).public)
    assert convict([str(path), "--log-key", other.vkey()]) == 1
    _no_altered_evidence_convicts(data, key)
    return Fork.parse(data)


def _no_altered_evidence_convicts(data, key):
    plain = json.loads(data)
    changer = random.Random(7)
    for _ in range(60):
        text = bytearray(data)
        place = changer.randrange(len(text))
        text[place] ^= 1 << changer.randrange(7)
        try:
            fork = Fork.parse(bytes(text))
            heads = verify_fork(fork, LogKeys.single(key))
        except LedgerError:
            continue
        # what was altered is no part of the conviction: an unknown signature's name, at most
        assert {head.root for head in heads} == {
            head.root for head in verify_fork(Fork.parse(data), LogKeys.single(key))
        }
    same = plain | {"branches": [plain["branches"][0]] * 2}
    with pytest.raises(LedgerError, match="nobody is convicted"):
        verify_fork(
            Fork.parse(
                json.dumps(same, separators=(",", ":"), sort_keys=True, ensure_ascii=False).encode()
            ),
            LogKeys.single(key),
        )


def over_http(stage, body):
    """The trust's witness is asked for the checkpoint of a parcel."""
    parcel = parcels.EntriesParcel.parse(body)
    note = Note.parse(parcel.checkpoint)
    request = AddCheckpoint(parcel.start, tuple(parcel.base_proof), note).to_bytes()
    with tenant_context(stage.trust):
        return add_checkpoint(request, at=AT)
