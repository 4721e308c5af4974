"""The pledge as a saga over two logs, the purchase, and the price."""

from collections import Counter
from datetime import timedelta

import pytest
from django.utils import timezone
from django_tenants.utils import tenant_context

from ledger.exchange.selectors import replica_payloads
from ledger.models import ReplicaPayload
from ledger.selectors import entries, payload
from ledger.services import seal_checkpoint
from ledger.titles.asking import ask_for_proof
from ledger.titles.sealing import seal_epoch
from ledger.titles.watching import watch_own_rights
from ledger.titles.writing import write_roots
from monitoring.models import WatchedLease, WatchedPool
from origination.models import Lease, PledgeRequest
from origination.problems import PledgeDecided
from origination.services import accept_pledge, import_tape
from pools.deals import services
from pools.models import Asset, Pledge, Pool, PoolAsset, PoolState
from pools.tasks import look_for_late_pledges
from tenants.jobs import run_waiting_jobs
from tenants.registry import RightUnavailable, reserve_rights, states_of
from tests.origination.books import load_book, small_portfolio, tape_bytes
from tests.pools.deals.books import AT, LEASES, answer, approve, approved_pool, exchange
from tests.pools.refusals import refused

pytestmark = pytest.mark.usefixtures("packaged_book")

LATER = AT + timedelta(days=1)


@pytest.fixture
def pool(packaged, cast):
    return approve(packaged, cast)


@pytest.fixture
def asked(pool, cast):
    services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    pool.refresh_from_db()
    return pool


@pytest.fixture
def bought(asked, cast):
    answer(cast.anda, cast.trust, manager=cast.manager)
    return services.purchase_pool(pool=asked, by=cast.portfolio_manager.pk, at=LATER)


def rids_of(pool):
    return list(pool.members.values_list("asset_id", flat=True))


def kinds():
    return Counter(entries().values_list("kind", flat=True))


def test_the_lessor_is_asked_for_exactly_its_leases(asked, cast):
    assert set(states_of(claim_ids=rids_of(asked)).values()) == {"reserved"}
    rids = {str(rid) for rid in rids_of(asked)}
    exchange(cast.anda, cast.trust)
    with tenant_context(cast.anda):
        request = PledgeRequest.objects.get()
        assert set(request.lease_rids) == rids
        assert request.fields["form"] == "loan"
        assert int(request.fields["price_minor"]) == asked.price_minor


def test_asking_again_changes_nothing(asked, cast):
    again = services.request_pledges(pool=asked, by=cast.portfolio_manager.pk, at=LATER)
    assert [pledge.pk for pledge in again] == [Pledge.objects.get().pk]
    assert kinds()["pledge.requested"] == 1


def test_an_unapproved_pool_asks_for_nothing(packaged, cast):
    with refused("wrong_state"):
        services.request_pledges(pool=packaged, by=cast.portfolio_manager.pk, at=AT)
    assert set(states_of(claim_ids=rids_of(packaged)).values()) == {"claimed"}


def test_nothing_is_purchased_before_the_answer(asked, cast):
    with refused("not_accepted"):
        services.purchase_pool(pool=asked, by=cast.portfolio_manager.pk, at=AT)


def test_a_purchase_perfects_the_rights_and_is_watched(bought, cast):
    assert bought.state == "purchased"
    assert set(states_of(claim_ids=rids_of(bought)).values()) == {"pledged"}
    assert payload(bought.purchased_index)["title_state"] == "pledged"
    watched = WatchedPool.objects.get(pk=bought.pk)
    assert watched.closing_minor == bought.balance_minor
    followed = WatchedLease.objects.filter(pool=watched).values_list("lease_rid", flat=True)
    assert set(followed) == set(rids_of(bought))
    services.purchase_pool(pool=bought, by=cast.portfolio_manager.pk, at=LATER)
    assert (kinds()["pool.purchased"], kinds()["pledge.perfected"]) == (1, 1)
    with refused("wrong_state"):
        services.cancel_pool(pool=bought, by=cast.portfolio_manager.pk, at=LATER)


def test_a_new_claim_of_the_other_lessor_on_a_pledged_car_is_refused(bought, cast, enter):
    enter(cast.xingyu)
    content = tape_bytes(small_portfolio(LEASES))
    given = {"file_name": "x.csv", "by": cast.rival_back_office.pk, "at": LATER}
    report = import_tape(content=content, keep_good=True, **given)
    refusals = report.tape.findings.filter(code="right_unavailable")
    assert {one.field for one in refusals} == {"vin"}
    assert len(refusals) == bought.assets
    assert Lease.objects.count() == LEASES - bought.assets


