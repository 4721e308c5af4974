"""The signer of the registry's map: one root for each epoch, whatever dies or goes back."""

import io
from dataclasses import replace

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger.core.title_root import SignedRoot
from ledger.models import TitleRootSeen
from ledger.problems import BadSignerRequest, KeyFileDamaged, RootRefused, SignerAway
from ledger.rotation.title_map import retire_map_keys, rotate_map_keys
from ledger.signing import root_signer
from ledger.signing.root_rules import SaidRoot
from ledger.titles import sealing
from ledger.titles.keys import reigning_keys
from ledger.titles.prepared import sealing_halted
from ledger.titles.sealing import finish_epoch, latest_root, seal_epoch
from ledger.titles.tasks import seal_titles
from ledger.titles.told import newest_told, told_in
from tenants.models import TitleEpoch, User
from tenants.registry.keys import RegistryKeyMissing
from tests.cast import email
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.test_map_rotation import TABLES, check, files, hold, mapped, tell
from tests.ledger.faults.test_signer_process import apart

__all__ = ["apart", "mapped"]


def sealed():
    return seal_epoch(now=timezone.now())


def go_back(pair, epoch):
    """The database as a backup from right after an epoch has it; ledgers are as they are."""
    for table in set(TABLES) - {"index"}:
        pair.raw.execute(f"DELETE FROM public.tenants_title{table} WHERE epoch > %s", [epoch])


def test_what_was_signed_and_not_stored_is_signed_again(mapped, monkeypatch):
    """Killed at the steps of signing: the root that was signed is the one that is told."""

    def make():
        hold(mapped)
        with monkeypatch.context() as patch:
            patch.setattr(sealing, "finish_epoch", lambda: None)
            sealed()  # its map alone
        return lambda answer: answer(finish_epoch().root.epoch)

    was_lost = 0
    for _crash in at_every_step(make, first=4, stride=2):
        newest, last = check(mapped).root, root_signer().last().root
        if last.epoch > newest.epoch:
            was_lost += 1
            assert told_in(last.epoch) is None and sealing_halted() is None
        sealed()
        assert told_in(last.epoch).root == last
        assert check(mapped).root.rights == mapped.held
    assert was_lost


def test_a_database_that_went_back_seals_nothing_until_what_was_told_is_back(mapped, client_of):
    first = latest_root()
    hold(mapped)
    second = sealed()
    go_back(mapped, 1)
    hold(mapped)
    with pytest.raises(
        RootRefused, match="Epoch 2 comes next in it, but the signer signed epoch 2"
    ):
        sealed()
    with pytest.raises(RootRefused):
        rotate_map_keys(now=timezone.now())
    assert latest_root() == first and root_signer().last().root == second.root
    seal_titles(timestamp=0)  # the timer's log says so, and the page does
    manager = User.objects.get(email=email("manager"))
    for language, words in (("en", "manage.py seal_titles --take-signed"), ("zh-hans", "第 2 期")):
        page = client_of(manager, mapped.lessor, language=language).get("/ledger/titles/")
        assert words in page.content.decode()
    tell_seen(mapped.trust, second)
    said = io.StringIO()
    with pytest.raises(CommandError, match="Wait until they are brought back"):
        call_command("seal_titles", take_signed=True)
    tell(mapped)
    assert latest_root() == second and sealing_halted() is None
    third = sealed()
    assert check(mapped) == third and third.root.rights == mapped.held
    call_command("seal_titles", take_signed=True, stdout=said)
    assert said.getvalue().startswith("The database has all that the signer signed.")


def tell_seen(tenant, signed):
    """As the ledger of a tenant has it that was told of a root."""
    with tenant_context(tenant):
        TitleRootSeen.objects.create(
            source=tenant.pk, epoch=signed.root.epoch, index=99, fields=signed.fields(),
            seen_at=timezone.now(),
        )  # fmt: skip


