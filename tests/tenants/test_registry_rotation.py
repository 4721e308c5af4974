"""The index key is rotated while institutions race: at no moment is a vehicle pledged twice."""

import threading
import uuid
from datetime import UTC, datetime

import pytest
from django.core.management import call_command
from django.db import connection, transaction

from tenants.models import RightClaim, TitleKeyring
from tenants.registry import (
    ClaimRequest,
    RightUnavailable,
    blind_index,
    claim_rights,
    perfect_rights,
    release_rights,
    reserve_rights,
    resubmit_identifiers,
    rotation,
    sealing_rotation,
    states_of,
)
from tenants.registry.keys import RegistryKeyMissing, _index_key
from tenants.registry.sealing import open_identifier

NOW = datetime(2026, 1, 5, tzinfo=UTC)
NAMES = ("vin:LSVAM4187C2184841", "plate:沪A12345", "engine:EA211-77")


def claim(tenant, *names, claim_id=None):
    request = ClaimRequest(claim_id or uuid.uuid4(), names or NAMES, ("receivables",))
    [outcome] = claim_rights(claims=[request], by_tenant=tenant.pk, at=NOW)
    return outcome


def pledge(claim_id, holder):
    given = {"claim_ids": [claim_id], "right": "receivables", "holder": holder.pk, "at": NOW}
    reserve_rights(**given)
    perfect_rights(**given, state="pledged")


def test_the_same_vehicle_is_refused_at_every_step(cast):
    """The trap: a claim of before under the old key, a claim of after under the new one alone."""
    first = claim(cast.anda)
    waiting = claim(cast.xingyu, "engine:EA211-77")
    pledge(first.claim_id, cast.trust)

    def refused():
        assert not claim(cast.xingyu, "plate:沪a12345").accepted
        with pytest.raises(RightUnavailable):
            reserve_rights(
                claim_ids=[waiting.claim_id], right="receivables", holder=cast.trust.pk, at=NOW
            )

    refused()
    assert rotation.begin(at=NOW) == 2
    refused()
    assert (rotation.fill(at=NOW), rotation.fill(at=NOW)) == (4, 0)
    refused()
    assert rotation.switch(at=NOW) == 2
    refused()
    assert rotation.drop(at=NOW) == 4
    refused()
    assert set(RightClaim.objects.values_list("key_version", flat=True)) == {2}
    assert states_of(claim_ids=[first.claim_id]) == {first.claim_id: "pledged"}
    release_rights(claim_ids=[first.claim_id], right="receivables", holder=cast.trust.pk, at=NOW)
    pledge(waiting.claim_id, cast.trust)


def test_what_changes_while_both_keys_stand_changes_under_both(cast):
    one = claim(cast.anda)
    rotation.begin(at=NOW)
    two = claim(cast.xingyu)
    rotation.fill(at=NOW)
    pledge(one.claim_id, cast.trust)
    with pytest.raises(RightUnavailable):
        pledge(two.claim_id, cast.trust)
    rows = RightClaim.objects.filter(claim_id=one.claim_id).values_list("key_version", "state")
    assert sorted(rows) == [(1, "pledged")] * 3 + [(2, "pledged")] * 3


def test_the_database_refuses_under_either_key(cast):
    rotation.begin(at=NOW)
    pledge(claim(cast.anda).claim_id, cast.trust)
    for version in (1, 2):
        with pytest.raises(Exception, match="right_taken_once"), transaction.atomic():
            RightClaim.objects.create(
                claim_id=uuid.uuid4(), claimant=cast.xingyu, holder=cast.trust,
                right="receivables", asset_index=blind_index(NAMES[0], version),
                key_version=version, state="pledged", period=(NOW, None),
            )  # fmt: skip


def test_identifiers_are_kept_encrypted_and_open_for_their_claim_only(cast):
    one = claim(cast.anda)
    rows = RightClaim.objects.filter(claim_id=one.claim_id)
    assert {open_identifier(bytes(row.sealed), one.claim_id) for row in rows} == {
        name.upper() for name in NAMES
    }
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM public.tenants_rightclaim t")
        text = "".join(row[0] for row in cursor.fetchall())
    assert not any(name.upper().encode().hex() in text for name in NAMES)
    with pytest.raises(RegistryKeyMissing):
        open_identifier(bytes(rows[0].sealed), uuid.uuid4())


