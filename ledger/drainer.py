"""Drains the queues of hot tenants, beside a server or in a process of its own.

It polls: a NOTIFY at every commit would take one lock of the whole database and let the commits of
all tenants go through one by one. Any number of drainers may run; they take turns at the head.
"""

import threading
from contextlib import suppress
from time import monotonic

import structlog
from django.db import Error, connection

from ledger.models import Head
from ledger.services.integrating import BATCH, anything_waits, integrate_pending
from tenants.context import tenant_context
from tenants.models import Tenant
from tenants.standing import standing

log = structlog.get_logger("ledger.drainer")
SHORTEST_S, LONGEST_S = 0.01, 0.05  # between two looks into the queues of hot tenants
REFRESH_S = 5.0  # between two questions which tenants are hot
AFTER_FAILURE_S = 1.0


def run(stopping: threading.Event) -> None:
    """Drain until `stopping` is set; a failure is logged and tried again."""
    wait, due = SHORTEST_S, 0.0
    tenants: list[Tenant] = []
    while not stopping.is_set():
        try:
            if monotonic() >= due:
                tenants, due = _with_queues(), monotonic() + REFRESH_S
            largest, failed = _round(tenants)
        except Exception as error:  # whatever it is, what waits must not wait for a restart
            log.error("draining_failed", error=str(error))
            wait, due, largest = AFTER_FAILURE_S, 0.0, None
            with suppress(Error):
                connection.close()
        else:
            wait = SHORTEST_S if largest else min(wait * 2, LONGEST_S)
            if failed and not largest:
                wait = AFTER_FAILURE_S
        if largest is None and wait != AFTER_FAILURE_S:
            connection.close()  # nobody is hot: no connection is kept for it
            wait = REFRESH_S
        if largest is None or largest < BATCH:
            stopping.wait(wait)
    connection.close()


def _with_queues() -> list[Tenant]:
    """Hot tenants, and those that were: a queue is drained after its tenant is switched back.

    What waits for a log that stands still waits on.
    """
    found = []
    for tenant in standing():
        with tenant_context(tenant):
            if Head.objects.filter(halted_at__isnull=False).exists():
                continue
            if tenant.hot_ledger or anything_waits():
                found.append(tenant)
    return found


def _round(tenants: list[Tenant]) -> tuple[int | None, bool]:
    """The largest batch that was moved, None without tenants, and whether one of them failed.

    A tenant whose queue is stuck is told and passed over: the others have done nothing.
    """
    moved, failed = [], False
    for tenant in tenants:
        try:
            moved.append(_one_batch(tenant))
        except Exception as error:
            log.error("draining_failed", tenant=tenant.schema_name, error=str(error))
            failed = True
            with suppress(Error):
                connection.close()
    return max(moved, default=0 if tenants else None), failed


def _one_batch(tenant: Tenant) -> int:
    with tenant_context(tenant):
        return len(integrate_pending()) if anything_waits() else 0
