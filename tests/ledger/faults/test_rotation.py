"""Keys are rotated while traffic runs, and by processes that are killed at every step."""

import io

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import services, vault
from ledger.core.envelope import AES_GCM, SM4_GCM, wrap_key
from ledger.core.leaves import Leaf
from ledger.models import (
    Entry,
    FormerKey,
    KeyEncryptionKey,
    Payload,
    Pending,
    ReplicaEntry,
    ReplicaPayload,
)
from ledger.problems import KeyStillNeeded, PayloadUnreadable
from ledger.rotation import former, holders, kek
from ledger.verifier.check import verify_bundle
from mobile_api.services import store_photo
from tenants import clock
from tenants.database.bound import run_bound
from tests.ledger.faults.conftest import document, may_forget_former_keys
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_copy, check_log
from tests.ledger.faults.traffic import traffic


def ciphers(entries) -> set[str]:
    """Ciphers of the entries' contents."""
    return {Leaf.parse(bytes(row.leaf)).cipher for row in entries}


def versions() -> set[int]:
    """Key-encryption key versions that anything in this schema needs."""
    found = [
        holder.model._default_manager.filter(wrapped_key__isnull=False).values_list(
            "kek_version", flat=True
        )
        for holder in holders.holders()
    ]
    return {version for rows in found for version in rows}


def test_the_key_encryption_key_while_traffic_runs(pair, monkeypatch):
    """And moves the lessor to SM4: what it writes from then on reaches the copy like any other."""
    with traffic(pair) as running:
        call_command("rotate_keys", "kek", tenant="anda", cipher="sm4")
        call_command("rotate_keys", "kek", tenant="trust")
        running.rounds(1)
        monkeypatch.setenv("LL_KEY_DIR", str(settings.KEY_DIR))
        call_command("rotate_keys", "kek", all=True, retire=True)  # in a process of the owner
    for tenant in (pair.lessor, pair.trust):
        with tenant_context(tenant):
            assert versions() == {2}
            assert list(KeyEncryptionKey.objects.values_list("version", flat=True)) == [2]
    with tenant_context(pair.lessor):
        assert vault.current_kek().cipher == SM4_GCM
        assert ciphers(Entry.objects.all()) == {AES_GCM, SM4_GCM}
        index = services.append_entry(draft=document()).index
        assert ciphers(Entry.objects.filter(index=index)) == {SM4_GCM}
        services.seal_checkpoint(at=clock.now())
        bundle = io.BytesIO()
        services.export_ledger(stream=bundle, at=clock.now())
        bundle.seek(0)
        verify_bundle(bundle)
    with tenant_context(pair.trust):
        assert vault.current_kek().cipher == AES_GCM
        assert ciphers(ReplicaEntry.objects.all()) == {AES_GCM, SM4_GCM}
    check_copy(pair.lessor, pair.trust)
    with tenant_context(pair.lessor):
        kek.rotate_key_encryption_key()  # stays with its cipher
        assert vault.current_kek().cipher == SM4_GCM
        kek.rotate_key_encryption_key(cipher=AES_GCM)
        assert vault.current_kek().cipher == AES_GCM
    check_log(pair.lessor)


def test_a_rotation_may_die_anywhere(pair):
    may_forget_former_keys(pair)
    with tenant_context(pair.lessor):
        services.append_entries(drafts=[document() for _ in range(3)])
        pair.lessor.hot_ledger = True
        store_photo(content=b"\xff\xd8\xff.", by=pair.lessor.pk, at=clock.now())

    def make():
        with tenant_context(pair.lessor):
            services.submit_entry(draft=document())

        def rotate(answer):
            with tenant_context(pair.lessor):
                answer(kek.rotate_key_encryption_key(batch_size=4))
                answer(kek.retire_key_encryption_keys())

        return rotate

    try:
        for crash in at_every_step(make, stride=4):
            check_log(pair.lessor)  # opens every payload
            version, _ = crash.again()
            with tenant_context(pair.lessor):
                assert versions() == {version}
                assert [row.version for row in KeyEncryptionKey.objects.all()] == [version]
    finally:
        pair.lessor.hot_ledger = False
    check_log(pair.lessor)


def test_a_key_that_is_needed_is_not_retired(pair, capsys):
    may_forget_former_keys(pair)
    with tenant_context(pair.lessor):
        services.append_entry(draft=document())
        call_command("rotate_keys", "kek", tenant="anda", dry_run=True)
        waits = f"ledger_payload: {Entry.objects.count()} wait, to be wrapped by version 2"
        assert waits in capsys.readouterr().out
        before = vault.current_kek()
        after = vault.new_kek(version=before.version + 1)
        with pytest.raises(KeyStillNeeded, match="version 1 still wraps rows of ledger_payload"):
            kek.retire_key_encryption_keys()
        assert [found.version for found in (before, after)] == [1, 2]
        check_log(pair.lessor)
        assert kek.rotate_key_encryption_key() == 2  # the one that was begun
        assert kek.retire_key_encryption_keys() == [1]
    with pytest.raises(CommandError, match="no tenant"):
        call_command("rotate_keys", "kek", tenant="nobody")


