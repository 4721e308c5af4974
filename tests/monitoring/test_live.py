"""Sockets on a real server: alerts within a second, nothing missed, nothing leaked."""

import asyncio
import time
from datetime import UTC, datetime
from urllib.parse import quote
from uuid import uuid4

import pytest
import websockets
from channels.db import database_sync_to_async
from django.conf import settings
from django.test import Client
from django_tenants.utils import tenant_context

from monitoring.models import Severity
from monitoring.services.alerts import raise_alert
from tenants.models import Membership
from tests.monitoring.live_server import connect, next_message, ready, running_server

AT = datetime(2026, 3, 2, 9, 30, tzinfo=UTC)
TRUST = "trust.localhost"


def _raise(tenant, contract):
    params = {"contract": contract, "days": 1, "arrears_minor": 412_350, "currency": "CNY"}
    with tenant_context(tenant):
        return raise_alert(
            code="payment_missed", severity=Severity.WARNING, subject_kind="asset",
            subject_id=uuid4(), params=params, at=AT,
        )  # fmt: skip


def _session(user, host):
    client = Client(SERVER_NAME=host)
    client.force_login(user)
    return client.cookies[settings.SESSION_COOKIE_NAME].value


@pytest.fixture
def server(committed_cast, django_db_blocker):
    with django_db_blocker.unblock(), running_server() as port:
        yield port


raise_async = database_sync_to_async(_raise)
session_async = database_sync_to_async(_session)


async def test_an_alert_is_pushed_to_an_open_page(server, committed_cast):
    session = await session_async(committed_cast.analyst, TRUST)
    async with connect(server, TRUST, session, "?lang=zh-hans") as page:
        await ready(page)
        started = time.perf_counter()
        alert = await raise_async(committed_cast.trust, "AD-7")
        message = await next_message(page)
        elapsed = time.perf_counter() - started
    assert message["id"] == alert.pk
    assert "AD-7" in message["body"]
    assert elapsed < 5  # pushed: no page asks by itself; how fast is told in benchmarks


async def test_a_page_resumes_where_it_stopped(server, committed_cast):
    session = await session_async(committed_cast.analyst, TRUST)
    seen = await raise_async(committed_cast.trust, "seen")
    missed = [await raise_async(committed_cast.trust, f"missed-{n}") for n in range(3)]
    async with connect(server, TRUST, session, f"?after={seen.pk}") as page:
        caught_up = [(await next_message(page))["id"] for _ in missed]
        assert caught_up == [alert.pk for alert in missed]
        assert (await ready(page))["cursor"] == missed[-1].pk
        live = await raise_async(committed_cast.trust, "live")
        assert (await next_message(page))["id"] == live.pk


async def test_under_fire_every_page_gets_every_alert_once_and_in_order(server, committed_cast):
    """Pages open while alerts are being raised: catching up and live delivery overlap."""
    session = await session_async(committed_cast.analyst, TRUST)
    count = 40

    async def page(delay):
        await asyncio.sleep(delay)
        async with connect(server, TRUST, session, "?after=0") as client:
            return [(await next_message(client, timeout=60))["id"] for _ in range(count)]

    pages = [asyncio.create_task(page(delay)) for delay in (0, 0.05, 0.1, 0.2, 0.4)]
    raised = [(await raise_async(committed_cast.trust, f"n{n}")).pk for n in range(count)]
    assert await asyncio.gather(*pages) == [raised] * len(pages)


async def test_two_tenants_with_sockets_open_at_once_see_their_own_only(server, committed_cast):
    trust = await session_async(committed_cast.analyst, TRUST)
    auditor = await session_async(committed_cast.auditor, "auditor.localhost")
    async with (
        connect(server, TRUST, trust) as trust_page,
        connect(server, "auditor.localhost", auditor) as auditor_page,
    ):
        await ready(trust_page)
        await ready(auditor_page)
        for n in range(5):
            await raise_async(committed_cast.trust, f"trust-{n}")
            await raise_async(committed_cast.tenants.auditor, f"auditor-{n}")
        trust_seen = [(await next_message(trust_page))["body"] for _ in range(5)]
        auditor_seen = [(await next_message(auditor_page))["body"] for _ in range(5)]
    assert all("trust-" in body for body in trust_seen)
    assert all("auditor-" in body for body in auditor_seen)


