"""A ledger that answers, or is served, is not set aside by one word of a command."""

import io
import json

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from config.management.commands import schema_aside
from config.servers.turns import Turn
from ledger import services
from ledger.models import Head
from tests.ledger.rolled_back import note

AT = "2026-11-01T08:00:00.000000Z"


def test_a_ledger_that_answers_or_is_served_is_not_set_aside(cast, monkeypatch, tmp_path):
    with tenant_context(cast.tenants.anda):
        services.append_entry(draft=note())
    set_aside = []
    monkeypatch.setattr(settings, "DATABASE_ROLE", "owner")
    monkeypatch.setattr(settings, "VAR_DIR", tmp_path)
    monkeypatch.setattr(schema_aside, "set_aside", lambda **named: set_aside.append(named) or "x")
    turn = Turn(tmp_path / "serving.lock", where="http://localhost:8123/")
    for words in ([], ["--anyway"]):
        with pytest.raises(CommandError, match=r"A server runs .*8123.*End it first"):
            call_command("schema_aside", "anda", *words)
    turn._file.close()
    with pytest.raises(CommandError, match=r"'anda' answers: \d+ entries.*say --anyway"):
        call_command("schema_aside", "anda")
    assert not set_aside
    output = io.StringIO()
    call_command("schema_aside", "anda", "--anyway", stdout=output)
    assert "set aside all the same" in output.getvalue() and len(set_aside) == 1
    with tenant_context(cast.tenants.anda):
        folder = settings.KEY_DIR / "logs" / Head.objects.get().log_id
    lost = {"size": "9999", "root": "AAAA" * 10 + "AAA="}
    (folder / "last.json").write_text(json.dumps(lost))
    call_command("schema_aside", "anda")  # behind its signer: no more words are needed
    assert len(set_aside) == 2
