"""What time it is for the current institution: asked at the interface, handed down as `at`.

A demo lives by its own calendar, which moves faster than ours: what people do there happens on its
day, among its payments. Phones keep the clock on the wall.
"""

from collections.abc import Callable
from datetime import date, datetime

from django.db import connection
from django.utils import timezone

Calendar = Callable[[], datetime | None]
_demo_calendars: list[Calendar] = []


def use_in_demos(calendar: Calendar) -> None:
    """Demo institutions ask `calendar` first; None means the clock on the wall."""
    if calendar not in _demo_calendars:
        _demo_calendars.append(calendar)


def now() -> datetime:
    """This instant for the current tenant, aware UTC."""
    return now_of(connection.tenant)


def now_of(tenant: object) -> datetime:
    """This instant for `tenant`: for the platform, which judges deadlines that a tenant set."""
    if getattr(tenant, "is_demo", False):
        for calendar in _demo_calendars:
            if (instant := calendar()) is not None:
                return instant
    return timezone.now()


def today() -> date:
    """The day of `now`."""
    return now().date()
