"""The two keys of the title registry's map are replaced, by processes that are killed."""

import io
import uuid

import pytest
from django.conf import settings
from django.core.management import CommandError, call_command
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.title_map import alpha, index_of, verify_map
from ledger.core.title_root import SignedRoot
from ledger.problems import KeyStillNeeded
from ledger.rotation.title_map import retire_map_keys, rotate_map_keys
from ledger.titles.keys import reigning_keys
from ledger.titles.sealing import latest_root, seal_epoch
from ledger.titles.told import told_handovers
from ledger.titles.tree import look_up
from ledger.titles.watching import watch_own_rights
from ledger.titles.writing import write_roots
from tenants.models import RightClaim, TitleEpoch, TitleIndex, TitlePrepared
from tenants.registry import ClaimRequest, claim_rights, reserve_rights
from tests.ledger.faults.conftest import AT
from tests.ledger.faults.crash import at_every_step
from tests.ledger.faults.pledging import pledging

RIGHT = "receivables"
TABLES = ("epoch", "index", "leaf", "node", "prepared")


def vin(number: int) -> str:
    return f"vin:LSVAM4187C3{number:06d}"


@pytest.fixture
def mapped(pair):
    """Two rights in epoch 1, which stands on both ledgers."""
    for table in TABLES:
        pair.raw.execute(f"DELETE FROM public.tenants_title{table}")
    pair.held = 0
    hold(pair, 2)
    taken = RightClaim.objects.filter(state__in=RightClaim.TAKEN)
    pair.before = list(taken.values_list("holder", "claim_id"))
    seal_epoch(now=timezone.now())
    tell(pair)
    return pair


def hold(pair, count=1):
    """As traffic does: rights are reserved."""
    numbers = range(pair.held, pair.held + count)
    pair.held += count
    requests = [ClaimRequest(uuid.uuid4(), (vin(number),)) for number in numbers]
    now = timezone.now()
    assert all(o.accepted for o in claim_rights(claims=requests, by_tenant=pair.lessor.pk, at=now))
    claims = [request.claim_id for request in requests]
    reserve_rights(claim_ids=claims, right=RIGHT, holder=pair.trust.pk, at=now)


def tell(pair):
    for tenant in (pair.lessor, pair.trust):
        with tenant_context(tenant):
            write_roots(at=AT)
            services.seal_checkpoint(at=AT)
            watch_own_rights(now=timezone.now(), at=AT)


def check(pair) -> SignedRoot:
    """One chain of epochs, each key led to from the one before; all that is held stands in it."""
    told = [SignedRoot.of_fields(row.fields) for row in TitleEpoch.objects.order_by("epoch")]
    assert [one.root.epoch for one in told] == list(range(1, len(told) + 1))
    for before, after in zip(told, told[1:], strict=False):
        after.verify()
        change = after.root.change
        old = (after.key, after.root.vrf_key)
        if change is not None:
            old = (change.old_key, change.old_vrf_key)
        assert after.follows(before) and old == (before.key, before.root.vrf_key)
    newest, keys = latest_root(), reigning_keys()
    assert (newest.key, newest.root.vrf_key) == (keys.key, keys.vrf.public)
    assert newest == told[-1]
    places = [index_of(keys.vrf.output(alpha(RIGHT, vin(n).upper()))) for n in range(pair.held)]
    for index, found in look_up(places, newest.root.epoch).items():
        if found.leaf is not None:
            verify_map(newest.root.root, index, found.leaf.commitment, found.proof)
    stands = sum(found.leaf is not None for found in look_up(places, newest.root.epoch).values())
    assert stands == newest.root.rights
    return newest


def files() -> list[str]:
    return sorted(path.name for path in settings.KEY_DIR.glob("title-map-*"))


