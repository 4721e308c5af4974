"""Jobs belong to the transaction that enqueued them and run inside one tenant."""

import pytest
from django.db import transaction
from django_tenants.utils import tenant_context
from procrastinate.contrib.django.models import ProcrastinateJob

from tenants.context import NoTenant, current_tenant
from tenants.jobs import run_waiting_jobs, tenant_task

_ran = []


@tenant_task(name="tests.note_the_tenant")
def note_the_tenant(*, word):
    _ran.append((current_tenant().schema_name, word))


@pytest.fixture(autouse=True)
def _forget():
    _ran.clear()


def test_a_job_runs_in_the_tenant_that_enqueued_it(cast):
    for tenant in (cast.tenants.anda, cast.tenants.trust):
        with tenant_context(tenant):
            note_the_tenant.enqueue(word=tenant.name)
    assert run_waiting_jobs() == 2
    assert _ran == [("anda", "Anda Leasing"), ("trust", "Huaxin Trust")]


def test_a_job_vanishes_with_its_transaction(cast):
    class Stop(Exception):
        pass

    with (
        pytest.raises(Stop),
        tenant_context(cast.tenants.anda),
        transaction.atomic(),
    ):
        note_the_tenant.enqueue(word="never")
        raise Stop
    assert not ProcrastinateJob.objects.exists()


def test_a_job_needs_a_tenant(db):
    with pytest.raises(NoTenant):
        note_the_tenant.enqueue(word="nowhere")
