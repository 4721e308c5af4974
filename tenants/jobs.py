"""Background work: Procrastinate tasks that enter exactly one tenant."""

from collections.abc import Callable
from contextlib import suppress
from functools import wraps
from uuid import UUID

import structlog
from django.db import connections, transaction
from django_tenants.utils import tenant_context
from procrastinate.contrib.django import app
from procrastinate.exceptions import AlreadyEnqueued

from tenants.context import current_tenant
from tenants.models import Tenant

log = structlog.get_logger("jobs")


def tenant_task(*, name: str, retry: int = 3, **options):
    """Decorator: `function(**kwargs)` becomes a task that runs inside one tenant.

    The result has `.enqueue(tenant=None, lock=None, once=False, **kwargs)`, which is part of the
    caller's transaction: the job exists exactly when the caller's rows do. `tenant` defaults to the
    current one. Jobs of one `lock` run one after another; with `once` the same job does not
    wait a second time (`AlreadyEnqueued`).
    """

    def decorate(function):
        @wraps(function)
        def run(tenant_id: str, **kwargs):
            try:
                tenant = Tenant.objects.get(pk=UUID(tenant_id))
                with tenant_context(tenant):
                    return function(**kwargs)
            finally:
                for connection in connections.all(initialized_only=True):
                    if not connection.in_atomic_block:  # a caller's transaction stays its own
                        connection.close_if_unusable_or_obsolete()

        task = app.task(name=name, retry=retry, **options)(run)

        def enqueue(
            *, tenant: Tenant | None = None, lock: str | None = None, once: bool = False, **kwargs
        ) -> int:
            tenant = tenant or current_tenant()
            waiting = f"{name} {lock} {sorted(kwargs.items())}" if once else None
            configured = task.configure(lock=lock, queueing_lock=waiting) if lock else task
            return configured.defer(tenant_id=str(tenant.pk), **kwargs)

        function.task = task
        function.enqueue = enqueue
        return function

    return decorate


def enqueue_once(
    task: Callable[..., None], *, tenant: Tenant, lock: str, **arguments: object
) -> None:
    """A job of a `tenant_task`, unless the same one waits already."""
    with suppress(AlreadyEnqueued), transaction.atomic():
        task.enqueue(tenant=tenant, lock=lock, once=True, **arguments)  # type: ignore[attr-defined]


def run_waiting_jobs(limit: int = 1000) -> int:
    """Run every waiting job here and now, in this thread; returns how many ran.

    For tests and for one-shot commands: the real jobs with their real arguments, only without a
    worker process between. A job that fails raises.
    """
    from procrastinate.contrib.django.models import ProcrastinateJob

    done = 0
    while done < limit:
        job = ProcrastinateJob.objects.filter(status="todo").order_by("id").first()
        if job is None:
            return done
        app.tasks[job.task_name].func(**job.args)
        _finish(job.pk)
        done += 1
    raise RuntimeError(f"More than {limit} jobs: do they enqueue each other for ever?")


def _finish(job_id: int) -> None:
    with connections["default"].cursor() as cursor:
        cursor.execute("DELETE FROM public.procrastinate_jobs WHERE id = %s", [job_id])
