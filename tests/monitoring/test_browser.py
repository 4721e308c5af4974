"""An open dashboard in a real browser: a missed payment shows within a second."""

import os
import time
from datetime import UTC, date, datetime
from decimal import Decimal

import pytest
from django.conf import settings
from django.test import Client
from django_tenants.utils import tenant_context
from playwright.sync_api import expect

from monitoring.models import Alert
from monitoring.performance.triggers import Comparison, Measure, Threshold, TriggerTerms
from monitoring.services.roll_forward import roll_forward
from monitoring.services.triggers import set_triggers
from tests.browser.chromium import DESK, PHONE, running_chromium, watched
from tests.browser.conftest import WHITENOISE_STREAMS
from tests.monitoring.books import a_lease, book_of
from tests.monitoring.live_server import running_server
from tests.monitoring.test_roll_forward_service import POOL

pytestmark = [pytest.mark.browser, pytest.mark.filterwarnings(WHITENOISE_STREAMS)]
SHOTS = os.environ.get("LL_SHOTS", "")


def _roll(cast, leases, paid, day):
    with tenant_context(cast.trust):
        at = datetime(day.year, day.month, day.day, 20, tzinfo=UTC)
        return roll_forward(book=book_of(leases, paid), as_of=day, at=at)


@pytest.fixture
def leases(committed_cast, django_db_blocker):
    """Twelve leases in a pool with a trigger, watched for two months."""
    with django_db_blocker.unblock():
        cast = committed_cast
        leases = [a_lease(lessor_id=cast.anda.pk, pool_id=POOL, number=n) for n in range(12)]
        threshold = Threshold(date(2026, 1, 1), Decimal("0.01"))
        late = TriggerTerms("late", Measure.DELINQUENCY_30, Comparison.ABOVE, (threshold,))
        with tenant_context(cast.trust):
            set_triggers(pool_id=POOL, triggers=[late])
        for day in (date(2026, 1, 15), date(2026, 2, 15), date(2026, 3, 15)):
            _roll(cast, leases, [3] * 11 + [2], day)
        yield leases


def _signed_in(browser, cast, port, viewport, language):
    client = Client(SERVER_NAME="trust.localhost")
    client.force_login(cast.portfolio_manager)
    context = browser.new_context(viewport=viewport, locale=language)
    cookie = {"url": f"http://trust.localhost:{port}", "name": settings.SESSION_COOKIE_NAME}
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    language_cookie = {**cookie, "name": settings.LANGUAGE_COOKIE_NAME, "value": language}
    context.add_cookies([{**cookie, "value": key}, language_cookie])
    return watched(context.new_page())


def _shot(page, name):
    if SHOTS:
        page.screenshot(path=f"{SHOTS}/{name}.png", full_page=True)


@pytest.mark.parametrize(
    ("viewport", "language"), [(DESK, "en"), (PHONE, "zh-hans")], ids=["desk", "phone"]
)
def test_a_missed_payment_shows_on_the_open_page(committed_cast, leases, viewport, language):
    with running_server() as port, running_chromium() as browser:
        page = _signed_in(browser, committed_cast, port, viewport, language)
        page.goto(f"http://trust.localhost:{port}/watch/")
        page.wait_for_selector("#live[data-state=on]")
        late = page.locator('[data-figure="delinquency_30"]')
        assert late.inner_text() == "0.00%"
        started = time.perf_counter()
        _roll(committed_cast, leases, [3] * 11 + [2], date(2026, 3, 16))
        page.wait_for_selector("#alerts [data-alert]")
        elapsed = time.perf_counter() - started
        assert "AD-11" in page.locator("#alerts").inner_text()
        _roll(committed_cast, leases, [4] * 11 + [2], date(2026, 4, 15))
        expect(late).not_to_have_text("0.00%")
        with tenant_context(committed_cast.trust):
            expected = set(Alert.objects.values_list("code", flat=True))
        assert "trigger_fired" in expected
        page.wait_for_timeout(600)  # charts have drawn
        for name, path in {
            "dashboard": "/watch/", "alerts": "/watch/alerts/", "late": "/watch/assets/",
            "pool": f"/watch/pools/{POOL}/", "problems": "/watch/problems/",
            "asset": f"/watch/assets/{leases[11]['lease_rid']}/",
        }.items():  # fmt: skip
            page.goto(f"http://trust.localhost:{port}{path}")
            page.wait_for_timeout(500)
            wide = page.evaluate("document.documentElement.scrollWidth")
            assert wide <= viewport["width"], f"{path} scrolls sideways"
            _shot(page, f"{name}-{viewport['width']}")
        assert page.trouble == []
    assert elapsed < 5  # pushed: no page asks by itself; how fast is told in benchmarks