def test_the_maps_keys_while_pledges_go_on(mapped):
    """Each vehicle has one winner, nothing held is left out, and every proof made holds."""
    mapped.tell, mapped.first_key = lambda: tell(mapped), latest_root().key
    with pledging(mapped, vin, first=mapped.held) as running:
        for _ in range(2):
            call_command("rotate_keys", "map", stdout=io.StringIO())
            running.rounds(1)
            while True:  # until both ledgers hold the epoch under a checkpoint
                try:
                    assert len(retire_map_keys()) == 2
                    break
                except KeyStillNeeded:
                    running.rounds(1)
            running.rounds(1)
    seal_epoch(now=timezone.now())
    tell(mapped)
    mapped.held = running.reached
    newest, turns = check(mapped), [one.root.epoch for one in told_handovers()]
    assert len(turns) == 2 and running.lost
    assert all(len(held) < 2 for held in running.won.values())
    stands = {n: held[0] for n, held in running.won.items() if held}
    taken = RightClaim.objects.filter(state__in=RightClaim.TAKEN)
    won = {(holder, claim) for holder, claim, _since in stands.values()}
    assert won | set(mapped.before) == set(taken.values_list("holder", "claim_id"))
    assert newest.root.rights == len(won) + len(mapped.before)
    epochs = {epoch for epoch, _file in running.proofs}
    assert min(epochs) < turns[0] and epochs & {*range(*turns)} and max(epochs) >= turns[1]
    secret = reigning_keys().vrf
    for epoch in (turns[1], newest.root.epoch):  # also the very epoch of the hand-over
        due = {n: claim for n, (_, claim, since) in stands.items() if since <= epoch and n % 3}
        places = {n: index_of(secret.output(alpha(RIGHT, vin(n).upper()))) for n in due}
        found = look_up(list(places.values()), epoch)
        assert due and all(found[place].leaf is not None for place in places.values())
    number, holding = next(iter(stands.items()))
    assert running.proof(number, *holding) == newest.root.epoch
    for _epoch, file in running.proofs:
        running.verdict(file)


def test_a_rotation_of_the_maps_keys_may_die_anywhere(mapped):
    def rotate(answer):
        answer(rotate_map_keys(now=timezone.now()).signed.root.epoch)

    for crash in at_every_step(lambda: rotate, stride=13):
        before = check(mapped).root
        hold(mapped)  # traffic goes on, whichever keys reign
        waits = TitlePrepared.objects.filter(epoch=before.epoch + 1).exists()
        seal_epoch(now=timezone.now())
        assert check(mapped).root.epoch == before.epoch + 1 + waits
        (epoch,) = crash.again()
        assert TitleEpoch.objects.filter(fields__has_key="old_key").last().epoch == epoch
        assert check(mapped).root.rights == mapped.held
        tell(mapped)
        assert len(retire_map_keys()) == 2


def test_their_destruction_may_die_anywhere(mapped):
    def retire(answer):
        answer(retire_map_keys())

    newest = rotate_map_keys(now=timezone.now()).signed
    tell(mapped)
    old = {path.name: path.read_bytes() for path in settings.KEY_DIR.glob("title-map-*")}
    for crash in at_every_step(lambda: retire, stride=7):
        assert check(mapped) == newest
        crash.again()
        assert files() == ["title-map-index-2.key", "title-map-roots-2.key"]
        keys = reigning_keys()
        assert set(TitleIndex.objects.values_list("vrf_key", flat=True)) == {keys.vrf.public}
        for name, content in old.items():
            (settings.KEY_DIR / name).write_bytes(content)


def test_one_of_the_keys_alone_and_what_the_command_says(mapped):
    said = io.StringIO()

    def run(**options):
        call_command("rotate_keys", "map", stdout=said, **options)

    first = latest_root()
    run(only="roots")
    second = check(mapped)
    assert second.root.vrf_key == first.root.vrf_key and second.key != first.key
    assert second.root.root == first.root.root
    with pytest.raises(CommandError, match="under no checkpoint yet on the ledger of anda, trust"):
        run(retire=True)
    run(only="index")
    third = check(mapped)
    assert third.root.vrf_key != second.root.vrf_key and third.key == second.key
    run()
    run(dry_run=True)
    tell(mapped)
    run(retire=True)
    assert files() == ["title-map-index-2.key", "title-map-roots-2.key"]
    assert check(mapped) == third
    lines = said.getvalue().splitlines()
    assert "new keys reign since epoch 2: " in lines[0] and "since epoch 3: " in lines[1]
    assert "epoch 3 already, nothing was rotated; --retire destroys the old ones" in lines[2]
    assert lines[3:] == [
        "title-map-index: versions, newest first: 2, 1",
        "title-map-roots: versions, newest first: 2, 1",
        "map keys: destroyed title-map-index 1, title-map-roots 1.",
    ]


def test_an_old_key_stays_while_a_ledger_proves_by_its_epochs(mapped):
    rotate_map_keys(now=timezone.now())
    with tenant_context(mapped.trust):
        write_roots(at=AT)
        services.seal_checkpoint(at=AT)
    with pytest.raises(KeyStillNeeded, match="on the ledger of anda"):
        retire_map_keys()
    with tenant_context(mapped.lessor):
        write_roots(at=AT)
        services.seal_checkpoint(at=AT)
        watch_own_rights(now=timezone.now(), at=AT)
    with pytest.raises(KeyStillNeeded, match="trust did not look for its rights in epoch 2"):
        retire_map_keys()  # it finds them by the old key in the epochs before
    assert len(files()) == 4
