"""The demo: resumable to the step, refused in production, alive afterwards."""

import io
import json
import os
import signal
import subprocess
import sys
from datetime import timedelta
from functools import partial

import pytest
from django.test import Client
from django_tenants.utils import tenant_context

from config.demo import cast as demo_cast
from config.demo.audit import audit_all
from config.demo.calendar import reach
from config.demo.pulse import advance_day, days_lived
from config.demo.scene import Scene
from config.demo.stage import Step, done_steps, play
from config.demo.steps import STEPS
from config.demo.steps.days import today
from config.environment import BASE_DIR
from config.models import DemoStep
from ledger.models import Checkpoint, Head, Replica, ReplicaEntry, ReplicaPayload, WitnessedLog
from monitoring.models import AssetPerformance, PoolSnapshot
from monitoring.services.watching import roll_all_forward
from origination.generator.spec import month_start
from origination.models import Lease, PaymentEvent
from tenants.models import User
from tests.config.demo_stage import demo_copy
from tests.stages import new_stage

LEASES = 160


@pytest.fixture
def scene(committed_cast, tmp_path):
    demo_cast.ensure_people()
    return Scene(leases=LEASES, folder=tmp_path)


def _note(text):
    def write(scene):
        DemoStep.objects.create(key=f"trace-{text}", seconds=0, facts={}, done_at=scene.moment())
        return {text: 1}

    return write


def test_a_step_that_fails_leaves_nothing_and_is_played_again(scene):
    broken = True

    def fragile(scene):
        _note("half")(scene)
        if broken:
            raise RuntimeError("pulled the plug")
        return {"whole": 1}

    steps = [Step("first", "first", _note("one")), Step("second", "second", fragile)]
    with pytest.raises(RuntimeError, match="pulled the plug") as caught:
        play(steps, scene, io.StringIO())
    assert caught.value.__notes__ == ["The demo stopped at the step second: second."]
    assert set(done_steps()) == {"first", "trace-one"}

    broken = False
    out = io.StringIO()
    assert play(steps, scene, out) == ["second"]
    assert out.getvalue().startswith("  [ 2/2] second · 1 whole, ")
    assert play(steps, scene, io.StringIO()) == []


def test_the_demo_is_refused_in_production(settings):
    settings.DEMO_ALLOWED = False
    with pytest.raises(demo_cast.DemoForbidden, match="does not run in production"):
        demo_cast.refuse_in_production()


@pytest.fixture(scope="module")
def resumed(django_db_setup, tmp_path_factory):
    """kill -9 in the middle of a step, then the same command again: (stage, how the first ended,
    what the second said, the same command once more)."""
    home = tmp_path_factory.mktemp("killed")
    command = [sys.executable, "manage.py", "demo", "--once", "--leases", str(LEASES)]
    with new_stage(home) as stage:
        environment = {
            **os.environ,
            "LL_DATABASE_NAME": stage.database,
            "LL_DEMO_DIR": str(home / "demo"),
            "LL_KEY_DIR": str(stage.keys),
            "PYTHONUNBUFFERED": "1",
            "LL_LOG_LEVEL": "WARNING",
        }
        options = {"cwd": BASE_DIR, "env": environment, "text": True, "stdout": subprocess.PIPE}
        with subprocess.Popen(command, **options) as first:
            for line in first.stdout:
                if " opening ledgers and keys · " in line:
                    first.send_signal(signal.SIGKILL)
                    break
        again = partial(subprocess.run, command, **options, check=True)
        yield stage, first.wait(), again().stdout, again


def test_a_killed_demo_goes_on_where_it_was(resumed):
    stage, ended, second, again = resumed
    assert ended == -signal.SIGKILL
    assert "opening ledgers and keys" not in second
    assert "the demo is ready" in second
    summary = json.loads((stage.keys.parent / "demo" / "summary.json").read_text())
    assert summary["failed"] == []
    assert {step["key"] for step in summary["steps"]} == {step.key for step in STEPS}
    assert "its data is kept" in again().stdout


def test_the_whole_line_is_played_and_a_day_passes(resumed, django_db_blocker, tmp_path):
    """By the demo that was killed on the way: it lacks nothing."""
    stage, *_ = resumed
    with demo_copy(stage, tmp_path, django_db_blocker, leases=LEASES) as scene:
        _assert_that_it_was_played(scene)
        _assert_that_days_pass(scene)
        _assert_equal_to_a_full_roll(scene)
        _assert_that_the_auditor_has_something_to_audit(scene)
        _assert_that_one_broken_log_stops_nobody_else(scene)
        _assert_that_days_go_on_after_the_drawn_months(scene)


