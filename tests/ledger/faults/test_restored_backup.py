"""The database was restored from an old backup, its log went on differently: nothing is signed."""

from datetime import UTC, datetime

import pytest
from django.db import connections
from django_tenants.utils import tenant_context

from ledger import services
from ledger.exchange import registry
from ledger.exchange.services import send_parcels
from ledger.models import Head
from ledger.problems import LogHalted, RollbackRefused
from ledger.services.checkpoints import sealing_refused
from ledger.signing import signer_of
from tenants.models import Parcel, Tenant, User
from tenants.setting_aside import NotBroughtBack, bring_back, name_aside
from tests import template_database
from tests.cast import email
from tests.conftest import _use_database
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.invariants import check_log
from tests.ledger.rolled_back import append_unnoticed


@pytest.fixture
def restored(field, monkeypatch):
    """Two checkpoints, a backup after the first; the test runs on the restored backup."""
    monkeypatch.setattr(registry, "_entitlements", [])
    monkeypatch.setattr(registry, "_projectors", {})
    with tenant_context(field.trust):
        services.open_log(at=AT)
    append_and_seal(field)
    connections.close_all()
    field.raw.close()
    backup = template_database.copy_template(field.name)
    try:
        append_and_seal(field)
        connections.close_all()
        _use_database(backup)
        yield field
    finally:
        connections.close_all()
        _use_database(field.name)
        template_database.drop(backup)


def append_and_seal(ground, entries: int = 2):
    with tenant_context(ground.lessor):
        services.append_entries(drafts=[document() for _ in range(entries)])
        return services.seal_checkpoint(at=AT)


def lies_of(ground):
    with tenant_context(ground.lessor):
        return services.sealing_refused()


def test_it_is_refused_shorter_as_long_and_longer_and_goes_on_when_mended(restored):
    with tenant_context(restored.lessor):
        memory = signer_of(Head.objects.get().log_id).last()
    for extra in (0, 1, 1, 5):  # behind, behind, as long, and beyond what was signed
        with tenant_context(restored.lessor):
            if extra:  # before anybody noticed: from the first refusal on, nothing is taken
                append_unnoticed([document() for _ in range(extra)])
            for attempt in (services.seal_checkpoint, services.export_ledger):
                with pytest.raises(RollbackRefused) as refused:
                    more = {"stream": None} if attempt is services.export_ledger else {}
                    attempt(at=AT, **more)
            assert "restored" in refused.value.text("mend")
            with pytest.raises(RollbackRefused):
                send_parcels(to_tenant=restored.trust, at=AT)
            assert not Parcel.objects.filter(sender=restored.lessor).exists()
            assert sealing_refused() is not None
            assert signer_of(Head.objects.get().log_id).last() == memory
            with pytest.raises(LogHalted):
                services.append_entries(drafts=[document()])
    connections.close_all()
    _use_database(restored.name)  # the newer backup is found
    assert lies_of(restored) is None
    append_and_seal(restored)
    check_log(restored.lessor)


@pytest.mark.parametrize(
    ("language", "told", "words"),
    [("en", "newer database is back", "old copy"), ("zh-hans", "较新的数据库", "旧备份")],
)
def test_a_page_says_so_and_what_to_do(restored, client_of, language, told, words):
    manager = User.objects.get(email=email("manager"))
    client = client_of(manager, restored.lessor, language=language)
    for path in ("/ledger/", "/ledger/checkpoints/"):
        page = client.get(path)
        assert page.status_code == 200 and told in page.content.decode()
    answer = client.post("/ledger/checkpoints/seal/")
    assert answer.status_code == 409 and words in answer.content.decode()


def test_only_what_was_set_aside_of_this_institution_is_brought_back(field):
    """An institution may be called like a schema set aside; long names begin alike."""
    name = "anda_aside_20261101080000"
    field.raw.execute(f"CREATE SCHEMA {name}")
    try:
        for comment in (None, f"set aside from tenant {field.trust.pk}"):
            if comment:
                field.raw.execute(f"COMMENT ON SCHEMA {name} IS '{comment}'")
            with pytest.raises(NotBroughtBack, match="was not made by setting"):
                bring_back(tenant=field.lessor, aside=name)
        field.raw.execute(f"COMMENT ON SCHEMA {name} IS 'set aside from tenant {field.lessor.pk}'")
        assert bring_back(tenant=field.lessor, aside=name) == {}  # it holds no table
        Tenant.objects.filter(pk=field.trust.pk).update(schema_name=name)
        with pytest.raises(NotBroughtBack, match="was not made by setting"):
            bring_back(tenant=field.lessor, aside=name)
    finally:
        Tenant.objects.filter(pk=field.trust.pk).update(schema_name="trust")
        field.raw.execute(f"DROP SCHEMA {name}")


def test_a_long_name_set_aside_keeps_its_time_whole():
    at = datetime(2026, 11, 1, 8, 0, 59, tzinfo=UTC)
    assert name_aside("anda", at) == "anda_aside_20261101080059"
    assert name_aside("a" * 48, at) == "a" * 42 + "_aside_20261101080059"
