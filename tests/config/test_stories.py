"""Each story is told from a played demo: every fact that can hold holds, every link opens."""

import re

import pytest
from django_tenants.utils import tenant_context

from config.demo import cast as demo_cast
from config.stories.decision_rerun import verdict_on, with_one_bit_flipped
from config.stories.double_financing import PERFECTED, financed
from config.stories.probes import inside, only_a_try
from config.stories.shelf import STORIES
from config.stories.telling import tell
from ledger.models import Entry
from origination.models import PledgeRequest
from pools.models import AssetResult, Distribution, ModelVersion, PoolAsset, ScreeningRun
from tenants.formatting import full_money
from tenants.models import User
from tenants.money import Money
from tenants.registry import states_of
from tenants.templatetags.statuses import label_of


@pytest.mark.parametrize("slug", STORIES)
def test_every_fact_of_a_story_holds_and_telling_it_leaves_no_trace(played, slug):
    def sizes():
        found = {}
        for schema in demo_cast.INSTITUTIONS:
            with tenant_context(played.tenant(schema)):
                found[schema] = Entry.objects.count()
        return found

    before = sizes()
    steps = tell(STORIES[slug], port="8000")
    assert sizes() == before
    assert any(step.proved for step in steps)
    assert [step.number for step in steps if step.proved is False] == [], [
        (fact.label, str(fact.value))
        for step in steps
        for fact in step.facts
        if fact.holds is False
    ]


def test_every_link_of_a_story_opens(played, client_of):
    """As somebody of the institution whom the step sends there."""
    people = {"anda": "manager", "xingyu": "manager", "trust": "analyst", "auditor": "auditor"}
    opened = 0
    for story in STORIES.values():
        for step in tell(story):
            if step.url:
                address = demo_cast.address(people[step.host], step.host)
                client = client_of(User.objects.get(email=address), played.tenant(step.host))
                path = re.sub(r"^https?://[^/]+", "", step.url)
                assert client.get(path).status_code == 200, (story.slug, step.number, path)
                opened += 1
    assert opened


def test_the_pages_are_open_on_the_platform_and_guarded_elsewhere(played, client_of):
    public = client_of(None, played.tenant("public"))
    shelf = public.get("/stories/")
    assert shelf.status_code == 200
    for slug in STORIES:
        page = public.get(f"/stories/{slug}/")
        assert page.status_code == 200
        assert f'href="/stories/{slug}/"' in shelf.content.decode()
    assert public.get("/stories/nothing/").status_code == 404
    stranger = client_of(None, played.tenant("trust")).get("/stories/")
    assert stranger.headers["Location"].startswith("/sign-in/")
    analyst = User.objects.get(email=demo_cast.address("analyst", "trust"))
    assert client_of(analyst, played.tenant("trust")).get("/stories/").status_code == 200


def test_no_story_is_told_outside_of_a_demo(played, client_of, settings):
    settings.DEMO_ALLOWED = False
    assert client_of(None, played.tenant("public")).get("/stories/").status_code == 404


def test_a_flipped_bit_anywhere_is_named(played):
    from config.stories.decision_rerun import _bundle
    from ledger.verifier.check import Lie, Report

    with tenant_context(played.tenant("trust")):
        bundle = _bundle()
    assert isinstance(verdict_on(bundle), Report)
    step = max(1, len(bundle) // 200)
    for place in range(0, len(bundle), step):
        assert isinstance(verdict_on(with_one_bit_flipped(bundle, place)), Lie), place


def test_the_yuan_is_followed_into_the_unit_of_a_pool_that_has_paid(played):
    """The demo bought a pool that has paid: every step is proved, none says "not yet"."""
    with tenant_context(played.tenant("trust")):
        before = Distribution.objects.count()
    assert before > 0
    steps = tell(STORIES["follow-the-yuan"])
    wrong = [(f.label, f.value) for step in steps for f in step.facts if f.holds is False]
    assert wrong == []
    assert [step.proved for step in steps if step.number > 1] == [True] * 7
    assert all(step.url for step in steps)
    with tenant_context(played.tenant("trust")):
        assert Distribution.objects.count() == before  # only tried


def _page(played, client_of, step, person):
    address = demo_cast.address(person, step.host)
    client = client_of(User.objects.get(email=address), played.tenant(step.host))
    return client.get(re.sub(r"^https?://[^/]+", "", step.url)).content.decode()


def test_the_other_lessor_claims_a_running_lease_of_a_bought_pool(played, client_of):
    """Nothing is pledged for the page: the trust bought it, and the lease's page says the same."""
    tried = inside("anda", financed)
    state = states_of(claim_ids=[tried.lease.rid])[tried.lease.rid]
    assert state in PERFECTED
    assert tried.outstanding_minor > 0
    with tenant_context(played.tenant("trust")):
        member = PoolAsset.objects.get(asset_id=tried.lease.rid, live=True)
        assert member.pool.name == tried.pool
        assert member.pool.state in {"purchased", "disbursed"}
    first, second, _outside = tell(STORIES["double-financing"])
    assert tried.pool in [fact.value for fact in first.facts]
    assert tried.lease.vin in [fact.value for fact in second.facts]
    page = _page(played, client_of, first, "manager")
    for shown in (tried.lease.vin, tried.lease.contract_number, str(label_of(state))):
        assert shown in page
    owed = full_money(Money.from_minor(tried.outstanding_minor, tried.lease.currency))
    assert owed in [fact.value for fact in first.facts] and owed in page


def test_without_a_bought_pool_a_running_lease_is_taken_for_the_page_only(played):
    with tenant_context(played.tenant("anda")), only_a_try():
        PledgeRequest.objects.update(state="accepted")
        tried = financed()
        assert tried.pool == "" and tried.outstanding_minor > 0
        first, second, _outside = tell(STORIES["double-financing"])
        assert (first.proved, second.proved) == (True, True)
        assert "for the length of this page only" in " ".join(str(f.value) for f in first.facts)
        assert set(states_of(claim_ids=[tried.lease.rid]).values()) == {"claimed"}


def test_both_samples_say_what_is_bad_and_on_which_days(played, client_of):
    with tenant_context(played.tenant("trust")):
        run = ScreeningRun.objects.order_by("as_of", "at").last()
        bad = AssetResult.objects.filter(run=run, days_past_due__gt=30).count()
        alpha = ModelVersion.objects.defer("artefact").get(pk=run.model_id).alpha
    steps = tell(STORIES["the-model-on-trial"])
    told = " ".join(f"{fact.label} {fact.value}" for fact in steps[2].facts)
    sample = alpha["sample"]
    theirs = [f"{sample['bad']:,}", f"{sample['assets']:,}", *alpha["window"], "90 days past due"]
    ours = [f"{bad:,}", f"{run.assets:,}", run.as_of.isoformat(), "30 days past due"]
    assert [words for words in ours + theirs if words not in told] == []
    page = _page(played, client_of, steps[0], "analyst")
    assert [words for words in theirs if words not in page] == []
