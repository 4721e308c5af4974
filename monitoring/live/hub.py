"""One subscription a process and tenant; what arrives is fanned out to its open sockets."""

import asyncio
import contextlib
import json
from collections.abc import Iterable
from typing import Any, Protocol
from weakref import WeakKeyDictionary

import structlog
from channels.db import database_sync_to_async
from channels.layers import get_channel_layer

from monitoring.live.nudges import FIGURES, group_of
from monitoring.selectors.alerts import alerts_after, alerts_as_messages, newest_alert_id
from monitoring.selectors.dashboard import live_figures
from tenants.access import holders_among
from tenants.permissions import Permission
from tenants.websockets import in_tenant

log = structlog.get_logger("live")
SLOW_SOCKET_SECONDS = 5.0


class Socket(Protocol):
    """What a room needs of a consumer."""

    scope: dict[str, Any]
    language: str

    async def push_alerts(self, messages: list[dict[str, Any]]) -> None: ...

    async def push_text(self, text: str) -> None: ...

    async def refuse(self) -> None: ...


class Room:
    """All sockets of one tenant in this process."""

    def __init__(self, tenant: Any) -> None:
        self.tenant = tenant
        self.sockets: set[Socket] = set()
        self._cursor = 0
        self._ready = asyncio.Event()
        self._task = asyncio.create_task(self._listen())

    async def wait_until_listening(self) -> None:
        """After this no nudge is missed. Raises what kept the room from listening."""
        waiting = asyncio.create_task(self._ready.wait())
        await asyncio.wait({waiting, self._task}, return_when=asyncio.FIRST_COMPLETED)
        if not self._ready.is_set():
            waiting.cancel()
            self._task.result()

    async def close(self) -> None:
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task

    async def _listen(self) -> None:
        layer = get_channel_layer()
        group = group_of(self.tenant.schema_name)
        channel = await layer.new_channel()
        await layer.group_add(group, channel)
        try:
            self._cursor = await in_tenant(self.tenant, newest_alert_id)
            self._ready.set()
            while True:
                message = await layer.receive(channel)
                try:
                    await self._pass_on(message["kind"])
                except Exception as error:  # one bad delivery must not end everybody's feed
                    log.error("live_delivery_failed", exc_info=error)
        finally:
            await layer.group_discard(group, channel)

    async def _pass_on(self, kind: str) -> None:
        """Read what is new once, and give it to everybody who may still see it."""
        sockets = await self._allowed()
        if kind == FIGURES:
            await self._push_figures(sockets)
            return
        while alerts := await in_tenant(self.tenant, alerts_after, self._cursor):
            self._cursor = alerts[-1].pk
            by_language = {
                language: alerts_as_messages(alerts, language)
                for language in {socket.language for socket in sockets}
            }
            await _all(socket.push_alerts(by_language[socket.language]) for socket in sockets)

    async def _push_figures(self, sockets: list[Socket]) -> None:
        figures = await in_tenant(self.tenant, live_figures)
        text = json.dumps({"type": "figures", "figures": figures}, ensure_ascii=False)
        await _all(socket.push_text(text) for socket in sockets)

    async def _allowed(self) -> list[Socket]:
        """Sockets whose person may still watch; the others are closed. One query for all."""
        sockets = list(self.sockets)
        people = {socket.scope["user"].pk for socket in sockets}
        holders = await database_sync_to_async(holders_among)(
            people, self.tenant, Permission.VIEW_MONITORING
        )
        allowed = []
        for socket in sockets:
            if socket.scope["user"].pk in holders:
                allowed.append(socket)
            else:
                await socket.refuse()
        return allowed


async def _all(sends: Iterable[Any]) -> None:
    """Send to everybody at once; who is too slow or gone is left behind and catches up later."""
    tasks = [asyncio.ensure_future(send) for send in sends]
    if tasks:
        _done, late = await asyncio.wait(tasks, timeout=SLOW_SOCKET_SECONDS)
        for task in late:
            task.cancel()
        for task in _done:
            if error := task.exception():
                log.info("live_socket_gone", error=repr(error))


class Hub:
    """The rooms of one event loop."""

    def __init__(self) -> None:
        self._rooms: dict[str, Room] = {}

    async def join(self, socket: Socket) -> None:
        """Add a socket to its tenant's room, opening the room for the first one."""
        tenant = socket.scope["tenant"]
        room = self._rooms.get(tenant.schema_name)
        if room is None:
            room = self._rooms[tenant.schema_name] = Room(tenant)
        room.sockets.add(socket)
        try:
            await room.wait_until_listening()
        except BaseException:
            await self.leave(socket)
            raise

    async def leave(self, socket: Socket) -> None:
        """Remove a socket; the last one closes the room and its subscription."""
        schema = socket.scope["tenant"].schema_name
        room = self._rooms.get(schema)
        if room is None:
            return
        room.sockets.discard(socket)
        if not room.sockets:
            del self._rooms[schema]
            await room.close()


_hubs: "WeakKeyDictionary[asyncio.AbstractEventLoop, Hub]" = WeakKeyDictionary()


def hub() -> Hub:
    """The hub of the running event loop."""
    return _hubs.setdefault(asyncio.get_running_loop(), Hub())


def running_hubs() -> list[asyncio.AbstractEventLoop]:
    """Event loops of this process that have a hub and still run."""
    return [loop for loop in list(_hubs) if loop.is_running()]
