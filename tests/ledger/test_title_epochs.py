"""Epochs of the title registry's map: what is held stands in it, and nothing else."""

import uuid
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import DatabaseError, connection, connections, transaction

from ledger.core.encoding import unb64
from ledger.core.errors import ProofError
from ledger.core.title_map import alpha, index_of, subtree, verify_map
from ledger.core.title_root import FIRST, SignedRoot
from ledger.titles.keys import root_key, vrf_secret
from ledger.titles.problems import Unnamed
from ledger.titles.sealing import FRESH_FOR, is_resting, seal_epoch
from ledger.titles.tree import hashed, look_up
from tenants.models import RightClaim, TitleEpoch, TitleIndex, TitleLeaf, TitleNode
from tenants.registry import (
    ClaimRequest,
    claim_rights,
    perfect_rights,
    release_rights,
    reserve_rights,
    rotation,
)

NOW = datetime(2026, 11, 2, 8, tzinfo=UTC)
RIGHT = "receivables"


def vin(number: int) -> str:
    return f"vin:LSVAM4187C2{number:06d}"


def place(number: int) -> bytes:
    return index_of(vrf_secret().output(alpha(RIGHT, vin(number).upper())))


def claimed(cast, *numbers):
    requests = [ClaimRequest(uuid.uuid4(), (vin(number),)) for number in numbers]
    assert all(o.accepted for o in claim_rights(claims=requests, by_tenant=cast.anda.pk, at=NOW))
    return [request.claim_id for request in requests]


def held(cast, *numbers):
    claims = claimed(cast, *numbers)
    reserve_rights(claim_ids=claims, right=RIGHT, holder=cast.trust.pk, at=NOW)
    return claims


def sealed(minutes=0) -> SignedRoot:
    return seal_epoch(now=NOW + timedelta(minutes=minutes))


def stands(number: int, signed: SignedRoot):
    """The leaf of a vehicle in an epoch, its proof verified under the root that was signed."""
    index, root = place(number), signed.root
    found = look_up([index], root.epoch)[index]
    commitment = found.leaf.commitment if found.leaf else None
    verify_map(root.root, index, commitment, found.proof)
    if found.leaf is not None:
        assert found.leaf.opening().commitment() == commitment
    return found.leaf


def test_what_is_held_stands_in_the_map_and_what_is_only_claimed_does_not(cast):
    claims = held(cast, 1, 2)
    claimed(cast, 3)
    first = sealed()
    assert (first.root.epoch, first.root.rights, first.root.previous) == (1, 2, FIRST)
    first.verify(root_key())
    one, two, three = (stands(number, first) for number in (1, 2, 3))
    assert (one.state, one.holder, one.since) == ("reserved", cast.trust.pk, 1)
    assert two.salt != one.salt and three is None
    perfect_rights(claim_ids=claims[:1], right=RIGHT, holder=cast.trust.pk, state="sold", at=NOW)
    release_rights(claim_ids=claims[1:], right=RIGHT, holder=cast.trust.pk, at=NOW)
    second = sealed(20)
    assert second.follows(first) and second.root.rights == 1
    assert (stands(1, second).state, stands(1, second).since) == ("sold", 2)
    assert stands(2, second) is None
    assert stands(2, first).since == 1  # the epoch before is proven as it was


def test_nothing_changed_is_no_epoch_until_a_day_is_over(cast):
    assert sealed() is None  # no right is held yet
    held(cast, 1)
    first = sealed()
    assert sealed(60) is None
    again = seal_epoch(now=NOW + FRESH_FOR)
    assert again.follows(first) and again.root.root == first.root.root


def test_the_timer_rests_between_two_epochs(cast, settings):
    assert not is_resting(NOW)
    held(cast, 1)
    sealed()
    settings.TITLE_EPOCH_MINUTES = 15
    assert is_resting(NOW + timedelta(minutes=14))
    assert not is_resting(NOW + timedelta(minutes=15))


