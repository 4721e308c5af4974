"""Requests that never come to their end: who drips or never stops is cut off, who is slow is not.

As Apache's mod_reqtimeout does it: the head has a fixed time; the body some seconds at first, and
more for what has come, as long as it comes at a rate that a bad mobile line still has. Behind it
views wait for whole bodies, and each such wait holds a connection. A body is put on the disk before
any view sees it, so that it is counted here: who shows no credential has nothing long to say.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

import h11
from django.conf import settings
from django.utils.translation import gettext, override
from uvicorn.protocols.http.h11_impl import H11Protocol

from tenants.problems import Problem

HEAD_SECONDS = 20.0
BODY_SECONDS = 20.0
BYTES_PER_SECOND = 500
LONGEST_SECONDS = 600.0
ANONYMOUS_BYTES = 1 << 20
MOST_BYTES = 300 << 20  # a tape may have 256 MiB


class RequestTooSlow(Problem):
    code = "request_too_slow"
    title = "The request did not arrive in time."
    detail = "Nothing of it was taken."
    mend = "Send it again where the network is better."
    status = 408


class BodyTooLarge(Problem):
    code = "body_too_large"
    title = "The request is too large."
    detail = "It has more than %(limit)s bytes. Nothing of it was taken."
    mend = "Sign in first, or send it in parts."
    status = 413


class BoundedBodies:
    """ASGI middleware: a body that drips is answered 408, an endless one 413, and cut off."""

    def __init__(self, app: Any) -> None:
        self._app = app

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        """The application, which hears of a disconnection where the time is up."""
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        begun, got, is_open, limit = time.monotonic(), 0, True, _limit(scope)

        async def timely() -> Any:
            nonlocal got, is_open
            if not is_open:
                return await receive()
            allowed = min(BODY_SECONDS + got / BYTES_PER_SECOND, LONGEST_SECONDS)
            try:
                async with asyncio.timeout_at(_at(begun + allowed)):
                    message = await receive()
            except TimeoutError:
                is_open = False
                await _refuse(RequestTooSlow(), scope, send)
                return {"type": "http.disconnect"}
            got += len(message.get("body", b""))
            if got > limit:
                is_open = False
                await _refuse(BodyTooLarge(params={"limit": limit}), scope, send)
                return {"type": "http.disconnect"}
            is_open = message.get("more_body", False)
            return message

        await self._app(scope, timely, send)


def _limit(scope: Any) -> int:
    """Bytes that this request may bring; whether its credential is a good one is seen later."""
    headers = dict(scope["headers"])
    cookie = f"{settings.SESSION_COOKIE_NAME}=".encode()
    is_known = b"authorization" in headers or cookie in headers.get(b"cookie", b"")
    return MOST_BYTES if is_known else ANONYMOUS_BYTES


def _at(monotonic: float) -> float:
    """A time of `time.monotonic` on the running loop's clock."""
    return asyncio.get_running_loop().time() + monotonic - time.monotonic()


async def _refuse(problem: Problem, scope: Any, send: Any) -> None:
    wanted = dict(scope["headers"]).get(b"accept-language", b"")
    with override("zh-hans" if wanted.lower().startswith(b"zh") else "en"):
        body = json.dumps(problem.to_problem_details(translate=gettext)).encode()
    headers = [
        (b"content-type", b"application/problem+json"),
        (b"content-length", b"%d" % len(body)),
        (b"connection", b"close"),
    ]
    start = {"type": "http.response.start", "status": problem.status, "headers": headers}
    await send(start)
    await send({"type": "http.response.body", "body": body})


class TimelyHeads(H11Protocol):
    """uvicorn's protocol, which waits for a request's first line and headers only so long."""

    _late: asyncio.TimerHandle | None = None

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]  # as uvicorn's
        super().connection_made(transport)
        self._expect()

    def data_received(self, data: bytes) -> None:
        """Begin to count with the first byte of a head, and stop with its last."""
        super().data_received(data)
        if self.conn.their_state is h11.IDLE:
            self._expect()
        else:
            self._arrived()

    def connection_lost(self, exc: Exception | None) -> None:
        self._arrived()
        super().connection_lost(exc)

    def _expect(self) -> None:
        if self._late is None:
            self._late = self.loop.call_later(HEAD_SECONDS, self.transport.abort)

    def _arrived(self) -> None:
        if self._late is not None:
            self._late.cancel()
            self._late = None
