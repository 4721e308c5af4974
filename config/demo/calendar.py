"""The demo's own calendar: one simulated day after another, written by the pulse."""

from datetime import UTC, date, datetime, time, timedelta

from django.utils import timezone
from django_tenants.utils import schema_context

from config.models import DemoStep

MARK = "calendar:"
#: People act after the morning's steps of the demo and before what the pulse books in the evening.
_OPENS, _OPEN_FOR = timedelta(hours=3), timedelta(hours=17)


def last_day() -> date | None:
    """The last day that the calendar has reached; None before the demo was played."""
    with schema_context("public"):
        row = DemoStep.objects.filter(key=MARK).first()
    return None if row is None else date.fromisoformat(row.facts["today"])


def demo_now() -> datetime | None:
    """The morning after the last day that was booked; it passes as fast as the wall's day does."""
    day = last_day()
    if day is None:
        return None
    wall = timezone.now()
    midnight = datetime.combine(wall.date(), time(), UTC)
    passed = _OPEN_FOR * ((wall - midnight) / timedelta(days=1))
    return datetime.combine(day + timedelta(days=1), time(), UTC) + _OPENS + passed
