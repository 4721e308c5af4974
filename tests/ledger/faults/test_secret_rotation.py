"""The server's own signing, cosigning and parcel keys are replaced while traffic runs."""

import uuid

import pytest
from django.core.management import CommandError, call_command
from django_tenants.utils import tenant_context

from ledger import services, vault
from ledger.core.keys import KeyRole
from ledger.core.notes import NoteKey
from ledger.drafts import rows
from ledger.models import Cosignature, Entry, SigningKey, TenantSecret
from ledger.problems import KeyNotApproved
from ledger.rotation import secrets
from ledger.selectors import latest_checkpoint
from ledger.services.writing import server_key
from ledger.witnessing.trust import policy_text, set_policy, standings
from tenants.models import Parcel, PublishedKey
from tests.ledger.faults.conftest import AT, document
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.invariants import check_copy, check_log
from tests.ledger.faults.test_crash_exchange import _receive, _receive_cosignature, _send
from tests.ledger.faults.traffic import Traffic, everything_opens, traffic

ALL = ("service", "back-office", "cosigner", "parcels")


def rotate(which: str, schema: str, **options) -> None:
    call_command("rotate_keys", which, tenant=schema, **options)


def tape(tenant) -> None:
    records = [(uuid.uuid4(), {"vin": f"VIN{number}"}) for number in range(3)]
    with tenant_context(tenant):
        services.append_tape(
            rid=uuid.uuid4(),
            fields={"rows": "3"},
            rows=rows(kind="lease.recorded", records=records, ts=AT),
            at=AT,
        )


def test_the_servers_own_keys_while_traffic_runs(pair):
    tape(pair.lessor)
    with traffic(pair) as running:
        for which in ALL:
            for schema in ("anda", "trust"):
                rotate(which, schema)
        tape(pair.lessor)
        running.rounds(1)
        for which in ("service", "back-office", "cosigner"):
            rotate(which, "anda", retire=True)
            rotate(which, "trust", retire=True)
        tape(pair.lessor)
    for schema in ("anda", "trust"):  # nothing waits now
        rotate("parcels", schema, retire=True)
    everything_opens(running)
    with tenant_context(pair.lessor):
        assert Entry.objects.filter(kind="device.revoked").count() == 2
        names = set(TenantSecret.objects.exclude(purpose="sign").values_list("name", flat=True))
        assert names == {"cosigner/2", "cosigner-mldsa/2", "parcels/2", "receipts"}
        kids = Cosignature.objects.values_list("vkey", flat=True).distinct()
        assert len(kids) == 4  # old and new, two algorithms
        checkpoints = list(services.checkpoints.Checkpoint.objects.all())
        cosigned = set(Cosignature.objects.values_list("size", flat=True))
        told = standings(checkpoints)
        assert all(told[size].met for size in cosigned)  # by the default policy, old and new


def test_a_rotation_of_secrets_may_die_anywhere(pair):
    tape(pair.lessor)

    def change(answer):
        with tenant_context(pair.lessor):
            for which in ALL:
                rotate(which, "anda")
                rotate(which, "anda", retire=True)
        answer("done")

    for crash in at_every_step(lambda: change, stride=19):
        check_log(pair.lessor)
        crash.again()
        with tenant_context(pair.lessor):
            for name in (vault.COSIGNER, vault.COSIGNER_MLDSA, vault.PARCELS):
                assert len(vault.held(name)) == 1
            for role in (KeyRole.SERVICE, KeyRole.BACK_OFFICE):
                assert secrets.held_keys(role) == [server_key(role).kid]
        tape(pair.lessor)
        Traffic(pair)._exchange()
    state = check_log(pair.lessor)
    assert check_copy(pair.lessor, pair.trust) == state.size


