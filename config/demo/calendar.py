"""The demo's own calendar: one simulated day after another, written by the pulse."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django_tenants.utils import schema_context

from config.models import DemoStep

MARK = "calendar:"
#: People act after the morning's steps of the demo and before what the pulse books in the evening.
_OPENS, _OPEN_FOR = timedelta(hours=3), timedelta(hours=17)
#: Half of the time that people have on a demo's day is over after this time on the wall.
_HALF_PASSED = timedelta(hours=12)


def last_day() -> date | None:
    """The last day that the calendar has reached; None before the demo was played."""
    row = _reached()
    return None if row is None else date.fromisoformat(row.facts["today"])


def reach(day: date) -> None:
    """The calendar has come to the end of a day. It never goes back, and a day begins once."""
    last = last_day()
    if last is None or day > last:
        now = {"facts": {"today": day.isoformat()}, "seconds": 0.0, "done_at": timezone.now()}
        with schema_context("public"):
            DemoStep.objects.update_or_create(key=MARK, defaults=now)


def demo_now() -> datetime | None:
    """The morning after the last day that was booked, and later the longer that day is the last.

    The pulse may stop at any day for good, so time passes slower and slower: the clock goes forward
    for ever, and the evening, which belongs to the pulse, never comes.
    """
    row = _reached()
    if row is None:
        return None
    waited = max(timezone.now() - row.done_at, timedelta())
    passed = _OPEN_FOR * (waited / (waited + _HALF_PASSED))
    morning = date.fromisoformat(row.facts["today"]) + timedelta(days=1)
    return datetime.combine(morning, time(), UTC) + _OPENS + passed


def _reached() -> DemoStep | None:
    with schema_context("public"):
        return DemoStep.objects.filter(key=MARK).first()
