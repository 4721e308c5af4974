"""An alert to a thousand sockets: from the commit to the last of them, beside a bare loop."""

from __future__ import annotations

import asyncio
import time
from typing import Any
from uuid import uuid4

from benchmarks.database import django_on_a_copy
from benchmarks.figures import Figure

SOCKETS, ROUNDS = 1_000, 15


class CountingSocket:
    """What a room sees of a consumer; counts instead of writing to a network."""

    def __init__(self, scope: dict[str, Any], got: asyncio.Queue[int]) -> None:
        self.scope, self.language, self._got = scope, "en", got

    async def push_alerts(self, messages: list[dict[str, Any]]) -> None:
        self._got.put_nowait(len(messages))

    async def push_text(self, text: str) -> None:
        self._got.put_nowait(1)

    async def refuse(self) -> None:
        raise AssertionError("the analyst may watch")


async def _fan_out_seconds(tenant: Any, user: Any) -> float:
    from channels.db import database_sync_to_async

    from monitoring.live.hub import hub

    got: asyncio.Queue[int] = asyncio.Queue()
    sockets = [CountingSocket({"tenant": tenant, "user": user}, got) for _ in range(SOCKETS)]
    for socket in sockets:
        await hub().join(socket)
    times = []
    for _round in range(ROUNDS):
        started = time.perf_counter()
        await database_sync_to_async(_raise)(tenant)
        for _socket in sockets:
            await got.get()
        times.append(time.perf_counter() - started)
    for socket in sockets:
        await hub().leave(socket)
    return sorted(times)[ROUNDS // 2]


def _raise(tenant: Any) -> None:
    from datetime import UTC, datetime

    from django_tenants.utils import tenant_context

    from monitoring.models import Severity
    from monitoring.services.alerts import raise_alert

    with tenant_context(tenant):
        raise_alert(
            code="payment_missed",
            severity=Severity.WARNING,
            subject_kind="asset",
            subject_id=uuid4(),
            params={"contract": "A", "days": 1, "arrears_minor": 1, "currency": "CNY"},
            at=datetime(2026, 3, 2, tzinfo=UTC),
        )


async def _loop_seconds() -> float:
    """The floor: one coroutine call a socket, with nothing to read and nobody to ask."""
    got: asyncio.Queue[int] = asyncio.Queue()
    sockets = [CountingSocket({}, got) for _ in range(SOCKETS)]
    started = time.perf_counter()
    await asyncio.gather(*(socket.push_alerts([{}]) for socket in sockets))
    for _socket in sockets:
        await got.get()
    return time.perf_counter() - started


def figures() -> list[Figure]:
    """Median seconds from raising an alert (its transaction included) to the last socket."""
    with django_on_a_copy():
        from tenants.models import Tenant, User

        tenant = Tenant.objects.get(schema_name="trust")
        user = User.objects.get(email="analyst@example.test")
        ours = asyncio.run(_fan_out_seconds(tenant, user))
    floor = asyncio.run(_loop_seconds())
    return [Figure(f"an alert to {SOCKETS:,} sockets", ours, floor, "loop over sockets", "s")]
