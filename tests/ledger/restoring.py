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

from ledger.core.notes import Note, sign_text
from ledger.core.tree_heads import Checkpoint as TreeHead
from ledger.exchange.rebuilding import take_back_log
from ledger.exchange.restoring import ask_for_log, decide_request
from ledger.models import Restoration
from ledger.rotation import log_key
from ledger.rotation.log_key import rotate_log_key
from ledger.signing import signer_of
from tenants.asides import MARK, SETTLED, waiting_asides
from tests import template_database
from tests.ledger.stage import AT, receive

BY = uuid.uuid4()
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
