"""The root key is rotated while traffic runs; a wrong or lost one is told."""

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.db import transaction
from django.test import Client
from django_tenants.utils import tenant_context

from ledger import keystore, selectors, services, vault
from ledger.core.envelope import SM4_GCM, cipher_of
from ledger.models import KeyEncryptionKey, TenantSecret
from ledger.problems import KeyFileDamaged, KeyStillNeeded, RootKeyWrong
from ledger.rotation import root
from tenants import clock
from tenants.models import PublishedKey, Tenant
from tests.cast import email
from tests.ledger.faults.conftest import document
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_log
from tests.ledger.faults.traffic import traffic


def needed(tenant) -> set[int]:
    """Root key versions that anything of a tenant needs."""
    with tenant_context(tenant):
        rows = [*KeyEncryptionKey.objects.all(), *TenantSecret.objects.all()]
        return {keystore.root_keys().version_of(bytes(row.wrapped)) for row in rows}


def files() -> list[str]:
    return sorted(path.name for path in settings.KEY_DIR.glob("root*"))


def restart() -> None:
    keystore._providers.clear()


def test_the_root_key_while_traffic_runs(pair):
    with traffic(pair) as running:
        call_command("rotate_keys", "root", cipher="sm4")
        call_command("rotate_keys", "kek", tenant="anda")
        running.rounds(1)
        call_command("rotate_keys", "root", retire=True)
    assert files() == ["root-2.key"]
    assert cipher_of((settings.KEY_DIR / "root-2.key").read_bytes()) == SM4_GCM
    assert needed(pair.lessor) == needed(pair.trust) == {2}
    restart()
    check_log(pair.lessor)


def test_a_root_rotation_may_die_anywhere(pair):
    def rotate(answer):
        version = root.begin_root_key()
        for tenant in (pair.lessor, pair.trust):
            with tenant_context(tenant):
                root.rewrap_by_root_key()
        answer(version)
        answer(root.retire_root_keys())

    for crash in at_every_step(lambda: rotate, lose_power=True, stride=5):
        restart()
        check_log(pair.lessor)
        with tenant_context(pair.trust):
            vault.parcel_secret()
        version, _ = crash.again()
        assert needed(pair.lessor) == needed(pair.trust) == {version}
        assert files() == [f"root-{version}.key"]
    check_log(pair.lessor)


def test_a_root_key_that_is_needed_is_not_retired(pair):
    with tenant_context(pair.lessor):
        index = services.append_entry(draft=document()).index
    assert root.begin_root_key() == 2
    with tenant_context(pair.lessor):
        root.rewrap_by_root_key()
    for without in ((), ("trust",)):  # given up: what stands there is not lost by that
        with pytest.raises(KeyStillNeeded, match="keys of trust"):
            root.retire_root_keys(without)
    assert files() == ["root-2.key", "root.key"]
    assert root.begin_root_key() == 2  # goes on
    with tenant_context(pair.trust):
        root.rewrap_by_root_key()
    (settings.KEY_DIR / "root-2.key").write_bytes(bytes(32))
    restart()
    with pytest.raises(RootKeyWrong, match=r"root-2\.key"):  # what says so does not open
        root.retire_root_keys()
    with tenant_context(pair.lessor), pytest.raises(RootKeyWrong):
        selectors.payload(index)


@pytest.mark.parametrize("left", ["wrong", "lost", "torn"])
def test_a_wrong_or_lost_root_key_is_told_in_commands_and_on_pages(pair, left, settings):
    from tenants.models import User

    settings.ALLOWED_HOSTS = ["*"]
    with tenant_context(pair.lessor):
        index = services.append_entry(draft=document()).index
        services.seal_checkpoint(at=clock.now())
        host = pair.lessor.domains.first().domain
    root.begin_root_key()
    call_command("rotate_keys", "root")
    path = settings.KEY_DIR / "root-2.key"
    whole = path.read_bytes()
    if left == "lost":
        path.unlink()
    else:
        path.write_bytes(bytes(32) if left == "wrong" else whole[:7])
    restart()
    problem = RootKeyWrong if left == "wrong" else KeyFileDamaged
    with tenant_context(pair.lessor):
        with pytest.raises(problem, match=r"root-2\.key"):
            services.append_entry(draft=document())
        with pytest.raises(problem, match=r"root-2\.key"):
            selectors.payload(index)
        size = selectors.log_size()
    for arguments in (["kek", "--tenant", "anda"], ["root"], ["root", "--retire"]):
        with pytest.raises(CommandError, match=r"root-2\.key"):
            call_command("rotate_keys", *arguments)
    assert (files() == ["root.key"]) == (left == "lost")  # no other was made in its place
    client = Client(HTTP_HOST=host)
    client.force_login(User.objects.get(email=email("manager")))
    page = client.get(f"/ledger/entries/{index}/")
    assert page.status_code == 200  # the proof stands without the content
    assert "LL_KEY_DIR" in page.content.decode() or "key folder" in page.content.decode()
    path.write_bytes(whole)
    restart()
    with tenant_context(pair.lessor):
        assert selectors.log_size() == size == check_log(pair.lessor).size
        services.append_entry(draft=document())


def test_where_the_root_key_is_lost_none_is_made_for_what_is_new(pair):
    """Neither for an institution that has nothing to open, nor by a process that knows the key."""
    path = settings.KEY_DIR / "root.key"
    whole = path.read_bytes()
    path.unlink()
    with tenant_context(pair.lessor), pytest.raises(KeyFileDamaged, match=r"root\.key"):
        vault.add_secret(vault.COSIGNER)
    restart()
    stranger = Tenant.objects.get(schema_name="xingyu")
    for published in (True, False):
        if not published:  # as of an installation of which one schema was restored alone
            PublishedKey.objects.all().delete()
        with tenant_context(stranger), pytest.raises(KeyFileDamaged, match=r"root\.key"):
            services.open_log(at=clock.now())
    assert files() == []
    path.write_bytes(whole)
    with tenant_context(stranger), transaction.atomic():
        assert len(vault.cosigner_secrets()) == 2
        transaction.set_rollback(True)  # the module's next tests begin without it


def test_the_installation_has_one_root_key_and_no_tenant(pair):
    with pytest.raises(CommandError, match="leave --tenant out"):
        call_command("rotate_keys", "root", tenant="anda")
    call_command("rotate_keys", "root", dry_run=True)
    assert files() == ["root.key"]