def test_a_parcel_to_the_old_key_opens_until_it_is_retired(pair):
    _send(pair)
    rotate("parcels", "trust")
    with pytest.raises(CommandError, match="parcel of anda waits"):
        rotate("parcels", "trust", retire=True)
    _receive(pair)
    rotate("parcels", "trust", retire=True)
    published = PublishedKey.objects.filter(tenant=pair.trust, purpose=PublishedKey.PARCELS)
    assert published.count() == 1
    with tenant_context(pair.lessor):
        services.append_entry(draft=document())
    _send(pair)
    assert Parcel.objects.filter(receiver=pair.trust).exists()
    _receive(pair)
    _receive_cosignature(pair)
    assert check_copy(pair.lessor, pair.trust) == check_log(pair.lessor).size


@pytest.mark.parametrize("at", [AT, "2026-10-31T08:00:00.000000Z"])
def test_the_order_of_keys_is_the_logs_whatever_the_clock_says(pair, at):
    """Rotated at one instant with what it replaces, or after the clock went back a day."""
    with tenant_context(pair.lessor):
        services.ensure_back_office_key(at=AT)
        for role in (KeyRole.SERVICE, KeyRole.BACK_OFFICE):
            first = server_key(role).kid
            for _ in range(3):
                new = secrets.rotate_signing_key(role, at=at)
                assert server_key(role).kid == new != first
                assert secrets.retire_signing_keys(role, at=at) == [first]
                first = new
        services.append_entry(draft=document())
    check_log(pair.lessor)


def test_parcels_are_sealed_to_what_was_published_last_whatever_the_clock_says(pair):
    rotate("parcels", "trust")
    published = PublishedKey.objects.filter(tenant=pair.trust, purpose=PublishedKey.PARCELS)
    published.filter(pk=published.latest("pk").pk).update(created_at="2026-10-31T08:00:00Z")
    _send(pair)
    rotate("parcels", "trust", retire=True)  # nothing waits that only the old one opens
    _receive(pair)
    assert check_copy(pair.lessor, pair.trust) == check_log(pair.lessor).size


def test_what_a_revoked_key_signed_is_never_placed_after_its_revocation(pair, monkeypatch):
    """As if a transaction had signed, and then waited for the head while the key was revoked."""
    from ledger.services import writing

    with tenant_context(pair.lessor):
        services.append_entry(draft=document())
        old = writing.service_signer()
        rotate("service", "anda")
        rotate("service", "anda", retire=True)
        new = writing.service_signer()
        assert old[0] != new[0]
        answers = iter([old, new])
        with monkeypatch.context() as late:
            late.setattr(writing, "service_signer", lambda: next(answers))
            services.append_entry(draft=document())  # signed anew by the key that took over
        with monkeypatch.context() as late:
            late.setattr(writing, "service_signer", lambda: old)
            with pytest.raises(KeyNotApproved, match="revoked a moment ago"):
                services.append_entry(draft=document())
        assert SigningKey.objects.get(kid=old[0]).state == "revoked"
    check_log(pair.lessor)


def test_both_keys_cosign_on_either_way_while_one_replaces_the_other(pair):
    with tenant_context(pair.lessor):
        set_policy(text=policy_text(), by=uuid.uuid4(), at=AT)  # names the keys of before
    rotate("cosigner", "trust")
    _send(pair)
    _receive(pair)
    with tenant_context(pair.trust):
        from ledger.models import WitnessedLog

        note = bytes(WitnessedLog.objects.get().note).decode()
    key = PublishedKey.objects.filter(tenant=pair.trust, purpose=PublishedKey.COSIGNER).first()
    name = f"— {NoteKey.parse(key.key).name} "
    assert note.count(name) == 4
    _receive_cosignature(pair)
    with tenant_context(pair.lessor):
        assert Cosignature.objects.count() == 4
        checkpoint = latest_checkpoint()
        assert standings([checkpoint])[checkpoint.size].met
    rotate("cosigner", "trust", retire=True)
    with tenant_context(pair.lessor):
        services.append_entry(draft=document())
    Traffic(pair)._exchange()
    with tenant_context(pair.lessor):
        checkpoint = latest_checkpoint()
        told = standings([checkpoint])[checkpoint.size]
        assert (told.met, [item.by_other_key for item in told.missing]) == (False, [True])
