"""Every ledger holds the registry's roots; a platform that tells two stories is found out."""

import shutil
import uuid
from dataclasses import replace
from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from ledger import selectors, services
from ledger.core.canonical import canonical_bytes
from ledger.core.title_root import KIND, SignedRoot
from ledger.drafts import Draft
from ledger.exchange import registry
from ledger.exchange.notices import TITLE_ALARM, post_notice
from ledger.exchange.parcels import Notice
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.halting import halt
from ledger.models import Entry, Head, TitleAlarm, TitleCheck, TitleRootSeen
from ledger.problems import RollbackRefused
from ledger.titles import books, writing
from ledger.titles.alarms import compare
from ledger.titles.books import Holding
from ledger.titles.keys import reigning_keys
from ledger.titles.sealing import latest_root, say_root, seal_epoch
from ledger.titles.tasks import enqueue_roots, seal_titles
from ledger.titles.watching import watch_own_rights
from ledger.titles.writing import take_roots, write_roots
from tenants.jobs import run_waiting_jobs
from tenants.models import RightClaim, TitleEpoch, TitleLeaf
from tenants.registry import release_rights, reserve_rights
from tenants.registry.keys import RegistryKeyMissing
from tests.ledger.root_secrets import root_secret, sign_beside
from tests.ledger.test_title_epochs import NOW, RIGHT, held, sealed, vin

AT = "2026-11-02T08:00:00.000000Z"


@pytest.fixture
def ledgers(cast, monkeypatch):
    """A lessor whose ledger is copied by the trust; the trust's books hold nothing yet."""
    monkeypatch.setattr(registry, "_entitlements", [])
    monkeypatch.setattr(registry, "_projectors", {KIND: [take_roots]})
    monkeypatch.setattr(books, "_holdings", [])
    for tenant in (cast.anda, cast.trust):
        with tenant_context(tenant):
            services.open_log(at=NOW)
    return cast


def write(tenant):
    with tenant_context(tenant):
        return write_roots(at=NOW)


def carry(ledgers):
    """The lessor's newest entries to the trust, and the trust's answers back."""
    anda, trust = ledgers.anda, ledgers.trust
    with tenant_context(anda):
        services.seal_checkpoint(at=AT)
        send_parcels(to_tenant=trust, at=AT)
    with tenant_context(trust):
        refusals = receive_parcels(from_tenant=anda, at=AT).refusals
    with tenant_context(anda):
        return refusals + receive_parcels(from_tenant=trust, at=AT).refusals


def alarms(tenant):
    with tenant_context(tenant):
        return list(TitleAlarm.objects.values_list("kind", "epoch", "by_us"))


def told_otherwise(signed: SignedRoot, **changes) -> SignedRoot:
    """What a dishonest platform says of the same epoch to somebody else."""
    root = replace(signed.root, **changes)
    return SignedRoot(root, signed.key, root_secret().sign(root.text().encode()))


def tell(signed: SignedRoot):
    """The platform's table as it shows it to whoever asks next."""
    TitleEpoch.objects.create(epoch=signed.root.epoch, fields=signed.fields(), sealed_at=NOW)


def test_each_ledger_holds_every_root_once(ledgers):
    held(ledgers, 1)
    first = sealed()
    assert write(ledgers.anda) == 1 and write(ledgers.anda) == 0
    held(ledgers, 2)
    second = sealed(20)
    assert [write(ledgers.anda), write(ledgers.trust)] == [1, 1]  # who begins takes the newest
    with tenant_context(ledgers.anda):
        told = [selectors.payload(e.index) for e in Entry.objects.filter(kind=KIND)]
        assert [SignedRoot.of_fields(fields) for fields in told] == [first, second]
    assert carry(ledgers) == [] and alarms(ledgers.trust) == []
    with tenant_context(ledgers.trust):  # the copy brought the roots without any entitlement
        assert TitleRootSeen.objects.filter(source=ledgers.anda.pk).count() == 2