def test_an_earlier_claim_of_the_other_lessor_can_no_longer_be_pledged(pool, cast):
    """Both recorded the same cars; Anda's were pledged first. The refusal tells nothing of it."""
    load_book(cast.xingyu, by=cast.rival_back_office, leases=LEASES, at=AT)
    services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    answer(cast.anda, cast.trust, manager=cast.manager)
    services.purchase_pool(pool=pool, by=cast.portfolio_manager.pk, at=LATER)
    rids = rids_of(pool)
    with tenant_context(cast.anda):
        vins = set(Lease.objects.filter(rid__in=rids).values_list("vin", flat=True))
    with tenant_context(cast.xingyu):
        theirs = list(Lease.objects.filter(vin__in=vins).values_list("rid", flat=True))
    assert len(theirs) == pool.assets
    assert set(states_of(claim_ids=theirs).values()) == {"claimed"}
    for claim in theirs[:3]:
        with pytest.raises(RightUnavailable) as refusal:
            reserve_rights(claim_ids=[claim], right="receivables", holder=cast.trust.pk, at=LATER)
        words = str(refusal.value)
        assert not any(word in words for word in ("Anda", "Huaxin", str(rids[0])))


def test_the_form_decides_what_the_receivables_become(packaged, cast):
    from pools.structure.forms import Form
    from tests.pools.deals.books import another_request, facility_of, terms, vote_all

    services.cancel_pool(pool=packaged, by=cast.portfolio_manager.pk, at=AT)
    asked = another_request(cast.anda, cast.trust, cast)
    other = facility_of(asked, cast, name="Facility two", terms=terms(Form.ASSIGNMENT))
    pool = approved_pool(vote_all(other, cast, True, True, True), cast, name="Pool 2")
    services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    answer(cast.anda, cast.trust, manager=cast.manager)
    services.purchase_pool(pool=pool, by=cast.portfolio_manager.pk, at=LATER)
    assert set(states_of(claim_ids=rids_of(pool)).values()) == {"sold"}


def test_a_refusal_frees_everything(asked, facility, cast):
    answer(cast.anda, cast.trust, manager=cast.manager, yes=False)
    asked.refresh_from_db()
    assert (asked.state, asked.pledges.get().state) == ("cancelled", "refused")
    assert set(states_of(claim_ids=rids_of(asked)).values()) == {"claimed"}
    assert not PoolAsset.objects.filter(live=True).exists()
    assert (kinds()["pledge.released"], kinds()["pool.cancelled"]) == (1, 1)
    exchange(cast.anda, cast.trust)
    with tenant_context(cast.anda):
        assert PledgeRequest.objects.get().state == "refused"
    again = approved_pool(facility, cast, name="Pool 2")
    services.request_pledges(pool=again, by=cast.portfolio_manager.pk, at=LATER)
    assert set(rids_of(again)) == set(rids_of(asked))


def test_what_is_not_answered_in_time_is_released_and_a_late_yes_counts_for_nothing(asked, cast):
    exchange(cast.anda, cast.trust)
    assert services.expire_pledges(at=AT + timedelta(days=6)) == []
    assert services.expire_pledges(at=AT + timedelta(days=7)) == [asked]
    assert services.expire_pledges(at=AT + timedelta(days=8)) == []
    with tenant_context(cast.anda):  # has not heard of it yet
        accept_pledge(pledge=PledgeRequest.objects.get(), by=cast.manager.pk, at=LATER)
    exchange(cast.anda, cast.trust)
    asked.refresh_from_db()
    assert (asked.state, asked.pledges.get().state) == ("cancelled", "released")
    assert set(states_of(claim_ids=rids_of(asked)).values()) == {"claimed"}
    exchange(cast.anda, cast.trust)
    with tenant_context(cast.anda):
        request = PledgeRequest.objects.get()
        assert request.state == "released"
        with pytest.raises(PledgeDecided):
            accept_pledge(pledge=request, by=cast.manager.pk, at=LATER)


def test_what_nobody_answers_is_given_up_by_itself(asked, cast):
    """By the wall's clock this book's deadline is long over: the periodic look finds it."""
    run_waiting_jobs()
    look_for_late_pledges(timestamp=0)
    assert run_waiting_jobs() == 1
    asked.refresh_from_db()
    assert asked.state == PoolState.CANCELLED
    look_for_late_pledges(timestamp=0)
    assert run_waiting_jobs() == 0


