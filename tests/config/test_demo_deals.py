"""The demo's two deals, played over a small portfolio with a screening made for the test."""

import io

import pytest
from django_tenants.utils import tenant_context

from config.demo.stage import done_steps, play
from config.demo.steps import deal, exchange, lessors, trust
from ledger.selectors import entries
from origination.models import FinancingApplication, PledgeRequest
from pools.models import AssetSearch, DiligenceFinding, Pool
from tenants.registry import states_of
from tests.config.demo_stage import demo_copy, demo_stage
from tests.conftest import people as people_of_all
from tests.pools.deals.books import screen_book

LEASES = 1_200
BEFORE = (
    *lessors.BEFORE, *lessors.XINGYU, *lessors.ANDA, exchange.FERRY, *exchange.STEPS, *trust.STEPS,
)  # fmt: skip


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker, tmp_path_factory):
    home = tmp_path_factory.mktemp("before-the-deals")
    with demo_stage(home, django_db_blocker, BEFORE, leases=LEASES) as stage:
        yield stage


@pytest.fixture
def scene(stage, django_db_blocker, tmp_path):
    with demo_copy(stage, tmp_path, django_db_blocker, leases=LEASES) as scene:
        yield scene


@pytest.fixture
def people(scene):
    return people_of_all()


def _screen(scene, person):
    """Only open leases are screened: those that the demo's registers were searched for."""
    with scene.inside("trust"):
        searched = AssetSearch.objects.values("lease_rid")
        run = screen_book(person, as_of=scene.as_of, at=scene.moment(minute=20))
        run.results.exclude(asset__in=searched).delete()


def test_two_deals_go_from_the_request_to_the_payout(scene, people):
    _screen(scene, people.analyst)
    play(deal.STEPS, scene, io.StringIO())
    with scene.inside("trust"):
        failed = DiligenceFinding.objects.filter(passed=False)
        assert list(failed.values_list("code", "note")) == []
        pools = list(Pool.objects.select_related("facility"))
        assert [pool.state for pool in pools] == ["disbursed", "disbursed"], done_steps()["pools"]
        titles = {
            pool.facility.form: set(
                states_of(claim_ids=pool.members.values_list("asset_id", flat=True)).values()
            )
            for pool in pools
        }
        assert titles == {"loan": {"pledged"}, "assignment": {"sold"}}
        kinds = list(entries().values_list("kind", flat=True))
    assert (kinds.count("pool.purchased"), kinds.count("pool.disbursed")) == (2, 2)
    for lessor in (people.anda, people.xingyu):
        with tenant_context(lessor):
            assert FinancingApplication.objects.get().state == "approved"
            assert PledgeRequest.objects.get().paid_at is not None


def test_without_a_screening_the_requests_wait(scene):
    play(deal.STEPS, scene, io.StringIO())
    assert done_steps()["purchase"] == {"pools": 0}
    with scene.inside("trust"):
        assert Pool.objects.count() == 0