def test_many_epochs_end_with_the_root_of_what_is_held(cast):
    """Only what changed is computed anew; it comes out as the whole map computed at once."""
    claims = dict(zip(range(40), held(cast, *range(40)), strict=True))
    roots = [sealed()]
    for turn in range(1, 5):
        gone = [claims.pop(number) for number in sorted(claims)[turn::7]]
        release_rights(claim_ids=gone, right=RIGHT, holder=cast.trust.pk, at=NOW)
        claims[100 + turn] = held(cast, 100 + turn)[0]
        before = TitleNode.objects.count()
        roots.append(sealed(turn))
        assert TitleNode.objects.count() - before <= (len(gone) + 1) * 17
    commitments = {place(n): stands(n, roots[-1]).commitment for n in claims}
    assert subtree(hashed(commitments), 0) == roots[-1].root.root
    assert roots[-1].root.rights == len(claims)
    index = place(104)
    found = look_up([index], 5)[index]
    with pytest.raises(ProofError):  # it stands in the map of no other epoch
        verify_map(roots[3].root.root, index, found.leaf.commitment, found.proof)


def test_a_new_index_key_moves_nothing_in_the_map(cast):
    held(cast, 1, 2)
    first = sealed()
    rotation.begin(at=NOW)
    rotation.fill(at=NOW)
    assert sealed(30) is None
    rotation.switch(at=NOW)
    assert sealed(31) is None
    rotation.drop(at=NOW)
    assert sealed(32) is None and TitleIndex.objects.count() == 2
    assert stands(1, first).since == 1


def test_a_held_right_without_its_identifier_stops_the_seal(cast):
    """A map without it would show as free what is held."""
    held(cast, 1)
    RightClaim.objects.update(sealed=None)
    with pytest.raises(Unnamed, match="no identifier of 1 held"):
        sealed()
    assert not TitleEpoch.objects.exists()


@pytest.mark.parametrize("model", [TitleEpoch, TitleNode, TitleLeaf])
def test_what_was_sealed_is_never_changed(cast, model):
    held(cast, 1)
    sealed()
    table = model._meta.db_table
    for statement in (f"UPDATE public.{table} SET epoch = 9", f"DELETE FROM public.{table}"):
        with (
            pytest.raises(DatabaseError, match="permission denied|append-only"),
            transaction.atomic(),
            connection.cursor() as cursor,
        ):
            cursor.execute(statement)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT count(*) FROM pg_trigger WHERE tgrelid = %s::regclass AND tgname = 'keep'",
            [f"public.{table}"],
        )
        assert cursor.fetchone() == (1,)


def test_the_command_seals_without_the_timers_rest(cast):
    def said():
        out = StringIO()
        call_command("seal_titles", stdout=out)
        return out.getvalue().splitlines()

    assert said() == ["No right is held yet: there is nothing to seal."]
    held(cast, 1)
    key = f"The registry's key, since epoch 1: {root_key().vkey()}"
    assert said() == ["Epoch 1 sealed: 1 rights.", key]
    assert said() == ["Epoch 1 still stands, nothing changed since: 1 rights.", key]
    held(cast, 2)
    assert said()[0] == "Epoch 2 sealed: 2 rights."


def test_fields_of_an_entry_are_the_signed_root_and_nothing_else(cast):
    held(cast, 1)
    signed = sealed()
    assert SignedRoot.of_fields(signed.fields()) == signed
    assert unb64(TitleEpoch.objects.get().fields["root"]) == signed.root.root


def test_two_sealers_at_once_seal_one_epoch(committed_cast):
    """Each waits for the other, and then finds nothing changed."""
    held(committed_cast, *range(8))

    def seal(_number):
        try:
            return seal_epoch(now=NOW)
        finally:
            connections.close_all()

    with ThreadPoolExecutor(max_workers=4) as threads:
        found = list(threads.map(seal, range(4)))
    [signed] = [one for one in found if one is not None]
    assert TitleEpoch.objects.count() == 1 and signed.root.rights == 8
    commitments = {place(number): stands(number, signed).commitment for number in range(8)}
    assert subtree(hashed(commitments), 0) == signed.root.root