def test_a_cancelled_pool_gives_its_money_and_assets_back(asked, facility, cast):
    from pools.deals.selectors import headroom_minor

    services.cancel_pool(pool=asked, by=cast.portfolio_manager.pk, at=AT)
    services.cancel_pool(pool=asked, by=cast.portfolio_manager.pk, at=AT)
    assert headroom_minor(facility) == facility.limit_minor
    assert kinds()["pool.cancelled"] == 1


def test_a_pool_whose_receivable_went_elsewhere_cannot_be_asked_for(pool, cast):
    reserve_rights(claim_ids=rids_of(pool)[:1], right="receivables", holder=cast.xingyu.pk, at=AT)
    with refused("assets_taken") as refusal:
        services.request_pledges(pool=pool, by=cast.portfolio_manager.pk, at=AT)
    assert refusal.value.params["count"] == 1
    assert (Pledge.objects.count(), kinds()["pledge.requested"]) == (0, 0)
    states = Counter(states_of(claim_ids=rids_of(pool)).values())
    assert states["claimed"] == pool.assets - 1  # no reservation of ours is left behind


def test_the_price_is_paid_by_two_people_and_the_lessor_hears_of_it(bought, cast):
    (payment,) = services.instruct_disbursement(pool=bought, by=cast.portfolio_manager.pk, at=LATER)
    assert payment.amount_minor == bought.price_minor
    assert services.instruct_disbursement(pool=bought, by=cast.portfolio_manager.pk, at=LATER) == [
        payment
    ]
    confirm = {"disbursement": payment, "at": LATER}
    with refused("same_person"):
        services.confirm_disbursement(bank_reference="B1", by=cast.portfolio_manager.pk, **confirm)
    with refused("cash_invalid"):
        services.confirm_disbursement(bank_reference=" ", by=cast.custodian.pk, **confirm)
    services.confirm_disbursement(bank_reference="B1", by=cast.custodian.pk, **confirm)
    services.confirm_disbursement(bank_reference="B1", by=cast.custodian.pk, **confirm)
    with refused("cash_invalid"):
        services.confirm_disbursement(bank_reference="B2", by=cast.custodian.pk, **confirm)
    assert (Pool.objects.get().state, kinds()["pool.disbursed"]) == ("disbursed", 1)
    exchange(cast.anda, cast.trust, LATER)
    with tenant_context(cast.anda):
        request = PledgeRequest.objects.get()
        assert (request.state, request.paid_minor, request.bank_reference) == (
            "perfected", bought.price_minor, "B1",
        )  # fmt: skip


def test_the_lessor_reads_its_own_deal_and_no_other_lessor_does(bought, cast):
    for lessor in (cast.anda, cast.xingyu):
        exchange(lessor, cast.trust, LATER)
    readable = {}
    for lessor in (cast.anda, cast.xingyu):
        with tenant_context(lessor):
            rows = ReplicaPayload.objects.filter(source=cast.trust.pk)
            indexes = set(rows.values_list("index", flat=True))
            assert replica_payloads(cast.trust.pk, indexes).keys() == indexes
        readable[lessor] = Counter(
            entries().filter(index__in=indexes).values_list("kind", flat=True)
        )
    keys = {"device.enrolled", "device.approved"}
    assert set(readable[cast.xingyu]) == keys
    assert set(readable[cast.anda]) - keys == {
        "diligence.closed", "committee.decided", "pool.packaged", "pledge.requested",
        "pledge.perfected", "pool.purchased",
    }  # fmt: skip
    seal_checkpoint(at=LATER)


def test_what_is_bought_is_proven_in_the_registrys_map(asked, cast):
    """By the trust's own books, down to the root on its ledger; the lessor sees that it is held."""
    wall = timezone.now()
    first = seal_epoch(now=wall)
    for tenant in (cast.trust, cast.anda):
        with tenant_context(tenant):
            write_roots(at=LATER)
            [check] = watch_own_rights(now=wall, at=LATER)
            assert check.held == (first.root.rights if tenant == cast.trust else 0)
            seal_checkpoint(at=LATER)
    members, when = rids_of(asked), {"now": wall, "at": LATER}
    ours = ask_for_proof(subject_id=asked.pk, by=cast.analyst.pk, **when)
    assert (ours.answers, ours.verdict, ours.taken) == (len(members), "held", [])
    other = Asset.objects.exclude(pk__in=members).first()
    assert ask_for_proof(subject_id=other.pk, by=cast.analyst.pk, **when).verdict == "free"
    with tenant_context(cast.anda):
        theirs = ask_for_proof(subject_id=members[0], by=cast.manager.pk, **when)
    assert theirs.verdict == "taken"