def test_claims_without_identifiers_are_sent_again_before_the_switch(cast):
    one = claim(cast.anda)
    RightClaim.objects.update(sealed=None)
    assert rotation.unnamed() == {cast.anda.pk: 1}
    rotation.begin(at=NOW)
    assert rotation.fill(at=NOW) == 0
    with pytest.raises(rotation.NotReady):
        rotation.switch(at=NOW)
    own = ClaimRequest(one.claim_id, NAMES)
    assert resubmit_identifiers(claims=[own], by_tenant=cast.xingyu.pk) == 0
    wrong = ClaimRequest(one.claim_id, ("vin:ANOTHER",))
    assert resubmit_identifiers(claims=[wrong], by_tenant=cast.anda.pk) == 0
    assert resubmit_identifiers(claims=[own], by_tenant=cast.anda.pk) == 3
    assert rotation.switch(at=NOW) == 2


def test_steps_out_of_turn_and_a_lost_key_are_refused(cast, settings, tmp_path):
    for step in (rotation.fill, rotation.switch, rotation.drop):
        with pytest.raises(rotation.NotReady):
            step(at=NOW)
    claim(cast.anda)
    settings.KEY_DIR = tmp_path / "another place"
    _index_key.cache_clear()
    with pytest.raises(RegistryKeyMissing, match="missing"):
        claim(cast.xingyu)


def test_the_operators_command_says_where_it_stands(cast, capsys):
    claim(cast.anda)
    for step in (None, "begin", "fill", "switch", "drop"):
        call_command("rotate_title_key", *([step] if step else []))
    out = capsys.readouterr().out
    assert [line.split("next step: ")[1] for line in out.splitlines() if "next step" in line] == [
        "begin.", "fill.", "switch.", "drop.", "begin.",
    ]  # fmt: skip


def test_racing_claims_during_whole_rotations_have_one_winner_each(
    committed_cast, settings, tmp_path
):
    """Old claims and new ones, of several institutions, while every step is taken.

    The index's key and the one that seals identifiers change in turn.
    """
    settings.KEY_DIR = tmp_path / "keys"
    cast, stop, surprises = committed_cast, threading.Event(), []
    vehicles = [[f"vin:{n}", f"engine:{n}"] for n in range(4)]
    old = [claim(tenant, *names) for names in vehicles for tenant in (cast.anda, cast.xingyu)]
    names_of = {one.claim_id: vehicles[n // 2] for n, one in enumerate(old)}

    def race(number):
        tenant = (cast.anda, cast.xingyu)[number % 2]
        turn = number
        try:
            while not stop.is_set():
                turn += 1
                names = vehicles[turn % len(vehicles)]
                fresh = ClaimRequest(uuid.uuid4(), names[turn % 2 :])
                mine = [one.claim_id for one in old if names_of[one.claim_id] == names]
                try:
                    with transaction.atomic():
                        [taken] = claim_rights(claims=[fresh], by_tenant=tenant.pk, at=NOW)
                        chosen = fresh.claim_id if taken.accepted else mine[turn % 2]
                        pledge(chosen, cast.trust)
                    release_rights(
                        claim_ids=[chosen], right="receivables", holder=cast.trust.pk, at=NOW
                    )
                except RightUnavailable:
                    pass
        except Exception as error:
            surprises.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=race, args=[n]) for n in range(4)]
    for thread in threads:
        thread.start()
    try:
        for _time in range(2):
            for step in (rotation.begin, rotation.fill, rotation.switch, rotation.drop):
                step(at=NOW)
                _nothing_is_taken_twice()
            sealing_rotation.rotate_sealing_key(at=NOW, progress=lambda what, count: None)
            sealing_rotation.retire_sealing_keys()
            _nothing_is_taken_twice()
    finally:
        stop.set()
        for thread in threads:
            thread.join()
    assert surprises == []
    ring = TitleKeyring.objects.get()
    assert (ring.current, ring.sealing) == (3, 3)
    assert set(RightClaim.objects.values_list("key_version", flat=True)) == {3}


def _nothing_is_taken_twice():
    """By what the index stands for: the identifiers are opened."""
    taken = RightClaim.objects.filter(state__in=RightClaim.TAKEN)
    by_name: dict[str, set] = {}
    for claim_id, sealed in taken.values_list("claim_id", "sealed"):
        by_name.setdefault(open_identifier(bytes(sealed), claim_id), set()).add(claim_id)
    assert {name: ids for name, ids in by_name.items() if len(ids) > 1} == {}