def _assert_that_it_was_played(scene):
    facts = done_steps()
    assert set(facts) == {step.key for step in STEPS}
    for schema, leases in (("anda", LEASES * 4 // 5), ("xingyu", LEASES // 5)):
        assert facts[f"tape-{schema}"] == {"leases": leases}
        with tenant_context(scene.tenant(schema)):
            assert Lease.objects.count() == leases
            assert PaymentEvent.objects.count() == facts[f"payments-{schema}"]["bank_lines"]


def _assert_that_days_pass(scene):
    before = {}
    for schema in demo_cast.LESSORS:
        with tenant_context(scene.tenant(schema)):
            before[schema] = PaymentEvent.objects.count()
    for number in (1, 2):
        advance_day(scene)
        assert [days_lived(schema) for schema in demo_cast.LESSORS] == [number, number]
    with tenant_context(scene.tenant("anda")):
        assert PaymentEvent.objects.count() > before["anda"]


def _assert_that_the_auditor_has_something_to_audit(scene):
    """Every log is copied and cosigned, key entries are read, contents are not."""
    audit_all(scene)
    with tenant_context(scene.tenant("auditor")):
        copies = list(Replica.objects.all())
        assert len(copies) == 3
        assert all(copy.size == copy.checkpoint_size > 0 for copy in copies)
        assert WitnessedLog.objects.filter(size__gt=0).count() == 3
        opened = ReplicaPayload.objects.filter(source=scene.tenant("anda").pk).values("index")
        kinds = ReplicaEntry.objects.filter(source=scene.tenant("anda").pk, index__in=opened)
        assert set(kinds.values_list("kind", flat=True)) == {"device.enrolled", "device.approved"}
        # its own log is sealed too: no key of the title map could be retired before
        assert Checkpoint.objects.filter(size=Head.objects.get().size).exists()
    auditor = Client(SERVER_NAME="auditor.localhost")
    auditor.force_login(User.objects.get(email=demo_cast.address("auditor", "auditor")))
    page = auditor.get("/ledger/copies/").content.decode()
    assert all(name in page for name in ("Anda", "Xingyu", "Huaxin"))
    key = auditor.get(f"/ledger/copies/{scene.tenant('anda').pk}/entries/0/").content.decode()
    assert "This entry is proven" in key and "Public key" in key


def _assert_that_one_broken_log_stops_nobody_else(scene):
    """The copy of Anda's log contradicts it from here on; both sides read why, the days go on."""
    anda = scene.tenant("anda").pk
    with tenant_context(scene.tenant("trust")):
        size = Replica.objects.get(source=anda).size
        Replica.objects.filter(source=anda).update(peaks=b"\1" * 32 * size.bit_count())
        rival = Replica.objects.exclude(source=anda).get().size
    for number in (3, 4):
        advance_day(scene)
        assert today(scene) == scene.as_of + timedelta(days=number)
        assert days_lived("xingyu") == number
    with tenant_context(scene.tenant("trust")):
        assert PoolSnapshot.objects.order_by("-as_of").first().as_of == today(scene)
        assert Replica.objects.get(source=anda).size == size
        assert Replica.objects.exclude(source=anda).get().size > rival
    for schema, who in (("trust", "We, from "), ("anda", "Huaxin Trust")):
        client = Client(SERVER_NAME=f"{schema}.localhost")
        email = demo_cast.address("auditor" if schema == "trust" else "manager", schema)
        client.force_login(User.objects.get(email=email))
        page = client.get("/ledger/copies/").content.decode()
        refusals = page[page.index("Refused parcels") :]
        assert who in refusals and "Nothing was ever refused" not in refusals


def _assert_that_days_go_on_after_the_drawn_months(scene):
    after = month_start(scene.spec.first_month, scene.spec.simulated_months)
    reach(after + timedelta(days=20))
    advance_day(scene)
    assert today(scene) == after + timedelta(days=21)
    with tenant_context(scene.tenant("xingyu")):
        assert PaymentEvent.objects.filter(effective_at__date__gt=after).exists()


def _assert_equal_to_a_full_roll(scene):
    """Rolling only what changed, day by day, leaves what one look at everything would."""
    names = ("days_past_due", "bucket", "arrears_minor", "balance_minor", "oldest_unpaid_on")
    with tenant_context(scene.tenant("trust")):
        day = PoolSnapshot.objects.order_by("-as_of").first().as_of
        assert day == scene.as_of + timedelta(days=2)
        by_parts = dict(_positions(names))
        roll_all_forward(as_of=day, at=scene.moment(days=1, hour=23), full=True)
        assert dict(_positions(names)) == by_parts
        assert len(by_parts) == LEASES


def _positions(names):
    return ((row[0], row[1:]) for row in AssetPerformance.objects.values_list("pk", *names))
