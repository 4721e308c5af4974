"""A right is given back once its lease is over and its money is paid out; never before."""

import uuid
from datetime import date, timedelta

import pytest
from django_tenants.utils import tenant_context

from ledger.selectors import entries, payload
from monitoring.models import Cause, ProblemAsset
from monitoring.services.problems import close_problem, propose_remedy
from origination.models import Lease, PledgeRequest
from origination.services import import_tape
from pools.deals import services
from pools.deals.endings import ended_leases
from pools.distributions.reading import period_of, read_columns
from pools.distributions.services import make_distribution
from pools.models import AssetPayment, Facility, PledgeState, Pool, PoolAsset
from tenants.jobs import run_waiting_jobs
from tenants.registry import states_of
from tests.origination.books import tape_of
from tests.pools.deals.books import AT, answer, approved_pool, exchange

LATER = AT + timedelta(days=1)
PAID = AT + timedelta(days=40)


@pytest.fixture(scope="module")
def purchased(approved_module):
    """The id of a purchased pool that the tests share."""
    cast = approved_module
    with tenant_context(cast.trust):
        pool = approved_pool(Facility.objects.get(), cast)
        services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
        answer(cast.anda, cast.trust, manager=cast.manager)
        services.purchase_pool(pool=pool, by=cast.portfolio_manager.pk, at=LATER)
    return pool.pk


@pytest.fixture
def bought(purchased, own_keys, cast, enter):
    enter(cast.trust)
    return Pool.objects.get(pk=purchased)


def state_of(pool, day, at):
    """What each lease owes on a day, by rid; the made-up screening bought some that owe nothing."""
    columns = read_columns(pool, known_at=at)
    rids = map(uuid.UUID, columns.leases["rid"])
    return dict(zip(rids, columns.book.state(day).balance.tolist(), strict=True))


def settle(pool, count=1, *, skip=(), day=date(2026, 1, 20), at=PAID):
    """The first leases of the pool that owe anything are bought out by their lessees; the rids."""
    owing = {r: b for r, b in state_of(pool, day, at).items() if b and r not in skip}
    rids, owed = list(owing)[:count], list(owing.values())[:count]
    for rid, balance in zip(rids, owed, strict=True):
        AssetPayment.objects.create(
            lease_rid=rid, kind="settlement", amount_minor=int(balance) * 2, effective_on=day,
            known_at=at, anchored_at=at, reference=f"SET-{rid}", ledger_index=0,
        )  # fmt: skip
    return rids


def distribute(pool, cast, at=PAID):
    end = period_of(pool, 1)[1]
    assert at.date() >= end
    return make_distribution(
        pool=pool, period=1, known_at=at, by=cast.portfolio_manager.pk, at=at
    )  # fmt: skip


def test_a_settled_lease_is_given_back_and_its_vehicle_is_pledged_anew(bought, cast):
    """Both ledgers say it, both sides' books show it, and the next lease may be recorded."""
    [rid] = settle(bought)
    distribute(bought, cast)
    run_waiting_jobs()
    member = PoolAsset.objects.get(pool=bought, asset_id=rid)
    assert (member.live, member.release_reason) == (False, "settled")
    entry = entries().get(kind="pledge.released")
    assert member.released_index == entry.index
    told = payload(entry.index)
    given = bought.members.exclude(released_at=None).count()
    assert (told["leases"], told["remaining"]) == (str(given), str(bought.assets - given))
    assert states_of(claim_ids=[rid]) == {rid: "claimed"}
    assert bought.pledges.get().state == PledgeState.PERFECTED
    assert services.release_ended(pool=bought, at=PAID) == 0
    exchange(cast.anda, cast.trust, PAID)
    assert states_of(claim_ids=[rid]) == {rid: "released"}
    with tenant_context(cast.anda):
        pledge, lease = PledgeRequest.objects.get(), Lease.objects.get(pk=rid)
        assert (pledge.state, len(pledge.released_rids)) == ("perfected", given)
        assert str(rid) in pledge.released_rids
        assert lease.ended_on == PAID.date()
        assert entries().filter(kind="claim.withdrawn").count() == 1
        again = dict(lease.record, contract_number="NEXT-LEASE")
        report = import_tape(
            content=tape_of([again]), file_name="next.csv", by=cast.back_office.pk, at=PAID,
            confirm_warnings=True,
        )  # fmt: skip
        assert report.taken == 1, report.findings
        [following] = Lease.objects.filter(contract_number="NEXT-LEASE")
    assert states_of(claim_ids=[following.rid]) == {following.rid: "claimed"}


def test_the_whole_pool_ends_with_its_last_lease(bought, cast):
    settle(bought, bought.assets)
    distribute(bought, cast)
    assert services.release_ended(pool=bought, at=PAID) == bought.assets
    assert bought.pledges.get().state == PledgeState.RELEASED
    exchange(cast.anda, cast.trust, PAID)
    with tenant_context(cast.anda):
        assert PledgeRequest.objects.get().state == "released"


def test_a_problem_asset_is_given_back_after_two_people_and_a_distribution(bought, cast):
    owing = [rid for rid, owed in state_of(bought, date(2026, 1, 20), PAID).items() if owed]
    one, two = (bought.members.get(asset_id=rid) for rid in owing[:2])
    for member, remedy in ((one, "dispose"), (two, "repurchase")):
        problem = ProblemAsset.objects.create(
            lease_rid=member.asset_id, lessor_id=member.source, pool_id=bought.pk,
            cause=Cause.DEFAULTED, found_at=AT,
        )  # fmt: skip
        propose_remedy(
            problem_id=problem.pk, remedy=remedy, note="", by=cast.analyst.pk, at=LATER
        )  # fmt: skip
        close_problem(problem_id=problem.pk, by=cast.portfolio_manager.pk, at=LATER)
    run_waiting_jobs()
    assert not bought.members.exclude(released_at=None).exists()
    [settled] = settle(bought, skip=owing[:2])
    distribute(bought, cast)
    # the buy-back's money has not come: only what was disposed of is given back
    found = ended_leases(bought)
    assert (found[one.asset_id], found[settled]) == ("disposed", "settled")
    assert two.asset_id not in found


def test_never_before_its_money_is_distributed_and_a_crash_leaves_all_or_nothing(
    bought, cast, monkeypatch
):
    [rid] = settle(bought)
    assert ended_leases(bought) == {}
    assert services.release_ended(pool=bought, at=PAID) == 0
    assert states_of(claim_ids=[rid]) == {rid: "pledged"}
    distribute(bought, cast)

    def crash(*_args, **_given):
        raise RuntimeError("the power went")

    monkeypatch.setattr("pools.deals.services.releasing.append_entries", crash)
    with pytest.raises(RuntimeError):
        services.release_ended(pool=bought, at=PAID)
    assert states_of(claim_ids=[rid]) == {rid: "pledged"}
    assert not bought.members.exclude(released_at=None).exists()
    monkeypatch.undo()
    assert services.release_ended(pool=bought, at=PAID) == len(ended_leases(bought))
    assert states_of(claim_ids=[rid]) == {rid: "claimed"}
