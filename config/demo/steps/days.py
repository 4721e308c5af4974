"""Days after the end of history: what arrives at the lessors, travels, is rolled and paid out.

What one lessor books is one transaction with its mark, so a process killed in the middle goes on
where it was. A lessor that is silent (`silence`) stands still and catches up when it is back.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import date, timedelta

import polars as pl
import structlog
from django.db import transaction
from django_tenants.utils import schema_context

from config.demo.calendar import last_day, reach
from config.demo.cast import LESSORS
from config.demo.scene import Scene
from config.demo.silence import silent_since
from config.demo.stage import PART, mark
from config.demo.steps.collecting import work_on_the_queue
from config.demo.steps.exchange import exchange_with
from config.demo.steps.lessors import daily_items
from config.demo.steps.paying import pay_what_is_due
from config.demo.steps.rescreening import screen_when_due, search_when_due
from config.demo.steps.rids import with_rids
from config.demo.steps.trust import roll_to
from config.models import DemoStep
from origination.generator.telematics import draw_telematics
from origination.services.payments import record_payments
from origination.services.registers import record_telematics

_TRACKED_DAYS = 7
log = structlog.get_logger("demo")


def days_lived(schema: str) -> int:
    """How many days after the end of history a lessor has booked."""
    with schema_context("public"):
        lived = DemoStep.objects.filter(key=f"pulse{PART}{schema}").first()
    return 0 if lived is None else lived.facts["days"]


def today(scene: Scene) -> date:
    """The simulated calendar's day."""
    return max(last_day() or scene.as_of, scene.as_of)


def days_passed(scene: Scene) -> int:
    """How many days after the end of history the calendar has reached."""
    return (today(scene) - scene.as_of).days


def advance_day(scene: Scene) -> None:
    """Live one more day. Repeatable after a crash.

    A lessor whose log is broken stands still, and the day passes for everybody else.
    """
    number = days_passed(scene) + 1
    for schema in LESSORS:
        with _standing_still(schema, number):
            search_when_due(scene, schema, number)
            _live(scene, schema, number)
            work_on_the_queue(scene, schema, number)
    _close_day(scene, number)
    screen_when_due(scene, number)


def advance_to(scene: Scene, number: int) -> None:
    """Live until the `number`th day after the end of history, several days in one go.

    Repeatable after a crash.
    """
    for schema in LESSORS:
        _live(scene, schema, number)
    _close_day(scene, number)


def _live(scene: Scene, schema: str, number: int) -> None:
    """One lessor books what came until a day, and its entries travel."""
    if schema in silent_since():
        return
    if days_lived(schema) < number:
        book_until(scene, schema, number)
    exchange_with(scene, schema, scene.moment(days=number - 1, hour=22))


def _close_day(scene: Scene, number: int) -> None:
    """The trust's evening: positions, the calendar, what is due."""
    roll_to(scene, number)
    reach(scene.as_of + timedelta(days=number))
    pay_what_is_due(scene, scene.moment(days=number - 1, hour=23, minute=30))


@contextmanager
def _standing_still(schema: str, number: int) -> Iterator[None]:
    """What breaks at one lessor is its own: it is logged, and tried again with the next day.

    Refused parcels stand on the page of copies on both sides, and so does a copy that is late.
    """
    try:
        yield
    except Exception:
        log.exception("demo_lessor_stands_still", lessor=schema, day=number)


def book_until(scene: Scene, schema: str, number: int) -> None:
    """What one lessor hears until a day, in one transaction with its mark."""
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
    since = scene.moment(days=days_lived(schema) - 1, hour=21)
    until = scene.moment(days=number - 1, hour=21)
    known = pl.col("known_at")
    upcoming = scene.arriving(until).filter((known > since) & (known <= until))
    return with_rids(scene, schema, scene.of_lessor(schema, upcoming))


def _trackers_of(scene: Scene, schema: str, number: int) -> pl.DataFrame:
    """Of many days in one go only the last few: what the dashboards show."""
    kept = min(number - days_lived(schema), _TRACKED_DAYS)
    reports = draw_telematics(
        scene.of_lessor(schema, scene.truth(scene.as_of + timedelta(days=number))),
        seed=scene.spec.seed,
        first_day=scene.as_of + timedelta(days=number - kept + 1),
        last_day=scene.as_of + timedelta(days=number),
        share=scene.spec.telematics_share,
    )
    return with_rids(scene, schema, daily_items(reports))