def test_rows_that_do_not_open_are_named_and_hold_up_nothing_else(pair):
    with tenant_context(pair.lessor):
        index = services.append_entry(draft=document()).index
        services.append_entry(draft=document())
        pair.raw.execute(
            "UPDATE anda.ledger_payload SET wrapped_key = set_byte(wrapped_key, 20,"
            " 255 - get_byte(wrapped_key, 20)) WHERE index = %s",
            [index],
        )
        with pytest.raises(PayloadUnreadable, match="ledger_payload: 1"):
            kek.rotate_key_encryption_key(batch_size=1)
        old = Payload.objects.filter(kek_version=1)
        assert list(old.values_list("index", flat=True)) == [index]
        may_forget_former_keys(pair)
        with pytest.raises(KeyStillNeeded, match="ledger_payload"):
            kek.retire_key_encryption_keys()


def test_who_serves_destroys_no_content_by_wrapping_garbage(pair):
    """Nobody in the database can tell garbage: what wrapped the keys before is kept."""
    may_forget_former_keys(pair)
    with tenant_context(pair.lessor):
        good = [services.append_entry(draft=document()).index for _ in range(4)]
        pair.lessor.hot_ledger = True
        try:
            waits = services.submit_entry(draft=document())
        finally:
            pair.lessor.hot_ledger = False
        other = wrap_key(vault.new_kek(version=2).key, bytes(32), aad_of(good[1]))
        garbage, seq = b"\x07" * len(other), Pending.objects.get().seq
        rewrap = "SELECT ledger_rewrap(%b::bigint[], %b::bytea[], %b, false)"
        run_bound(rewrap, [good, [garbage, other, garbage, garbage], 2])
        pending = "SELECT ledger_rewrap_pending(%b::bigint[], %b::bytea[], 2)"
        run_bound(pending, [[seq], [garbage]])
        other = wrap_key(vault.new_kek(version=3).key, bytes(32), aad_of(good[1]))  # opens
        run_bound(rewrap, [good[:2], [garbage[1:], other], 3])  # once more: nothing is pushed out
        run_bound("SELECT ledger_erase(%b, now())", [good[3]])
        assert set(FormerKey.objects.values_list("place", flat=True)) == {*good[:3], seq}
        services.drain()
        with pytest.raises(PayloadUnreadable, match="ledger_payload: 4"):
            kek.retire_key_encryption_keys()
        assert KeyEncryptionKey.objects.filter(version=1).exists()
        assert kek.rotate_key_encryption_key() == 3
        assert kek.rotate_key_encryption_key() == 4  # those that were under 3 already
        assert kek.retire_key_encryption_keys() == [1, 2, 3]
        assert not FormerKey.objects.exists()
        assert Entry.objects.filter(rid=waits.rid).exists()
        run_bound("SELECT ledger_rewrap_kek(4, wrapped, %b) FROM ledger_kek", [garbage])
        pair.raw.execute(
            "UPDATE anda.ledger_kek SET wrapped = f.wrapped_key FROM anda.ledger_former_key AS f"
            " WHERE f.holder = 'ledger_kek' AND place = version"
        )
    check_log(pair.lessor)  # opens every payload


def test_what_is_wrapped_anew_while_others_are_forgotten_stays_kept(pair, monkeypatch):
    may_forget_former_keys(pair)
    with tenant_context(pair.lessor):
        index = services.append_entry(draft=document()).index
        kek.rotate_key_encryption_key()
        real, garbage = former.former_of, b"\x07" * 60

        def late(holder, places):
            if holder.model is Payload and vault.current_kek().version == 2:
                vault.new_kek(version=3)
                rewrap = "SELECT ledger_rewrap(%b::bigint[], %b::bytea[], 3, false)"
                run_bound(rewrap, [[index], [garbage]])
            return real(holder, places)

        monkeypatch.setattr(former, "former_of", late)
        with pytest.raises(PayloadUnreadable, match="ledger_payload: 1"):
            kek.retire_key_encryption_keys()
        assert kek.rotate_key_encryption_key() == 3
        assert kek.rotate_key_encryption_key() == 4
    check_log(pair.lessor)  # opens every payload


def aad_of(index: int) -> bytes:
    """What the key of an entry's content is bound to."""
    return Leaf.parse(bytes(Entry.objects.get(index=index).leaf)).core.aad()


def test_who_began_under_a_retired_key_is_told_to_try_again(pair, monkeypatch):
    may_forget_former_keys(pair)
    with tenant_context(pair.lessor):
        services.append_entry(draft=document())
        old = vault.current_kek()
        kek.rotate_key_encryption_key()
        kek.retire_key_encryption_keys()
        now = vault.current_kek()
        for do in (services.append_entry, services.submit_entry):
            pair.lessor.hot_ledger = do is services.submit_entry
            with monkeypatch.context() as late:  # asked before it was retired: asked once more
                asked = iter([old, now])
                late.setattr(vault, "current_kek", lambda: next(asked))  # noqa: B023
                do(draft=document())
        pair.lessor.hot_ledger = False
        with monkeypatch.context() as late:
            late.setattr(vault, "current_kek", lambda: old)
            with pytest.raises(Exception, match="version 1 was retired; try again"):
                services.append_entry(draft=document())
        services.append_entry(draft=document())
    check_log(pair.lessor)


def test_a_copy_is_wrapped_anew_too(pair):
    from tests.ledger.faults.test_crash_exchange import _append, _receive, _send

    may_forget_former_keys(pair)
    _append(pair)
    _send(pair)
    _receive(pair)
    with tenant_context(pair.trust):
        assert kek.waiting() == []
        assert kek.rotate_key_encryption_key(batch_size=2) == 2
        assert set(ReplicaPayload.objects.values_list("kek_version", flat=True)) == {2}
        assert kek.retire_key_encryption_keys() == [1]
    check_copy(pair.lessor, pair.trust)
