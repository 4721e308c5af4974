"""Faults between the steps of a deal, and two that want the same at once."""

import threading
import time
from datetime import timedelta
from uuid import uuid4

import pytest
from django.db import connection, transaction
from django_tenants.utils import tenant_context

from ledger.drafts import Draft
from ledger.exchange.services import receive_parcels, send_parcels
from ledger.selectors import entries
from ledger.services import append_entry
from pools.deals import hooks, services
from pools.deals.pledging import hear, locked
from pools.models import Facility, Pledge, PledgeState, Pool, PoolAsset
from tenants.problems import Problem
from tenants.registry import states_of
from tests.pools.deals.books import (
    AT,
    another_request,
    answer,
    approved_pool,
    exchange,
    facility_of,
    vote_all,
)


@pytest.fixture
def deal(approved_copy):
    """Two approved facilities over one book, in a database of their own."""
    cast = approved_copy
    with tenant_context(cast.trust):
        Facility.objects.update(name="One")
        second = another_request(cast.anda, cast.trust, cast)
        vote_all(facility_of(second, cast, name="Two"), cast, True, True, True)
        yield cast


def _apart(cast, results, work):
    """Run `work` in a thread and connection of its own; what it raises is a result."""

    def run():
        try:
            with tenant_context(cast.trust):
                results.append(work())
        except Problem as problem:
            results.append(problem.code)
        finally:
            connection.close()

    thread = threading.Thread(target=run)
    thread.start()
    return thread


def _wait_for_a_lock():
    """Until another of our connections waits for what we hold."""
    for _ in range(600):
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_stat_clear_snapshot()")
            cursor.execute(
                "SELECT count(*) FROM pg_stat_activity"
                " WHERE datname = current_database() AND wait_event_type = 'Lock'"
            )
            if cursor.fetchone()[0]:
                return
        time.sleep(0.1)
    raise AssertionError("Nobody waits.")


def test_two_pools_packaged_at_once_share_no_asset(deal):
    one, two = Facility.objects.order_by("name")
    results: list = []
    given = {"by": deal.analyst.pk, "at": AT}
    with transaction.atomic():
        first = services.package_pool(facility=one, name="One", **given)
        racer = _apart(
            deal, results, lambda: services.package_pool(facility=two, name="Two", **given)
        )
        _wait_for_a_lock()  # it has read the books before we committed, and waits for the head
    racer.join()
    assert results == ["assets_taken"]
    assert list(Pool.objects.all()) == [first]
    second = services.package_pool(facility=two, name="Two", target_minor=200_000_000, **given)
    assert PoolAsset.objects.filter(live=True).count() == first.assets + second.assets


def test_two_requests_at_once_ask_once(deal):
    pool = approved_pool(Facility.objects.get(name="One"), deal)
    results: list = []
    threads = [
        _apart(
            deal,
            results,
            lambda: len(services.request_pledges(pool=pool, by=deal.portfolio_manager.pk, at=AT)),
        )
        for _ in range(3)
    ]
    for thread in threads:
        thread.join()
    assert results == [1, 1, 1]
    assert (Pledge.objects.count(), entries().filter(kind="pledge.requested").count()) == (1, 1)


def test_every_step_can_be_taken_up_again_after_a_crash(deal, monkeypatch):
    """The purchase breaks off in another room: nothing of it stands, and it goes through again."""
    pool = approved_pool(Facility.objects.get(name="One"), deal)
    rids = list(pool.members.values_list("asset_id", flat=True))
    services.request_pledges(pool=pool, by=deal.portfolio_manager.pk, at=AT)
    # the trust's parcel is sent but the lessor's side stops before it is taken in
    send_parcels(to_tenant=deal.anda, at=AT)
    answer(deal.anda, deal.trust, manager=deal.manager)
    # the trust's side stops after the answer arrived, and receives it again
    receive_parcels(from_tenant=deal.anda, at=AT)
    exchange(deal.anda, deal.trust)

    def crash(_pool):
        raise RuntimeError("the power went")

    monkeypatch.setattr(hooks, "_purchases", [*hooks._purchases, crash])
    buy = {"pool": pool, "by": deal.portfolio_manager.pk, "at": AT + timedelta(hours=1)}
    with pytest.raises(RuntimeError, match="power"):
        services.purchase_pool(**buy)
    pool.refresh_from_db()
    assert pool.state == "requested"
    assert set(states_of(claim_ids=rids).values()) == {"reserved"}
    assert not entries().filter(kind="pool.purchased").exists()
    monkeypatch.undo()
    services.purchase_pool(**buy)
    assert set(states_of(claim_ids=rids).values()) == {"pledged"}


def test_giving_up_and_purchasing_at_once_does_one_of_them(deal):
    pool = approved_pool(Facility.objects.get(name="One"), deal)
    rids = list(pool.members.values_list("asset_id", flat=True))
    services.request_pledges(pool=pool, by=deal.portfolio_manager.pk, at=AT)
    answer(deal.anda, deal.trust, manager=deal.manager)
    by, results = deal.portfolio_manager.pk, []
    threads = [
        _apart(deal, results, lambda: services.purchase_pool(pool=pool, by=by, at=AT).state),
        _apart(deal, results, lambda: services.cancel_pool(pool=pool, by=by, at=AT).state),
    ]
    for thread in threads:
        thread.join()
    pool.refresh_from_db()
    assert sorted(results) == sorted([pool.state, "wrong_state"])
    state = {"purchased": "pledged", "cancelled": "claimed"}[pool.state]
    assert set(states_of(claim_ids=rids).values()) == {state}


def test_answers_about_two_pools_and_an_act_on_one_of_them_lock_in_one_order(deal):
    """A no to the later pool arrives with a yes to the earlier, on which somebody acts just now."""
    by, results = deal.portfolio_manager.pk, []
    for name in ("One", "Two"):
        facility = Facility.objects.get(name=name)
        pool = approved_pool(facility, deal, name=name, target_minor=200_000_000)
        services.request_pledges(pool=pool, by=by, at=AT)
    early, late = (pool.pledges.get() for pool in Pool.objects.order_by("pk"))
    answers = [
        (pledge.rid, state, pledge.pool.members.count())
        for pledge, state in ((late, PledgeState.REFUSED), (early, PledgeState.ACCEPTED))
    ]

    @transaction.atomic
    def hears():
        hear(answers, source=deal.anda.pk, at=AT)

    with transaction.atomic():
        locked(early.pool_id)
        listener = _apart(deal, results, hears)
        _wait_for_a_lock()
        append_entry(
            draft=Draft.service(kind="pool.cancelled", rid=uuid4(), fields={"reason": "x"}, ts=AT)
        )
    listener.join()
    assert results == [None]
    assert set(Pledge.objects.values_list("pool_id", "state")) == {
        (early.pool_id, "accepted"),
        (late.pool_id, "refused"),
    }
    late.pool.refresh_from_db()
    assert late.pool.state == "cancelled"
