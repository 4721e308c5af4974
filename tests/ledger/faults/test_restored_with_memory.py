"""Database and signer's memory come from one old backup: only those who cosigned can tell."""

import shutil

import pytest
from django.conf import settings
from django.db import connections
from django_tenants.utils import tenant_context

from ledger import services
from ledger.models import Head, Witness, WitnessWord
from ledger.problems import LogFrozen
from ledger.selectors import latest_checkpoint
from ledger.services.checkpoints import sealing_refused
from ledger.signing import signer_of
from ledger.witnessing import hearing
from ledger.witnessing.asking import ask_witness
from tenants.models import PublishedKey, User
from tests.cast import email
from tests.ledger.faults.conftest import AT, document
from tests.monitoring.live_server import running_server

_TABLES = "SELECT tablename FROM pg_tables WHERE schemaname = 'anda' AND tablename ~ '^ledger_'"


class Backup:
    """The lessor's ledger and key folder at one instant, to be put back over what came after."""

    def __init__(self, ground, folder):
        self._raw, self._keys = ground.raw, folder / "keys"
        self._tables = [name for (name,) in self._raw.execute(_TABLES).fetchall()]
        self._raw.execute("DROP SCHEMA IF EXISTS saved CASCADE; CREATE SCHEMA saved")
        for name in self._tables:
            self._raw.execute(f"CREATE TABLE saved.{name} AS TABLE anda.{name}")
        shutil.copytree(settings.KEY_DIR, self._keys)

    def restore(self):
        for name in self._tables:
            self._raw.execute(f"DELETE FROM anda.{name}")
            self._raw.execute(f"INSERT INTO anda.{name} TABLE saved.{name}")
        shutil.rmtree(settings.KEY_DIR)
        shutil.copytree(self._keys, settings.KEY_DIR)
        self._raw.execute("DROP SCHEMA saved CASCADE")
        hearing.forget()  # whoever restores a database starts its processes anew


def grow(entries=2):
    services.append_entries(drafts=[document() for _ in range(entries)])
    return services.seal_checkpoint(at=AT)


@pytest.fixture
def served(field, monkeypatch):
    """A lessor whose log the trust, on a live server, was asked to cosign; yields the port."""
    hearing.forget()
    with tenant_context(field.trust):
        services.open_log(at=AT)
    published = PublishedKey.objects.filter(tenant=field.trust, purpose=PublishedKey.COSIGNER)
    with running_server() as port, tenant_context(field.lessor):
        grow()
        field.witness = Witness.objects.create(
            label="Huaxin Trust",
            url=f"http://trust.localhost:{port}/witness",
            vkeys="\n".join(published.values_list("key", flat=True)),
        )
        yield port
    connections.close_all()


@pytest.mark.parametrize("known_as", ["witness", "counterparty"])
@pytest.mark.parametrize("extra", [0, 2, 5])  # behind, as long, and beyond what was signed
def test_nothing_is_signed_and_who_holds_more_is_named(
    field, served, tmp_path, monkeypatch, client_of, known_as, extra
):
    ask_witness(field.witness, at=AT)
    backup = Backup(field, tmp_path)
    signed = grow()
    assert ask_witness(field.witness, at=AT).state == Witness.COSIGNED
    backup.restore()
    if known_as == "counterparty":
        Witness.objects.all().delete()
        monkeypatch.setattr(settings, "COUNTERPARTY_WITNESSES", f"http://{{host}}:{served}/witness")
    if extra:
        services.append_entries(drafts=[document() for _ in range(extra)])
    memory = signer_of(Head.objects.get().log_id).last()
    assert sealing_refused() is None  # nothing here shows it
    for _ in range(2):
        with pytest.raises(LogFrozen) as frozen:
            services.seal_checkpoint(at=AT)
    assert (frozen.value.params["witness"], frozen.value.params["held"]) == (
        "Huaxin Trust",
        signed.size,
    )
    assert latest_checkpoint().size < signed.size
    assert signer_of(Head.objects.get().log_id).last() == memory
    assert signer_of(Head.objects.get().log_id).freeze.read().proven
    client = client_of(User.objects.get(email=email("manager")), field.lessor)
    assert "Huaxin Trust holds a tree" in client.get("/ledger/").content.decode()


def test_who_cannot_be_heard_holds_nothing_up_and_stands_on_the_page(field, served, client_of):
    ask_witness(field.witness, at=AT)
    Witness.objects.create(label="Nobody", url="http://127.0.0.1:9/w", vkeys=field.witness.vkeys)
    hearing.forget()
    assert grow().size == latest_checkpoint().size
    said = dict(WitnessWord.objects.values_list("name", "size"))
    assert said == {"Huaxin Trust": field.witness.size, "Nobody": None}
    client = client_of(User.objects.get(email=email("manager")), field.lessor)
    page = client.get("/ledger/trust/").content.decode()
    assert page.count("Not heard") == 1 and "Nobody" in page


def test_each_is_asked_once_a_minute(field, served, monkeypatch):
    asked = []
    monkeypatch.setattr(hearing, "request", lambda *a, **k: asked.append(a) or _nothing())
    for _ in range(3):
        grow(1)
    assert len(asked) == 1
    monkeypatch.setattr(hearing, "FRESH_SECONDS", -1.0)
    grow(1)
    assert len(asked) == 2


def _nothing():
    from ledger.outbound import Answer

    return Answer(404, b"", "text/plain")
