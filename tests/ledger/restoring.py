"""A schema is destroyed, and its log asked back, given and taken."""

import os
import re
import subprocess
import sys
import uuid

import psycopg
import pytest
from django.conf import settings
from django.db import connection
from django_tenants.utils import tenant_context

from ledger import selectors
from ledger.core.notes import Note, sign_text
from ledger.core.tlog_proof import TlogProof
from ledger.core.tree_heads import Checkpoint as TreeHead
from ledger.exchange import registry
from ledger.exchange.rebuilding import take_back_log
from ledger.exchange.restoring import ask_for_log, decide_request
from ledger.exchange.services import send_parcels
from ledger.models import (
    Checkpoint,
    Cosignature,
    Entry,
    Head,
    Restoration,
    SigningKey,
    WitnessedLog,
)
from ledger.rotation import log_key
from ledger.rotation.log_key import rotate_log_key
from ledger.signing import signer_of
from ledger.tiles.publishing import publish_tiles
from origination.models import ShareGrant
from tenants.asides import MARK, SETTLED, waiting_asides
from tests import template_database
from tests.ledger.stage import AT, answer, exchange, make_stage, receive

COLUMNS = ("index", "kind", "rid", "ts", "kid")
BY = uuid.UUID(int=11)  # the same in every worker: what one lost, others restore
RESTORED = "2026-11-20T08:00:00.000000Z"


def as_owner(*arguments):
    """A command of the operator's, in a process of its own; what it said."""
    name = connection.settings_dict["NAME"]
    connection.close()
    done = subprocess.run(
        [sys.executable, "manage.py", *arguments],
        cwd=settings.BASE_DIR,
        env={**os.environ, "LL_DB_ROLE": "owner", "LL_DATABASE_NAME": name},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 0, done.stderr[-2000:]
    return done.stdout


def destroy(tenant) -> str:
    """The schema is damaged and set aside; an empty one stands in its place. Its new name."""
    said = as_owner("schema_aside", tenant.schema_name, "--anyway")
    return re.search(rf"{tenant.schema_name}_aside_\d+", said)[0]


def lose(cast, monkeypatch):
    """A lessor whose schema is gone; the trust holds its log and most payloads."""
    stage = make_stage(cast, monkeypatch)
    stage.granted = registry.Entitlement(rids=frozenset(stage.rids[:6]))
    exchange(stage)
    _cosign_back(stage)
    with tenant_context(stage.lessor):
        head = Head.objects.get()
        ShareGrant.objects.create(to_tenant_id=stage.trust.pk, granted_by=BY, granted_at=AT)
        row = WitnessedLog.objects.get()
        stage.witnessed = (row.origin, row.size, bytes(row.root))
        stage.key = signer_of(head.log_id).key(head.origin)
        stage.before = {
            "head": (head.log_id, head.origin, head.size, bytes(head.root), bytes(head.peaks)),
            "entries": list(Entry.objects.order_by("index").values_list(*COLUMNS)),
            "bytes": [(bytes(e.leaf), bytes(e.nodes)) for e in Entry.objects.order_by("index")],
            "note": bytes(Checkpoint.objects.get(size=head.size).note),
            "lines": sorted(Cosignature.objects.values_list("line", flat=True)),
            "keys": {key.kid: bytes(key.public_key) for key in SigningKey.objects.all()},
        }
        stage.fields = {index: selectors.payload(index) for index in range(4, 10)}
        stage.proof = TlogProof.parse(selectors.proof_file(5))
        stage.leaf = bytes(Entry.objects.get(index=5).leaf)
    stage.aside = destroy(stage.lessor)
    return stage


def _cosign_back(stage):
    """The trust's log travels to the lessor, which cosigns it; it is published with that."""
    with tenant_context(stage.trust):
        send_parcels(to_tenant=stage.lessor, at=AT)
    answer(stage)
    receive(stage)
    with tenant_context(stage.trust):
        publish_tiles()


def ask(stage):
    with tenant_context(stage.lessor):
        return ask_for_log(from_tenant=stage.trust, reason="the disk burnt", by=BY, at=AT)


def give(stage, yes=True):
    receive(stage)
    with tenant_context(stage.trust):
        request = Restoration.objects.get(by_us=False, state="asked")
        return decide_request(pk=request.pk, give=yes, by=BY, at=AT)


def take(stage):
    """The other tables are left where they are: `--leave`."""
    with tenant_context(stage.lessor):
        restored = take_back_log(from_tenant=stage.trust, at=RESTORED)
    with template_database.admin() as admin:
        name = connection.settings_dict["NAME"]
        conninfo = psycopg.conninfo.make_conninfo(admin.info.dsn, dbname=name)
    with psycopg.connect(conninfo) as owner:
        for schema in waiting_asides(stage.lessor):
            comment = MARK.format(stage.lessor.pk) + SETTLED
            owner.execute(f"COMMENT ON SCHEMA {schema} IS '{comment}'")
    return restored


def signed_by_log(named, size, root):
    """A checkpoint that the key of the log (id, origin) signed, whether or not there is one."""
    log_id, origin = named
    text = TreeHead(origin, size, root).text()
    secret = signer_of(log_id)._seeds.first(1)
    return Note(text, (sign_text(text, origin, secret),)).to_bytes()


def append_unsealed_change():
    """What a crash between the entry's commit and its checkpoint leaves."""
    seal = log_key.seal_checkpoint
    calls = []

    def once(**arguments):
        calls.append(arguments)
        if len(calls) > 1:
            raise InterruptedError
        return seal(**arguments)

    with pytest.MonkeyPatch.context() as patch, pytest.raises(InterruptedError):
        patch.setattr(log_key, "seal_checkpoint", once)
        rotate_log_key(at=AT)
