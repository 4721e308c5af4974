"""A process that was killed leaves jobs marked as being done: they are taken up again."""

import pytest
from asgiref.sync import async_to_sync
from django.db import connection
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app
from procrastinate.contrib.django.models import ProcrastinateJob

from tenants.jobs import run_waiting_jobs, tenant_task
from tenants.tasks import take_up

_ran = []


@tenant_task(name="tests.remember")
def remember(*, word):
    _ran.append(word)


@pytest.fixture(autouse=True)
def _forget():
    _ran.clear()


def _enqueue(cast, word="hello", **options):
    with tenant_context(cast.trust):
        remember.enqueue(word=word, **options)


def _kill(attempts=0):
    """As a killed worker leaves its job once its successor has struck it off."""
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE public.procrastinate_jobs SET status = 'doing', worker_id = NULL,"
            " attempts = %s WHERE status = 'todo'",
            [attempts],
        )


def _take_up():
    return async_to_sync(take_up)(app.job_manager)


def test_a_job_of_a_killed_worker_is_done_after_all(cast):
    _enqueue(cast)
    _kill()
    assert run_waiting_jobs() == 0
    assert _take_up() == 1
    assert run_waiting_jobs() == 1 and _ran == ["hello"]
    assert _take_up() == 0


def test_a_job_that_was_enqueued_again_meanwhile_is_done_once(committed_cast):
    _enqueue(committed_cast, lock="one", once=True)
    _kill()
    _enqueue(committed_cast, lock="one", once=True)
    assert _take_up() == 1
    assert run_waiting_jobs() == 1 and _ran == ["hello"]


def test_a_job_that_kills_its_process_each_time_is_given_up(cast):
    _enqueue(cast)
    _kill(attempts=5)
    assert _take_up() == 0
    assert ProcrastinateJob.objects.get().status == "failed"
