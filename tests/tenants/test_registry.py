"""No right is taken twice, whoever races; a refusal tells nothing."""

import uuid
from datetime import UTC, datetime

import pytest
from django.db import IntegrityError, connection, transaction

from tenants.models import RightClaim
from tenants.registry import (
    ClaimRequest,
    RightUnavailable,
    blind_index,
    claim_rights,
    perfect_rights,
    release_rights,
    reserve_rights,
    states_of,
    withdraw_claims,
)

NOW = datetime(2026, 1, 5, tzinfo=UTC)
VIN = "vin:LSVAM4187C2184841"


def _claim(tenant, *identifiers, rights=("receivables",)):
    request = ClaimRequest(uuid.uuid4(), identifiers or (VIN,), rights)
    [outcome] = claim_rights(claims=[request], by_tenant=tenant.pk, at=NOW)
    return outcome


def _pledge(claim_id, holder, right="receivables"):
    reserve_rights(claim_ids=[claim_id], right=right, holder=holder.pk, at=NOW)
    perfect_rights(claim_ids=[claim_id], right=right, holder=holder.pk, state="pledged", at=NOW)


def test_several_may_claim_until_one_is_pledged(cast):
    one, two = _claim(cast.anda), _claim(cast.xingyu)
    assert one.accepted and two.accepted
    _pledge(one.claim_id, cast.trust)
    with pytest.raises(RightUnavailable) as refusal:
        reserve_rights(claim_ids=[two.claim_id], right="receivables", holder=cast.trust.pk, at=NOW)
    assert refusal.value.claim_ids == (two.claim_id,)
    assert not _claim(cast.xingyu).accepted
    assert states_of(claim_ids=[one.claim_id]) == {one.claim_id: "pledged"}


def test_rights_are_separate(cast):
    mine = _claim(cast.anda, rights=("receivables", "ownership"))
    _pledge(mine.claim_id, cast.trust)
    assert _claim(cast.xingyu, rights=("ownership",)).accepted
    assert not _claim(cast.xingyu, rights=("receivables",)).accepted


def test_any_shared_identifier_is_enough(cast):
    _pledge(_claim(cast.anda, VIN, "engine:E123").claim_id, cast.trust)
    assert not _claim(cast.xingyu, "vin:LBVAM4187C2184841", " engine:e123 ").accepted


def test_release_frees_the_right(cast):
    one, two = _claim(cast.anda), _claim(cast.xingyu)
    _pledge(one.claim_id, cast.trust)
    moved = release_rights(
        claim_ids=[one.claim_id], right="receivables", holder=cast.trust.pk, at=NOW
    )
    assert moved == {one.claim_id}
    _pledge(two.claim_id, cast.trust)


def test_only_the_holder_perfects_and_releases(cast):
    one = _claim(cast.anda)
    reserve_rights(claim_ids=[one.claim_id], right="receivables", holder=cast.trust.pk, at=NOW)
    with pytest.raises(RightUnavailable):
        perfect_rights(
            claim_ids=[one.claim_id],
            right="receivables",
            holder=cast.xingyu.pk,
            state="sold",
            at=NOW,
        )
    moved = release_rights(
        claim_ids=[one.claim_id], right="receivables", holder=cast.xingyu.pk, at=NOW
    )
    assert moved == set()


def test_reserving_is_all_or_nothing(cast):
    free, lost = _claim(cast.anda, "vin:A"), _claim(cast.anda, "vin:B")
    _pledge(_claim(cast.xingyu, "vin:B").claim_id, cast.trust)
    with pytest.raises(RightUnavailable), transaction.atomic():
        reserve_rights(
            claim_ids=[free.claim_id, lost.claim_id],
            right="receivables",
            holder=cast.trust.pk,
            at=NOW,
        )
    assert states_of(claim_ids=[free.claim_id]) == {free.claim_id: "claimed"}


def test_withdrawn_claims_are_gone_and_held_ones_stay(cast):
    one = _claim(cast.anda)
    withdraw_claims(claim_ids=[one.claim_id], by_tenant=cast.anda.pk, at=NOW)
    assert states_of(claim_ids=[one.claim_id]) == {one.claim_id: "released"}
    two = _claim(cast.anda)
    _pledge(two.claim_id, cast.trust)
    with pytest.raises(RightUnavailable):
        withdraw_claims(claim_ids=[two.claim_id], by_tenant=cast.anda.pk, at=NOW)


def test_claiming_again_changes_nothing(cast):
    request = ClaimRequest(uuid.uuid4(), (VIN,))
    for _time in range(2):
        [outcome] = claim_rights(claims=[request], by_tenant=cast.anda.pk, at=NOW)
        assert outcome.accepted
    assert RightClaim.objects.filter(claim_id=request.claim_id).count() == 1


def test_the_registry_holds_no_identifier_and_the_refusal_no_name(cast):
    _pledge(_claim(cast.anda).claim_id, cast.trust)
    with connection.cursor() as cursor:
        cursor.execute("SELECT t::text FROM public.tenants_rightclaim t")
        assert "LSVAM" not in "".join(row[0] for row in cursor.fetchall())
    second = _claim(cast.xingyu, "vin:OTHER")
    _pledge(second.claim_id, cast.trust)
    words = str(RightUnavailable([second.claim_id]))
    assert not any(name in words for name in ("Anda", "Trust", "anda", "trust"))


def test_the_database_has_the_last_word(cast):
    """Two taken rows on one right are refused by the constraint, without any of our code."""
    row = {
        "claimant": cast.anda,
        "holder": cast.trust,
        "right": "receivables",
        "asset_index": blind_index(VIN, 1),
        "key_version": 1,
        "state": "pledged",
        "period": (NOW, None),
    }
    RightClaim.objects.create(claim_id=uuid.uuid4(), **row)
    with pytest.raises(IntegrityError), transaction.atomic():
        RightClaim.objects.create(claim_id=uuid.uuid4(), **row)


def test_fifty_thousand_claims_in_one_go(cast):
    requests = [ClaimRequest(uuid.uuid4(), (f"vin:{number:017d}",)) for number in range(50_000)]
    _pledge(_claim(cast.xingyu, f"vin:{7:017d}").claim_id, cast.trust)
    outcomes = claim_rights(claims=requests, by_tenant=cast.anda.pk, at=NOW)
    assert [o.claim_id for o in outcomes if not o.accepted] == [requests[7].claim_id]
    assert RightClaim.objects.count() == 50_000