async def _refused(port, host, session):
    with pytest.raises((websockets.InvalidStatus, websockets.ConnectionClosed)) as caught:
        async with connect(port, host, session) as page:
            await page.recv()
    return caught.value


async def test_strangers_and_people_without_the_right_are_refused(server, committed_cast):
    stranger = await _refused(server, TRUST, "no-such-session")
    assert stranger.response.status_code == 403
    for person in (committed_cast.manager, committed_cast.rival_officer, committed_cast.investor):
        session = await session_async(person, TRUST)
        assert (await _refused(server, TRUST, session)).response.status_code == 403


async def test_a_right_withdrawn_closes_the_open_page_at_the_next_message(server, committed_cast):
    session = await session_async(committed_cast.analyst, TRUST)
    async with connect(server, TRUST, session) as page:
        await ready(page)
        memberships = Membership.objects.filter(user=committed_cast.analyst)
        await database_sync_to_async(memberships.update)(is_active=False)
        await raise_async(committed_cast.trust, "secret")
        with pytest.raises(websockets.ConnectionClosed) as caught:
            await page.recv()
    assert caught.value.rcvd.code == 4403


async def test_nonsense_gets_a_word_and_the_socket_lives(server, committed_cast):
    session = await session_async(committed_cast.analyst, TRUST)
    deep = "[" * 30_000 + "]" * 30_000
    asked = '{"a":' * 8_000 + "1" + "}" * 8_000
    nonsense = (
        "not json",
        "[]",
        '{"type": "shutdown"}',
        "",
        b"\x00\xff",
        deep,
        asked,
        "1" * 60_000,
    )
    async with connect(server, TRUST, session, "?lang=zh-hans") as page:
        for text in nonsense:
            await page.send(text)
            error = await next_message(page, "error")
            assert (error["field"], error["code"]) == ("type", "not_understood")
            assert "ping" in error["mend"] and error["detail"].startswith("这里")
        await ready(page)


async def test_an_after_that_is_none_gets_a_word_and_what_happens_from_now_on(
    server, committed_cast
):
    session = await session_async(committed_cast.analyst, TRUST)
    await raise_async(committed_cast.trust, "old")
    for after in ("9" * 5000, "-1", "abc", "1.5", "%00", "٣", "1" * 19):
        async with connect(server, TRUST, session, f"?after={quote(after, safe='%')}") as page:
            assert (await next_message(page, "error"))["field"] == "after", after[:20]
            await ready(page)
            new = await raise_async(committed_cast.trust, "new")
            assert (await next_message(page))["id"] == new.pk, after[:20]


ELSEWHERE = [
    "http://anda.localhost:{port}", "http://localhost:{port}", "http://trust.localhost:1",
    "https://trust.localhost", "null", "http://[", "file://trust.localhost:{port}", None,
]  # fmt: skip


async def test_a_page_of_another_host_opens_no_socket(server, committed_cast):
    """The cookie is right; the page that opens the socket is somebody else's."""
    session = await session_async(committed_cast.analyst, TRUST)
    statuses = {}
    for origin in ELSEWHERE:
        named = origin and origin.format(port=server)
        with pytest.raises(websockets.InvalidStatus) as caught:
            async with connect(server, TRUST, session, origin=named):
                pass
        statuses[origin] = caught.value.response.status_code
    assert statuses == dict.fromkeys(ELSEWHERE, 403)


async def test_there_is_no_socket_elsewhere(server, committed_cast):
    session = await session_async(committed_cast.analyst, TRUST)
    with pytest.raises(websockets.InvalidStatus) as caught:
        async with connect(server, TRUST, session, path="/ws/elsewhere/"):
            pass
    assert caught.value.response.status_code == 403