def test_what_no_ledger_holds_the_operator_takes_from_the_signer(mapped):
    hold(mapped)
    second = sealed()
    go_back(mapped, 1)
    said = io.StringIO()
    call_command("seal_titles", take_signed=True, stdout=said)
    assert "Epoch 2 is back, as it was signed." in said.getvalue()
    assert told_in(2) == second and check(mapped).root.epoch == 3
    assert sealing_halted() is None


def test_a_root_that_waits_is_given_up_for_the_one_that_was_signed(mapped, monkeypatch):
    """A backup from between the two commits, of a platform that went on otherwise since."""
    first = latest_root()
    hold(mapped)
    with monkeypatch.context() as patch:
        patch.setattr(sealing, "finish_epoch", lambda: None)
        sealed()
    told = replace(first.root, epoch=2, previous=first.root.digest(), root=b"\2" * 32)
    root_signer().sign(SaidRoot(told, first.key))
    for _ in range(2):
        with pytest.raises(RootRefused, match="Epoch 2 was signed with another root already"):
            sealed()
    assert sealing_halted().code == "title_root_refused" and latest_root() == first
    call_command("seal_titles", take_signed=True, stdout=io.StringIO())
    assert told_in(2).root == told and check(mapped).root.epoch == 3


def test_the_signer_signs_no_second_root(mapped):
    """Whoever may ask it; what was restored of its files, too."""
    signer, first, keys = root_signer(), latest_root(), reigning_keys()
    said = SaidRoot(first.root, first.key)
    assert signer.sign(said) == (first.signature, b"")
    with pytest.raises(RootRefused, match="signed with another root already: .* was to be signed"):
        signer.sign(SaidRoot(replace(first.root, rights=7), first.key))
    hold(mapped)
    second = sealed()
    with pytest.raises(RootRefused, match="comes next"):
        signer.sign(said)
    handed = rotate_map_keys(now=timezone.now()).signed
    assert SignedRoot.of_fields(handed.fields()).signers == {keys.key, handed.key}
    text = replace(second.root, epoch=4)
    with pytest.raises(RootRefused, match="no longer reigns"):
        signer.sign(SaidRoot(text, second.key))
    with pytest.raises(BadSignerRequest, match="not the name"):
        other = replace(second.key, name="x/titles")
        signer.sign(SaidRoot(replace(text, origin="x/titles"), other))
    assert signer.last() == SaidRoot(handed.root, handed.key)
    tell(mapped)
    go_back(mapped, 2)
    with pytest.raises(RootRefused):
        retire_map_keys()  # by the database the old key reigns
    assert len(files()) == 4


def test_the_roots_key_stands_behind_the_signer_alone(mapped, apart):
    titles, first = settings.KEY_DIR / "logs" / "titles", newest_told()
    with pytest.raises(RegistryKeyMissing, match="title-map-roots.key is missing"):
        sealed()
    (settings.KEY_DIR / "title-map-roots.key").rename(titles / "title-map-roots.key")
    hold(mapped)
    apart.kill()
    with pytest.raises(SignerAway):
        sealed()
    apart.start()
    second = sealed()
    assert check(mapped) == second
    handed = rotate_map_keys(now=timezone.now()).signed
    assert handed.root.change.old_key == first.key and check(mapped) == handed
    apart.kill()
    apart.start()
    tell(mapped)
    assert retire_map_keys() == ["title-map-index 1", "title-map-roots 1"]
    assert files() == ["title-map-index-2.key"]
    assert [path.name for path in titles.glob("*.key")] == ["title-map-roots-2.key"]
    go_back(mapped, second.root.epoch)
    hold(mapped)
    with pytest.raises(RootRefused) as refused:
        sealed()
    assert refused.value.params == {"epoch": 3, "signed": 3}
    (titles / "title-map-roots-2.key").unlink()
    with pytest.raises(KeyFileDamaged):
        root_signer().sign(SaidRoot(handed.root, handed.key))
    assert TitleEpoch.objects.count() == 2