@pytest.mark.parametrize("is_ours_first", [True, False])
def test_two_roots_for_one_epoch_are_found_and_shown_to_both(ledgers, is_ours_first):
    """One root with the right for its holder, another without it for who asks."""
    honest = told_otherwise(_unsealed(ledgers), rights=1)
    other = told_otherwise(honest, root=bytes(32), rights=0)

    def lie_to_the_trust():
        with tenant_context(ledgers.trust):
            TitleRootSeen.objects.create(
                source=ledgers.trust.pk, epoch=1, index=0, fields=other.fields(), seen_at=NOW
            )

    tell(honest)
    write(ledgers.anda)
    if is_ours_first:
        lie_to_the_trust()
        assert carry(ledgers) == []  # the ledger itself is whole: it goes on
    else:
        carry(ledgers)
        assert alarms(ledgers.trust) == []
        with tenant_context(ledgers.trust):
            [seen] = TitleRootSeen.objects.all()
            compare(other.fields(), seen.fields, seen.source, NOW)
        carry(ledgers)
    assert alarms(ledgers.trust) == [("different", 1, True)]
    assert alarms(ledgers.anda) == [("different", 1, False)]
    with tenant_context(ledgers.anda):
        evidence = TitleAlarm.objects.get().evidence
        assert evidence == {"ours": honest.fields(), "theirs": other.fields()}
        for fields in evidence.values():
            SignedRoot.of_fields(fields).verify(honest.key)


def _unsealed(ledgers) -> SignedRoot:
    told = {"epoch": 1, "root": b"\1" * 32, "rights": 1, "previous": bytes(32)}
    return sign_beside(say_root(**told, now=NOW, keys=reigning_keys()))


@pytest.mark.parametrize("change", ["forged", "same", "another epoch", "another kind", "no root"])
def test_an_alarm_without_its_evidence_is_refused(ledgers, change):
    """Nobody can accuse the platform by his word: both roots must be signed by its key."""
    held(ledgers, 1)
    signed = sealed()
    write(ledgers.anda)
    lie = told_otherwise(signed, root=bytes(32))
    forged = {
        "forged": SignedRoot(lie.root, lie.key, bytes(64)),
        "same": signed,
        "another epoch": told_otherwise(signed, epoch=2),
    }.get(change, lie)
    told = forged.fields() if change != "no root" else {"epoch": "1"}
    evidence = canonical_bytes({"ours": told, "theirs": signed.fields()}).decode()
    kind = "missing" if change == "another kind" else "different"
    with tenant_context(ledgers.trust):
        members = {"kind": kind, "evidence": evidence}
        notice = Notice(Head.objects.get().origin, 1, members)
        post_notice(ledgers.anda.pk, TITLE_ALARM, notice)
    with tenant_context(ledgers.anda):
        [refusal] = receive_parcels(from_tenant=ledgers.trust, at=AT).refusals
    assert refusal.code == "bad_format" and alarms(ledgers.anda) == []


def test_a_root_that_the_platform_did_not_sign_accuses_who_wrote_it(ledgers):
    held(ledgers, 1)
    signed = sealed()
    write(ledgers.trust)
    forged = SignedRoot(replace(signed.root, root=bytes(32)), signed.key, bytes(64))
    with tenant_context(ledgers.anda):
        for fields in (forged.fields(), {"epoch": "1"}):
            draft = Draft.service(kind=KIND, rid=uuid.uuid4(), fields=fields, ts=AT)
            services.append_entry(draft=draft)
    assert carry(ledgers) == []
    assert alarms(ledgers.trust) == [("unsigned", 1, True), ("unsigned", 0, True)]
    assert alarms(ledgers.anda) == [("unsigned", 1, False)]


def test_an_epoch_that_does_not_follow_is_written_and_alarmed(ledgers):
    """The platform cannot rewrite an epoch that somebody's ledger holds already."""
    held(ledgers, 1)
    first = sealed()
    write(ledgers.anda)
    tell(told_otherwise(first, epoch=2, previous=bytes(32)))
    assert write(ledgers.anda) == 1
    assert alarms(ledgers.anda) == [("broken", 2, True)]
    broken = told_otherwise(first, epoch=3, previous=bytes(32))
    tell(SignedRoot(broken.root, broken.key, bytes(64)))
    assert write(ledgers.anda) == 0
    assert alarms(ledgers.anda)[1:] == [("unsigned", 3, True)]


@pytest.fixture
def books_of(ledgers, monkeypatch):
    """The trust's own books: what it says it holds."""
    found: list[Holding] = []
    monkeypatch.setattr(books, "_holdings", [lambda: found])
    return found


def holding(claim, number, grip="1"):
    return Holding(claim, RIGHT, vin(number), grip)


def watch(tenant, minutes=0):
    with tenant_context(tenant):
        return watch_own_rights(now=NOW + timedelta(minutes=minutes), at=NOW)


