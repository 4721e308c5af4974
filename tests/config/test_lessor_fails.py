"""A lessor of the demo falls silent: nothing of it arrives, the trust hears, and it comes back."""

import pytest
from django_tenants.utils import tenant_context

from config.demo import cast as demo_cast
from config.demo.pulse import advance_day
from config.demo.silence import silent_since
from config.demo.steps import STEPS
from config.stories.shelf import STORIES
from config.stories.telling import tell
from ledger.models import Entry, ReplicaEntry
from monitoring.models import Alert
from origination.models import PaymentEvent
from tenants.models import User
from tests.config.demo_stage import demo_copy, demo_stage

STORY = STORIES["the-lessor-fails"]
LEASES = 400


@pytest.fixture(scope="module")
def stage(django_db_setup, django_db_blocker, tmp_path_factory):
    """The demo, and six days: its habit is a parcel a day."""
    home = tmp_path_factory.mktemp("failing")
    with demo_stage(home, django_db_blocker, STEPS, leases=LEASES, days=6) as stage:
        yield stage


@pytest.fixture
def scene(stage, django_db_blocker, tmp_path):
    with demo_copy(stage, tmp_path, django_db_blocker, leases=LEASES) as scene:
        yield scene


def _lines(scene, schema):
    with tenant_context(scene.tenant(schema)):
        return PaymentEvent.objects.count(), Entry.objects.count()


def _copied(scene):
    source = scene.tenant("anda").pk
    with tenant_context(scene.tenant("trust")):
        return ReplicaEntry.objects.filter(source=source).count()


def _told(scene):
    with tenant_context(scene.tenant("trust")):
        return list(Alert.objects.filter(code="collections_stopped").order_by("id"))


def _press(client, name):
    answer = client.post(f"/stories/the-lessor-fails/{name}/")
    assert answer.status_code == 302, answer.content


def test_the_sweep_stops_and_comes_again(scene, client_of):
    public = client_of(None, scene.tenant("public"))
    assert _told(scene) == []
    anda, copied, xingyu = _lines(scene, "anda"), _copied(scene), _lines(scene, "xingyu")
    _press(public, "stop")
    since = silent_since()["anda"]
    for _ in range(6):
        advance_day(scene)
    assert (_lines(scene, "anda"), _copied(scene)) == (anda, copied)
    assert _lines(scene, "xingyu") != xingyu
    alert = _told(scene)[0]
    assert (alert.severity, alert.subject_id) == ("danger", scene.tenant("anda").pk)
    assert alert.params["day"] == since.isoformat() and alert.params["count"] >= 10
    first, second, *others = tell(STORY)
    assert first.proved and second.proved
    trust = scene.tenant("trust")
    manager = client_of(User.objects.get(email=demo_cast.address("portfolio", "trust")), trust)
    file = manager.get(f"/watch/lessors/{scene.tenant('anda').pk}/payments.csv")
    assert file.status_code == 200 and not file.streaming  # a stream is read outside the tenant
    assert len(file.content.decode().splitlines()) > 100
    assert first.act.name == "resume"
    assert [step.proved for step in others if step.proved is False] == []

    _press(public, "resume")
    advance_day(scene)
    assert silent_since() == {}
    assert _lines(scene, "anda")[0] > anda[0] and _copied(scene) > copied
    assert [(alert.state, alert.ending) for alert in _told(scene)] == [("ended", "cured")]


def test_what_was_paid_in_the_silence_is_booked_whole(scene):
    """Stopped and resumed, a lessor's book is what it would have been."""
    from config.demo.silence import resume_sweep, stop_sweep

    stop_sweep("anda")
    for _ in range(3):
        advance_day(scene)
    resume_sweep("anda")
    advance_day(scene)
    upcoming = scene.portfolio.upcoming
    until = scene.moment(days=9, hour=21)
    mine = scene.of_lessor("anda", upcoming.filter(upcoming["known_at"] <= until))
    with tenant_context(scene.tenant("anda")):
        booked = PaymentEvent.objects.filter(known_at__gt=scene.moment(days=-1, hour=21)).count()
    assert booked == len(mine)


def test_only_those_who_see_stories_press_at_an_institution(scene, client_of, settings):
    trust = scene.tenant("trust")
    assert client_of(None, trust).post("/stories/the-lessor-fails/stop/").status_code == 302
    assert silent_since() == {}
    analyst = User.objects.get(email=demo_cast.address("analyst", "trust"))
    assert client_of(analyst, trust).post("/stories/the-lessor-fails/burn/").status_code == 404
    settings.DEMO_ALLOWED = False
    public = client_of(None, scene.tenant("public"))
    assert public.post("/stories/the-lessor-fails/stop/").status_code == 404
    assert silent_since() == {}
