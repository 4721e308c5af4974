"""A contest was upheld against a right that a pool holds: the trust's books and both ledgers."""

import uuid
from datetime import timedelta

import pytest
from django_tenants.utils import tenant_context

from ledger.selectors import entries, payload
from origination.contests import deciding
from origination.contests.following import write_decisions
from origination.contests.services import open_contest
from origination.domain.contesting import ANSWER_WITHIN, TELL_WITHIN, Paper
from origination.models import Lease, PledgeRequest
from pools.deals import services
from pools.models import Asset, PoolState
from tenants.jobs import run_waiting_jobs
from tenants.registry import reserve_rights, states_of
from tests.pools.deals.books import AT, answer, approve, approved_pool, exchange
from tests.pools.refusals import refused

pytestmark = pytest.mark.usefixtures("packaged_book")

AFTER = AT + ANSWER_WITHIN


def uphold(cast, rid):
    """Xingyu contests the vehicle of this lease, nobody answers, two operators agree."""
    vin = Asset.objects.get(pk=rid).vin
    with tenant_context(cast.xingyu):
        contest = open_contest(
            vin=vin, right="receivables", statement="This vehicle was never sold by us.",
            paper=Paper("a.pdf", b"%PDF-"), by=cast.rival_manager.pk, at=AT,
        )  # fmt: skip
    given = {"contest": contest, "outcome": "upheld", "at": AFTER}
    reason = "The earlier contract counts."
    deciding.propose_decision(**given, reason=reason, by=uuid.UUID(int=1))
    deciding.confirm_decision(**given, by=uuid.UUID(int=2))


def test_what_a_pool_cannot_have_is_named_to_who_may_contest_it(packaged, cast, client_of):
    pool = approve(packaged, cast)
    member = pool.members.select_related("asset").order_by("asset_id").first()
    path = f"/deals/pools/{pool.pk}/"
    link = f"/contests/open/?vin={member.asset.vin}&amp;right=receivables"
    person = client_of(cast.portfolio_manager, cast.trust)
    assert link not in person.get(path).content.decode()
    holder = cast.tenants.auditor.pk
    reserve_rights(claim_ids=[member.asset_id], right="receivables", holder=holder, at=AT)
    assert link in person.get(path).content.decode()
    assert link not in client_of(cast.analyst, cast.trust).get(path).content.decode()
    assert link in person.get(f"/assets/{member.asset_id}/").content.decode()
    with tenant_context(cast.trust), refused("assets_taken"):
        services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)


def test_a_pool_that_only_asked_is_given_up_and_a_bought_lease_is_given_back(
    packaged, facility, cast
):
    pool = approve(packaged, cast)
    services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    asked = list(pool.members.values_list("asset_id", flat=True))
    uphold(cast, asked[0])
    assert states_of(claim_ids=asked[:1]) == {asked[0]: "claimed"}  # at once, before any job
    run_waiting_jobs()
    pool.refresh_from_db()
    assert pool.state == PoolState.CANCELLED
    assert set(states_of(claim_ids=asked).values()) == {"claimed"}
    assert payload(entries().get(kind="pool.cancelled").index)["reason"] == "contested"
    exchange(cast.anda, cast.trust)

    pool = approved_pool(facility, cast, name="Pool 2")
    services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    answer(cast.anda, cast.trust, manager=cast.manager)
    services.purchase_pool(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    rid = pool.members.order_by("asset_id").first().asset_id
    uphold(cast, rid)
    run_waiting_jobs()
    assert write_decisions(at=AFTER + TELL_WITHIN) == 0  # it is told once
    member = pool.members.get(asset_id=rid)
    assert (member.live, member.release_reason) == (False, "contested")
    told = payload(entries().filter(kind="pledge.released").last().index)
    assert (told["leases"], told["remaining"]) == ("1", str(pool.assets - 1))
    exchange(cast.anda, cast.trust, AFTER)
    given = pool.pledges.get().rid
    with tenant_context(cast.anda):
        pledge = PledgeRequest.objects.get(rid=given)
        assert pledge.released_rids == [str(rid)]
        assert Lease.objects.get(pk=rid).ended_on is None  # its claim stands, merely claimed


def test_an_accepted_pledge_that_is_not_purchased_in_time_is_released(packaged, cast):
    """Fourteen days from the lessor's yes; a day less changes nothing."""
    pool = approve(packaged, cast)
    services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    answer(cast.anda, cast.trust, manager=cast.manager)
    rids = list(pool.members.values_list("asset_id", flat=True))
    assert services.expire_pledges(at=AT + timedelta(days=14, seconds=-1)) == []
    assert set(states_of(claim_ids=rids).values()) == {"reserved"}
    assert services.expire_pledges(at=AT + timedelta(days=14)) == [pool]
    pool.refresh_from_db()
    assert pool.state == PoolState.CANCELLED
    assert set(states_of(claim_ids=rids).values()) == {"claimed"}
    assert payload(entries().get(kind="pool.cancelled").index)["reason"] == "expired"
