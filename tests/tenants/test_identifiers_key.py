"""The key that seals identifiers and contests is changed: all opens, before, between and after."""

import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger.services import open_log
from origination.contests.papers import content_of, words_of
from origination.contests.services import open_contest
from tenants.models import Contest, RightClaim, TitleKeyring
from tenants.registry import ClaimRequest, claim_rights, sealing_rotation
from tenants.registry.keys import RegistryKeyMissing
from tenants.registry.rotation import NotReady
from tenants.registry.sealing import kept_versions, open_identifier
from tests.origination.contesting import AT, FREE, PDF, RIGHT, WHY

NOW = datetime(2026, 1, 5, tzinfo=UTC)


@pytest.fixture(autouse=True)
def _own_keys(settings, tmp_path):
    """A rotation destroys files that other tests have rows of."""
    settings.KEY_DIR = tmp_path / "keys"


def claim(tenant, *names):
    request = ClaimRequest(uuid.uuid4(), names, ("receivables",))
    claim_rights(claims=[request], by_tenant=tenant.pk, at=NOW)


def rotate(progress=lambda what, count: None):
    return sealing_rotation.rotate_sealing_key(at=NOW, progress=progress)


def opened():
    return {open_identifier(bytes(row.sealed), row.claim_id) for row in RightClaim.objects.all()}


def test_what_was_sealed_before_is_sealed_anew_and_the_old_key_goes(cast, settings):
    claim(cast.anda, "vin:1", "engine:1")
    told = []
    assert rotate(lambda what, count: told.append((what, count))) == 2
    assert told == [("claims", 2)]
    claim(cast.xingyu, "vin:2")
    assert kept_versions() == [1, 2]
    assert rotate() == 2  # the old key is still kept: no further one
    assert sealing_rotation.retire_sealing_keys() == ["title-identifiers.key"]
    assert opened() == {"VIN:1", "ENGINE:1", "VIN:2"}
    assert rotate() == 3
    assert sealing_rotation.retire_sealing_keys() == ["title-identifiers-2.key"]
    assert opened() == {"VIN:1", "ENGINE:1", "VIN:2"}
    (settings.KEY_DIR / "title-identifiers-3.key").rename(settings.KEY_DIR / "aside")
    sealing_rotation.seal.__globals__["_key"].cache_clear()
    with pytest.raises(RegistryKeyMissing, match="title-identifiers-3.key is missing"):
        claim(cast.xingyu, "vin:3")


def test_killed_between_any_two_batches_it_goes_on(cast, monkeypatch):
    monkeypatch.setattr(sealing_rotation, "_BATCH", 1)
    names = {f"VIN:{number}" for number in range(3)}
    for name in names:
        claim(cast.anda, name)

    def killed_in_its_second_batch():
        told = []
        with pytest.raises(ZeroDivisionError):
            rotate(lambda what, count: told.append(what) or 1 // (2 - len(told)))

    for left in (2, 1):
        killed_in_its_second_batch()
        assert opened() == names
        assert sealing_rotation.waiting()["claims"] == left
        with pytest.raises(NotReady):
            sealing_rotation.retire_sealing_keys()
    assert rotate() == 2
    assert sealing_rotation.retire_sealing_keys() == ["title-identifiers.key"]
    assert opened() == names


def test_a_contest_is_one_and_reads_as_before_through_a_rotation(cast):
    with tenant_context(cast.xingyu):
        open_log(at=AT)

    def contested():
        with tenant_context(cast.xingyu):
            return open_contest(
                vin=FREE, right=RIGHT, statement=WHY, paper=PDF, by=cast.rival_manager.pk, at=AT
            )

    claim(cast.anda, "vin:1")
    first = contested()
    with pytest.raises(ZeroDivisionError):
        rotate(lambda what, count: 1 // 0)  # killed before it comes to contests
    assert contested() == first  # between the keys: found by its old mark
    assert sealing_rotation.waiting()["contests"] == 1
    rotate()
    assert contested() == first
    sealing_rotation.retire_sealing_keys()
    assert contested() == first
    again = Contest.objects.get()
    assert words_of(again)["vin"] == FREE
    assert content_of(again.papers.get()) == PDF.content


def test_the_operators_command(cast, capsys):
    claim(cast.anda, "vin:1")
    call_command("rotate_keys", "identifiers", dry_run=True)
    call_command("rotate_keys", "identifiers")
    call_command("rotate_keys", "identifiers", retire=True)
    assert capsys.readouterr().out.splitlines() == [
        "claims: 0 sealed with an older key",
        "contests: 0 sealed with an older key",
        "claims: 1",
        "identifiers' key: everything is sealed with version 2.",
        "identifiers' key: destroyed title-identifiers.key.",
    ]
    assert TitleKeyring.objects.get().sealing == 2
    with pytest.raises(CommandError, match="leave --tenant out"):
        call_command("rotate_keys", "identifiers", tenant="anda")
