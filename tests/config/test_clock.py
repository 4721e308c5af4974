"""A demo institution lives by the demo's calendar, every other by the clock on the wall."""

from datetime import UTC, date, datetime, timedelta

from django.utils import timezone
from django_tenants.utils import tenant_context

from config.demo.calendar import MARK
from config.demo.stage import mark
from tenants import clock


def _now_in(tenant):
    with tenant_context(tenant):
        return clock.now()


def _is_now(instant):
    return abs(instant - timezone.now()) < timedelta(minutes=1)


def test_before_a_demo_is_played_the_wall_tells(cast):
    assert _is_now(_now_in(cast.trust))


def test_a_demo_is_at_the_day_after_the_last_that_was_booked(cast):
    mark(MARK, {"today": "2026-07-03"})
    instant = _now_in(cast.trust)
    assert instant.date() == date(2026, 7, 4)
    assert datetime(2026, 7, 4, 3, tzinfo=UTC) <= instant < datetime(2026, 7, 4, 20, tzinfo=UTC)


def test_an_institution_that_is_no_demo_keeps_the_wall(cast):
    mark(MARK, {"today": "2026-07-03"})
    cast.trust.is_demo = False
    assert _is_now(_now_in(cast.trust))
