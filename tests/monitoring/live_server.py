"""A real uvicorn in this process, and signed-in websocket clients for it."""

import asyncio
import contextlib
import json
import socket
import threading
import time

import uvicorn
import websockets

from tenants.arrival import TimelyHeads


@contextlib.contextmanager
def running_server():
    """Serves the ASGI application on a free port; yields the port."""
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    config = uvicorn.Config(
        "config.asgi:application", lifespan="off", log_config=None, http=TimelyHeads
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=lambda: asyncio.run(server.serve(sockets=[listener])))
    thread.start()
    while not server.started:
        time.sleep(0.01)
    try:
        yield listener.getsockname()[1]
    finally:
        server.should_exit = True
        thread.join(10)
        listener.close()


_ITS_OWN = "its own"


def connect(port, host, session_key, query="", *, path="/ws/monitoring/", origin=_ITS_OWN):
    """An opening websocket of the person with this session on a tenant's host."""
    return websockets.connect(
        f"ws://{host}:{port}{path}{query}",
        host="127.0.0.1",  # names below localhost need no resolver this way
        additional_headers={"Cookie": f"sessionid={session_key}"},
        origin=f"http://{host}:{port}" if origin == _ITS_OWN else origin,
        open_timeout=10,
        proxy=None,
    )


async def next_message(client, kind="alert", timeout=30):
    """The next message of a kind."""
    async with asyncio.timeout(timeout):
        while True:
            message = json.loads(await client.recv())
            if message["type"] == kind:
                return message


async def ready(client):
    """Wait until the socket is live: it has joined its room before it answers a ping."""
    await client.send('{"type": "ping"}')
    return await next_message(client, "pong")
