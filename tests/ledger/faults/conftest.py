"""A database of the module's own, whose logs can be emptied in milliseconds instead of copied."""

import shutil
import uuid
from types import SimpleNamespace

import psycopg
import pytest
from django.conf import settings
from django.db import connection, connections
from django_tenants.utils import tenant_context

from ledger import keystore, services
from ledger.core.items import BatchItem
from ledger.drafts import Draft
from ledger.exchange import registry
from ledger.exchange.erasing import erase_record
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.rotation.log_key import retire_log_keys, rotate_log_key
from tests import template_database
from tests.conftest import _use_database

#: Quicker than TRUNCATE where tables are small.
_WIPE = """
DO $$ DECLARE wiped record; BEGIN
    FOR wiped IN SELECT schemaname, tablename FROM pg_tables
        WHERE schemaname IN ('anda', 'trust') AND tablename ~ '^(ledger|origination)_'
        OR tablename IN ('tenants_parcel', 'tenants_publishedkey', 'procrastinate_jobs')
        OR tablename = 'tenants_rightclaim'
    LOOP
        EXECUTE format('DELETE FROM %I.%I', wiped.schemaname, wiped.tablename);
    END LOOP;
END $$"""
AT = "2026-11-01T08:00:00.000000Z"


@pytest.fixture(scope="module")
def ground(django_db_setup, django_db_blocker, tmp_path_factory):
    """`ground.lessor`, `ground.trust`: real tenants in committed transactions; `ground.wipe()`."""
    from tenants.models import Tenant

    before, keys = connections.settings["default"]["NAME"], settings.KEY_DIR
    with django_db_blocker.unblock():
        name = template_database.copy_template(template_database.ensure_template())
        _use_database(name)
        settings.KEY_DIR = tmp_path_factory.mktemp("faults") / "keys"
        try:
            tenants = {tenant.schema_name: tenant for tenant in Tenant.objects.all()}
            yield Ground(name, tenants["anda"], tenants["trust"])
        finally:
            connection.set_schema_to_public()
            connections.close_all()
            _use_database(before)
            template_database.drop(name)
            settings.KEY_DIR = keys


@pytest.fixture
def field(ground):
    """The ground with empty logs and no keys, for one test."""
    ground.wipe()
    return ground


@pytest.fixture
def pair(field, monkeypatch):
    """Both logs are open, the lessor shares everything."""
    everything = registry.Entitlement(everything=True)
    monkeypatch.setattr(registry, "_entitlements", [lambda to: everything])
    monkeypatch.setattr(registry, "_projectors", {})
    field.raw.execute("DELETE FROM anda.mobile_photo")
    for tenant in (field.trust, field.lessor):
        with tenant_context(tenant):
            services.open_log(at=AT)
    return field


def exchange_all(pair) -> None:
    """The lessor sends, the trust takes and cosigns, the lessor keeps the cosignature."""
    with tenant_context(pair.lessor):
        send_parcels(to_tenant=pair.trust, at=AT)
    for tenant, sender in ((pair.trust, pair.lessor), (pair.lessor, pair.trust)):
        with tenant_context(tenant):
            assert receive_parcels(from_tenant=sender, at=AT).refusals == []


@pytest.fixture
def filled(pair):
    """Records, a batch, an erased record, a change of the log's key; the trust keeps a copy."""
    with tenant_context(pair.lessor):
        services.append_entries(drafts=[document() for _ in range(5)])
        items = [BatchItem({"lease_rid": str(n), "amount_minor": "5"}) for n in range(3)]
        pair.batch = services.append_batch(
            kind="payments.batch", rid=document().rid, fields={"month": "11"}, items=items, at=AT
        ).index
    exchange_all(pair)
    with tenant_context(pair.lessor):
        erase_record(index=3, reason="legal_order", by=pair.lessor.pk, at=AT)
        rotate_log_key(at=AT)
        retire_log_keys()
        services.append_entry(draft=document())
        services.seal_checkpoint(at=AT)
    exchange_all(pair)
    return pair


class Ground(SimpleNamespace):
    """Two tenants and what a test needs to begin anew."""

    def __init__(self, name, lessor, trust):
        super().__init__(name=name, lessor=lessor, trust=trust, raw=None)

    def superuser(self) -> psycopg.Connection:
        """A connection that no guard of ours binds."""
        with template_database.admin() as admin:
            conninfo = psycopg.conninfo.make_conninfo(admin.info.dsn, dbname=self.name)
        return psycopg.connect(conninfo, autocommit=True)

    def wipe(self) -> None:
        """Empty both tenants' ledgers, the mailbox and the keys, as if never used."""
        connections.close_all()
        if self.raw is None or self.raw.closed:
            self.raw = self.superuser()
            self.raw.execute("SET session_replication_role = replica")
        self.raw.execute(_WIPE, prepare=True)
        shutil.rmtree(settings.KEY_DIR, ignore_errors=True)
        keystore._providers.clear()

    def open(self) -> None:
        """Open the lessor's log."""
        with tenant_context(self.lessor):
            services.open_log(at=AT)


def document(*, ts: str = AT, title: str = "发行说明书") -> Draft:
    """A record of the tenant's own server."""
    fields = {"title": title}
    return Draft.service(kind="document.issued", rid=uuid.uuid4(), fields=fields, ts=ts)


def may_forget_former_keys(ground) -> None:
    """Tests retire keys in their own process, as the served role: the command does as the owner."""
    for schema in ("anda", "trust"):
        ground.raw.execute(
            f"GRANT EXECUTE ON FUNCTION {schema}.ledger_forget_former(bigint[]) TO ll_app"
        )