def test_who_holds_finds_all_of_it_in_each_epoch(ledgers, books_of):
    claims = held(ledgers, 1, 2)
    books_of += [holding(claim, n) for n, claim in enumerate(claims, 1)]
    first = sealed()
    write(ledgers.trust)
    [check] = watch(ledgers.trust, 1)
    assert (check.epoch, check.held, check.missing) == (1, 2, [])
    books_of.append(holding(held(ledgers, 3)[0], 3))
    second = sealed(20)
    write(ledgers.trust)
    [check] = watch(ledgers.trust, 21)
    assert second.follows(first) and (check.epoch, check.held, check.missing) == (2, 3, [])
    assert watch(ledgers.trust, 22) == [] and alarms(ledgers.trust) == []


def test_a_right_that_the_platform_left_out_is_named(ledgers, books_of):
    one, two = held(ledgers, 1, 2)
    books_of += [holding(one, 1), holding(two, 2), holding(uuid.uuid4(), 9)]
    sealed()
    write(ledgers.trust)
    watch(ledgers.trust, 1)
    RightClaim.objects.filter(claim_id=two).update(state="claimed", holder=None)
    sealed(20)
    write(ledgers.trust)
    [check] = watch(ledgers.trust, 21)
    assert [(m["identifier"], m["reason"]) for m in check.missing] == [
        (vin(2).upper(), "it is not held by us there"),
        (vin(9).upper(), "the registry proves no place for it"),
    ]
    assert alarms(ledgers.trust) == [("missing", 2, True)]
    with tenant_context(ledgers.trust):
        assert TitleCheck.objects.count() == 2
    assert TitleLeaf.objects.count() == 3


def test_a_right_is_not_hidden_by_epochs_that_say_they_are_older(ledgers, books_of):
    """When an epoch was sealed is the platform's word; which stood on our ledger before is not."""
    one, two = held(ledgers, 1, 2)
    books_of.append(holding(one, 1))
    RightClaim.objects.filter(claim_id=two).update(state="claimed", holder=None)
    sealed()
    write(ledgers.trust)
    watch(ledgers.trust, 1)
    books_of.append(holding(two, 2))
    watch(ledgers.trust, 2)  # it is in the books while epoch 1 is the newest
    missing = []
    for number in (3, 4, 5):
        held(ledgers, number)
        seal_epoch(now=NOW + timedelta(seconds=number))  # each before it was seen
        write(ledgers.trust)
        [check] = watch(ledgers.trust, number)
        missing.append([one["identifier"] for one in check.missing])
    assert missing == [[], [vin(2).upper()], [vin(2).upper()]]  # epoch 2 might have been begun
    assert sorted(alarms(ledgers.trust)) == [("missing", 3, True), ("missing", 4, True)]


@pytest.mark.parametrize(
    ("hours", "alarmed"),
    [(-25, True), (-24, False), (23, False), (47, False), (49, True)],
)
def test_an_epoch_whose_time_cannot_be_true_is_alarmed(ledgers, books_of, hours, alarmed):
    """It is compared with the epoch before, with our clock and with when we last looked."""
    held(ledgers, 1)
    seal_epoch(now=NOW - timedelta(hours=48))
    write(ledgers.trust)
    watch(ledgers.trust)
    held(ledgers, 2)
    seal_epoch(now=NOW + timedelta(hours=hours))
    write(ledgers.trust)
    watch(ledgers.trust, minutes=24 * 60)
    assert alarms(ledgers.trust) == [("untimely", 2, True)] * alarmed


def test_an_epoch_older_than_the_one_before_is_alarmed(ledgers):
    held(ledgers, 1)
    sealed()
    write(ledgers.trust)
    held(ledgers, 2)
    sealed(-1)
    assert write(ledgers.trust) == 1
    assert alarms(ledgers.trust) == [("untimely", 2, True)]


def test_an_epoch_that_cannot_be_read_stops_nobody(ledgers, books_of, client_of):
    """The platform signs an instant that is in no calendar; all go on with the next epoch."""
    one, two = held(ledgers, 1, 2)
    books_of += [holding(one, 1), holding(two, 2)]
    first = sealed()
    write(ledgers.trust)
    watch(ledgers.trust, 1)
    tell(
        told_otherwise(
            first, epoch=2, previous=first.root.digest(), sealed_at="2026-13-01T00:00:00.000000Z"
        )
    )
    assert write(ledgers.trust) == 0
    assert alarms(ledgers.trust) == [("malformed", 2, True)]
    RightClaim.objects.filter(claim_id=two).update(state="claimed", holder=None)
    third = sealed(20)
    assert (third.root.epoch, third.root.previous) == (3, first.root.digest())
    assert write(ledgers.trust) == 1
    [check] = watch(ledgers.trust, 21)
    assert (check.epoch, check.held, len(check.missing)) == (3, 1, 1)
    assert alarms(ledgers.trust)[1:] == [("broken", 3, True), ("missing", 3, True)]
    page = client_of(ledgers.analyst, ledgers.tenants.trust).get("/ledger/titles/")
    assert b"A root of the platform that cannot be read" in page.content


