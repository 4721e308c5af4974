"""A demo institution lives by the demo's calendar, every other by the clock on the wall."""

from datetime import UTC, date, datetime, timedelta
from itertools import pairwise

from django.utils import timezone
from django_tenants.utils import tenant_context

from config.demo.calendar import reach
from tenants import clock


def _now_in(tenant):
    with tenant_context(tenant):
        return clock.now()


def _is_now(instant):
    return abs(instant - timezone.now()) < timedelta(minutes=1)


def test_before_a_demo_is_played_the_wall_tells(cast):
    assert _is_now(_now_in(cast.trust))


def test_a_demo_is_at_the_day_after_the_last_that_was_booked(cast):
    reach(date(2026, 7, 3))
    instant = _now_in(cast.trust)
    assert instant.date() == date(2026, 7, 4)
    assert datetime(2026, 7, 4, 3, tzinfo=UTC) <= instant < datetime(2026, 7, 4, 20, tzinfo=UTC)


def test_an_institution_that_is_no_demo_keeps_the_wall(cast):
    reach(date(2026, 7, 3))
    cast.trust.is_demo = False
    assert _is_now(_now_in(cast.trust))


def test_time_in_a_demo_never_goes_back(cast, monkeypatch):
    """Over midnights on the wall, days of the calendar, a day begun again, and the end of both."""
    wall = [datetime(2026, 3, 1, 22, tzinfo=UTC)]
    monkeypatch.setattr(timezone, "now", lambda: wall[0])
    seen = []

    def wait(**span):
        wall[0] += timedelta(**span)
        seen.append(_now_in(cast.trust))

    reach(date(2026, 7, 3))
    for _ in range(30):  # two midnights
        wait(hours=2)
    reach(date(2026, 7, 4))
    wait(seconds=6)
    for day in (date(2026, 7, 4), date(2026, 7, 2)):  # repeated after a crash
        wait(seconds=1)
        reach(day)
        wait(seconds=1)
    for _ in range(400):  # the pulse has ended, and somebody leaves the demo running for a year
        wait(days=1)
    assert all(one < other for one, other in pairwise(seen))
    assert seen[-1] < datetime(2026, 7, 5, 20, tzinfo=UTC)
    wall[0] -= timedelta(days=500)  # a clock that is set back cannot be told apart, only bounded
    assert _now_in(cast.trust) >= datetime(2026, 7, 5, 3, tzinfo=UTC)
