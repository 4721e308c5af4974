"""The place stays alive: a simulated day passes every few seconds.

Bank lines and trackers' reports of the day arrive at the lessors, travel to the trust, and its
figures, triggers and alerts move; a month that is over is paid out (`steps.days`). The auditor
keeps a copy of every log meanwhile.
"""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from uuid import UUID

import structlog
from django.db import connections

from config.demo.audit import audit_all, audited
from config.demo.scene import Scene
from config.demo.steps.days import advance_day, days_lived
from config.demo.steps.exchange import carried
from ledger.exchange.carriers import carrying

log = structlog.get_logger("demo")


class Pulse:
    """A companion of the server: called with an event that says when to stop."""

    def __init__(self, scene: Scene, day_seconds: float) -> None:
        self._scene, self._day_seconds = scene, day_seconds

    async def __call__(self, stopping: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pulse") as thread:
            held = await loop.run_in_executor(thread, self._carried)
            with carrying(held):  # afterwards the exchange runs by itself, by the clock
                await loop.run_in_executor(thread, self._audit)
                await self._live(loop, thread, stopping)

    async def _live(self, loop, thread, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stopping.wait(), timeout=self._day_seconds)
                return
            await loop.run_in_executor(thread, self._live_one_day)

    def _live_one_day(self) -> None:
        try:
            advance_day(self._scene)
            audit_all(self._scene)
        except Exception:
            log.exception("demo_day_failed")  # tomorrow is another day: the marks are kept
        finally:
            connections.close_all()

    def _carried(self) -> list[tuple[UUID, UUID]]:
        return [*carried(self._scene), *audited(self._scene)]

    def _audit(self) -> None:
        try:
            audit_all(self._scene)
        except Exception:
            log.exception("demo_audit_failed")  # tomorrow is another day
        finally:
            connections.close_all()


__all__ = ["Pulse", "advance_day", "days_lived"]