def test_what_was_let_go_and_taken_anew_is_expected_anew(ledgers, books_of):
    [one] = held(ledgers, 1)
    books_of.append(holding(one, 1))
    sealed()
    write(ledgers.trust)
    watch(ledgers.trust, 1)
    given = {"claim_ids": [one], "right": RIGHT, "holder": ledgers.trust.pk, "at": NOW}
    release_rights(**given)
    sealed(20)
    reserve_rights(**given)
    books_of[0] = holding(one, 1, grip="2")
    write(ledgers.trust)
    [check] = watch(ledgers.trust, 21)
    assert (check.held, check.missing) == (0, [])  # the epoch in between has it free, rightly


def test_jobs_are_for_those_whose_ledger_lacks_the_newest_root(ledgers):
    enqueue_roots()
    assert run_waiting_jobs() == 0
    held(ledgers, 1)
    sealed()
    with tenant_context(ledgers.anda):
        halt(RollbackRefused(), at=AT)
    enqueue_roots()
    enqueue_roots()
    assert run_waiting_jobs() == 1  # Anda's takes no entries, the others have no ledger yet
    enqueue_roots()
    assert run_waiting_jobs() == 0


def test_a_ledger_that_is_far_behind_takes_all_before_it_looks(ledgers, books_of, monkeypatch):
    """Else what came into the books today would be missed in the epochs of last week."""
    monkeypatch.setattr(writing, "AT_ONCE", 1)
    held(ledgers, 1)
    sealed()
    write(ledgers.trust)
    for number in (2, 3, 4):
        last = held(ledgers, number)
        sealed(number)
    books_of.append(holding(*last, 4))
    enqueue_roots()
    run_waiting_jobs()
    assert alarms(ledgers.trust) == []
    with tenant_context(ledgers.trust):
        assert latest_of(TitleRootSeen) == 4
        assert TitleCheck.objects.get(epoch=4).held == 1


def test_a_restored_platform_goes_on_from_what_ledgers_hold(ledgers):
    """Its database is an old backup: epoch 2 was told since, and stands on the trust's ledger."""
    held(ledgers, 1)
    first = sealed()
    write(ledgers.trust)
    second = told_otherwise(first, epoch=2, previous=first.root.digest(), root=b"\2" * 32)
    with tenant_context(ledgers.trust):
        TitleRootSeen.objects.create(
            source=ledgers.trust.pk, epoch=2, index=99, fields=second.fields(), seen_at=NOW
        )
    seal_titles(timestamp=0)
    assert TitleEpoch.objects.count() == 1  # nothing is told before what was told is back
    run_waiting_jobs()
    assert latest_root() == second
    third = sealed(1)  # at once, though nothing changed: the map as stored is another
    assert third.follows(second)
    assert (third.root.root, third.root.rights) == (first.root.root, 1)
    assert write(ledgers.trust) == 1 and alarms(ledgers.trust) == []


def test_another_key_for_roots_is_refused(ledgers, settings, tmp_path):
    held(ledgers, 1)
    first = sealed()
    shutil.copytree(settings.KEY_DIR, tmp_path / "keys")
    (tmp_path / "keys" / "title-map-roots.key").write_bytes(bytes(32))
    settings.KEY_DIR = tmp_path / "keys"
    held(ledgers, 2)
    with pytest.raises(RegistryKeyMissing, match="the key that epoch 1 was sealed with"):
        sealed(1)
    (tmp_path / "keys" / "title-map-roots.key").unlink()
    settings.KEY_DIR = tmp_path / "keys" / ".." / "keys"  # as another process, without its cache
    with pytest.raises(RegistryKeyMissing, match="is missing"):
        sealed(1)
    assert latest_of(TitleEpoch) == first.root.epoch


def latest_of(model):
    return model.objects.order_by("-epoch").values_list("epoch", flat=True).first()
