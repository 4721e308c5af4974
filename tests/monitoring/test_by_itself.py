"""Positions come to today by themselves: a new day or something new makes a job, nothing else."""

from datetime import date

import pytest
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from ledger.exchange.carriers import carrying
from monitoring import tasks
from monitoring.models import Alert, AssetPerformance, PoolSnapshot, WatchedLease
from monitoring.services.watching import roll_all_forward
from tenants import clock
from tenants.jobs import run_waiting_jobs
from tests.pools.deals.books import AT, LEASES, open_book


@pytest.fixture
def trust(cast):
    open_book(cast.anda, cast.trust, back_office=cast.back_office, manager=cast.manager)
    return cast.trust


def _tick():
    """The clock strikes once and every job is done; how many rolls there were."""
    tasks.look_for_a_new_day.func(timestamp=0)
    rolls = ProcrastinateJob.objects.filter(task_name="monitoring.roll_forward", status="todo")
    found = rolls.count()
    run_waiting_jobs()
    return found


def test_a_new_day_and_something_new_are_rolled_and_nothing_else_is(trust):
    assert _tick() == 1
    with tenant_context(trust):
        assert {clock.today()} == set(PoolSnapshot.objects.values_list("as_of", flat=True))
        assert AssetPerformance.objects.count() == LEASES
    assert _tick() == 0
    with tenant_context(trust):
        WatchedLease.objects.filter(pk=WatchedLease.objects.first().pk).update(touched=True)
    assert _tick() == 1
    assert _tick() == 0


def test_who_stopped_paying_is_told_when_the_day_comes(trust):
    with tenant_context(trust):
        roll_all_forward(as_of=date(2026, 1, 5), at=AT)
        assert not Alert.objects.exists()
    assert _tick() == 1  # months later by the clock on the wall, and nothing was paid
    with tenant_context(trust):
        assert Alert.objects.filter(code="asset_defaulted").exists()


def test_a_place_that_lives_its_days_by_hand_is_left_alone(trust, cast):
    with carrying([(cast.trust.pk, cast.anda.pk)]):
        assert _tick() == 0


def test_it_strikes_every_minute():
    (periodic,) = [
        found
        for found in app.periodic_registry.periodic_tasks.values()
        if found.task == tasks.look_for_a_new_day
    ]
    assert periodic.croniter.get_next(float, start_time=0) <= 60
