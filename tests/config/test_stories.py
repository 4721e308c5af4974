"""Each story is told from a played demo: every fact that can hold holds, every link opens."""

import re

import pytest
from django_tenants.utils import tenant_context

from config.demo import cast as demo_cast
from config.stories.decision_rerun import verdict_on, with_one_bit_flipped
from config.stories.shelf import STORIES
from config.stories.telling import tell
from ledger.models import Entry
from pools.models import Distribution
from tenants.models import User


@pytest.mark.parametrize("slug", STORIES)
def test_every_fact_of_a_story_holds(played, slug):
    steps = tell(STORIES[slug], port="8000")
    assert any(step.proved for step in steps)
    assert [step.number for step in steps if step.proved is False] == [], [
        (fact.label, str(fact.value))
        for step in steps
        for fact in step.facts
        if fact.holds is False
    ]


@pytest.mark.parametrize("slug", STORIES)
def test_telling_a_story_leaves_no_trace(played, slug):
    def sizes():
        found = {}
        for schema in demo_cast.INSTITUTIONS:
            with tenant_context(played.tenant(schema)):
                found[schema] = Entry.objects.count()
        return found

    before = sizes()
    tell(STORIES[slug])
    assert sizes() == before


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
