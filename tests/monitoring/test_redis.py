"""Several processes on one Redis: what one of them raises, pages of all the others hear."""

import asyncio
import subprocess
import sys
import time
from contextlib import ExitStack
from functools import partial

import pytest

from config.environment import BASE_DIR
from tests.monitoring.live_server import connect, next_message, ready
from tests.monitoring.test_live import TRUST, session_async
from tests.servers import answers, running_redis, serving, wait_until

pytestmark = pytest.mark.redis

_RAISE = """
import os, sys, time, uuid, django
os.environ["DJANGO_SETTINGS_MODULE"] = "config.settings"
django.setup()
from datetime import UTC, datetime
from django_tenants.utils import schema_context
from monitoring.services.alerts import raise_alert
params = {"contract": "AD-7", "days": 1, "arrears_minor": 412350, "currency": "CNY"}
for line in sys.stdin:
    with schema_context("trust"):
        alert = raise_alert(code="payment_missed", severity="warning", subject_kind="asset",
                            subject_id=uuid.uuid4(), params=params, at=datetime.now(UTC))
    print(alert.pk, time.time(), flush=True)
"""


@pytest.fixture
def servers(committed_cast, monkeypatch):
    """Two processes that serve, and a third that raises an alert for every line it is sent."""
    with ExitStack() as stack:
        monkeypatch.setenv("REDIS_URL", stack.enter_context(running_redis()))
        ports = [stack.enter_context(serving()) for _ in range(2)]
        raiser = subprocess.Popen(
            [sys.executable, "-c", _RAISE],
            cwd=BASE_DIR, text=True, stdin=subprocess.PIPE, stdout=subprocess.PIPE,
        )  # fmt: skip
        stack.callback(raiser.wait, 30)
        stack.callback(raiser.stdin.close)
        yield ports, raiser


def _raise(raiser):
    raiser.stdin.write("\n")
    raiser.stdin.flush()
    number, at = raiser.stdout.readline().split()
    return int(number), float(at)


async def test_an_alert_of_one_process_reaches_pages_of_the_others(servers, committed_cast):
    ports, raiser = servers
    session = await session_async(committed_cast.analyst, TRUST)
    for port in ports:
        page = partial(answers, port, "/sign-in/", f"{TRUST}:{port}")
        await asyncio.to_thread(wait_until, page, "no page within a minute and a half")
    async with connect(ports[0], TRUST, session) as one, connect(ports[1], TRUST, session) as other:
        await asyncio.gather(ready(one), ready(other))
        for _ in range(3):

            async def heard(page):
                return (await next_message(page, timeout=30))["id"], time.time()

            pages = [asyncio.create_task(heard(page)) for page in (one, other)]
            number, raised = await asyncio.to_thread(_raise, raiser)
            for found, at in await asyncio.gather(*pages):
                assert found == number
                assert at - raised < 5  # how fast is told in benchmarks
