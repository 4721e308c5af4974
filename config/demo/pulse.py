"""The place stays alive: a simulated day passes every few seconds.

Bank lines and trackers' reports of the day arrive at the lessors, travel to the trust, and its
figures, triggers and alerts move. What one lessor books of a day is one transaction with its mark,
so a process killed in the middle goes on where it was.
"""

import asyncio
import contextlib
from concurrent.futures import ThreadPoolExecutor
from datetime import date, timedelta

import polars as pl
import structlog
from django.db import connections, transaction
from django_tenants.utils import schema_context

from config.demo.calendar import MARK
from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.stage import PART, mark
from config.demo.steps.exchange import carried, exchange_all
from config.demo.steps.lessors import daily_items, with_rids
from config.demo.steps.trust import roll_to
from config.models import DemoStep
from ledger.exchange.carriers import carrying
from origination.generator.spec import month_start
from origination.generator.telematics import draw_telematics
from origination.services.payments import record_payments
from origination.services.registers import record_telematics

log = structlog.get_logger("demo")


class Pulse:
    """A companion of the server: called with an event that says when to stop."""

    def __init__(self, scene: Scene, day_seconds: float) -> None:
        self._scene, self._day_seconds = scene, day_seconds

    async def __call__(self, stopping: asyncio.Event) -> None:
        loop = asyncio.get_running_loop()
        with ThreadPoolExecutor(max_workers=1, thread_name_prefix="pulse") as thread:
            held = await loop.run_in_executor(thread, carried, self._scene)
            with carrying(held):  # afterwards the exchange runs by itself, by the clock
                await self._live(loop, thread, stopping)

    async def _live(self, loop, thread, stopping: asyncio.Event) -> None:
        while not stopping.is_set():
            with contextlib.suppress(asyncio.TimeoutError):
                await asyncio.wait_for(stopping.wait(), timeout=self._day_seconds)
                return
            if not await loop.run_in_executor(thread, self._live_one_day):
                log.info("demo_future_over", day=str(today(self._scene)))
                return

    def _live_one_day(self) -> bool:
        try:
            return advance_day(self._scene)
        except Exception:
            log.exception("demo_day_failed")  # tomorrow is another day: the marks are kept
            return True
        finally:
            connections.close_all()


def days_lived(schema: str) -> int:
    """How many days after the end of history a lessor has booked."""
    with schema_context("public"):
        lived = DemoStep.objects.filter(key=f"pulse{PART}{schema}").first()
    return 0 if lived is None else lived.facts["days"]


def today(scene: Scene) -> date:
    """The simulated calendar's day: the last one that every lessor has booked."""
    return scene.as_of + timedelta(days=min(days_lived(schema) for schema in LESSORS))


def advance_day(scene: Scene) -> bool:
    """Live one more day; False when the drawn future is over. Repeatable after a crash."""
    number = min(days_lived(schema) for schema in LESSORS) + 1
    last = month_start(scene.spec.first_month, scene.spec.simulated_months)
    if scene.as_of + timedelta(days=number) >= last:
        return False
    for schema in LESSORS:
        if days_lived(schema) < number:
            book_day(scene, schema, number)
    exchange_all(scene, scene.moment(days=number - 1, hour=22))
    roll_to(scene, number)
    mark(MARK, {"today": (scene.as_of + timedelta(days=number)).isoformat()})
    return True


def book_day(scene: Scene, schema: str, number: int) -> None:
    """What one lessor hears on a day: bank lines and trackers, in one transaction with its mark."""
    at = scene.moment(days=number - 1, hour=21)
    lines = _lines_of(scene, schema, number)
    tracked = _trackers_of(scene, schema, number)
    with scene.inside(schema), transaction.atomic():
        if len(lines):
            record_payments(events=lines, at=at)
        if len(tracked):
            record_telematics(items=tracked, at=at)
        mark(f"pulse{PART}{schema}", {"days": number})


def _lines_of(scene: Scene, schema: str, number: int) -> pl.DataFrame:
    start, end = scene.moment(days=number - 2, hour=21), scene.moment(days=number - 1, hour=21)
    upcoming = scene.portfolio.upcoming.filter(
        (pl.col("known_at") > (scene.moment(days=-1, hour=21) if number == 1 else start))
        & (pl.col("known_at") <= end)
    )
    return with_rids(scene, schema, scene.of_lessor(schema, upcoming))


def _trackers_of(scene: Scene, schema: str, number: int) -> pl.DataFrame:
    day = scene.as_of + timedelta(days=number)
    reports = draw_telematics(
        scene.of_lessor(schema, scene.portfolio.truth),
        seed=scene.spec.seed,
        first_day=day,
        last_day=day,
        share=scene.spec.telematics_share,
    )
    return with_rids(scene, schema, daily_items(reports))
