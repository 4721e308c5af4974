"""One process that serves everything: HTTP, sockets and the background worker."""

import asyncio
import contextlib
import signal
import threading
from collections.abc import Awaitable, Callable, Sequence

import structlog
import uvicorn
from django.urls import get_resolver
from procrastinate.contrib.django import app as jobs

from ledger import drainer
from tenants.arrival import TimelyHeads
from tenants.middleware import URLCONF_OF_KIND

log = structlog.get_logger("serving")
Companion = Callable[[asyncio.Event], Awaitable[None]]
JOB_THREADS = 2


async def _work(stopping: asyncio.Event) -> None:
    """The Procrastinate worker, stopped with the server; jobs under way are finished."""
    worker = jobs.with_connector(jobs.connector.get_worker_connector())
    async with worker.open_async():
        running = asyncio.create_task(
            worker.run_worker_async(
                concurrency=JOB_THREADS,
                install_signal_handlers=False,
                listen_notify=True,
                delete_jobs="successful",  # one comes every few seconds
            )
        )
        stopped = asyncio.create_task(stopping.wait())
        await asyncio.wait({running, stopped}, return_when=asyncio.FIRST_COMPLETED)
        running.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await running


async def _drain(stopping: asyncio.Event) -> None:
    """Integrates what waits in the queues of hot tenants; a thread, because it waits for locks."""
    flag = threading.Event()
    running = asyncio.create_task(asyncio.to_thread(drainer.run, flag))
    await stopping.wait()
    flag.set()
    await running


async def _warm(stopping: asyncio.Event) -> None:
    """Load the pages of every kind of institution, so that nobody's first page waits for it."""
    for urlconf in set(URLCONF_OF_KIND.values()):
        if not stopping.is_set():
            await asyncio.to_thread(_load_pages, urlconf)


def _load_pages(urlconf: str) -> None:
    get_resolver(urlconf).reverse("home")  # asking for one page loads them all


async def _serve(host: str, port: int, companions: Sequence[Companion]) -> None:
    config = uvicorn.Config(
        "config.asgi:application",
        host=host,
        port=port,
        http=TimelyHeads,
        lifespan="off",
        log_config=None,
        access_log=False,
        ws_max_size=64 * 1024,  # pages send pings
        timeout_graceful_shutdown=3,
    )
    server = uvicorn.Server(config)
    stopping = asyncio.Event()
    loop = asyncio.get_running_loop()
    tasks = [
        asyncio.create_task(companion(stopping))
        for companion in (_work, _drain, _warm, *companions)
    ]
    for task in tasks:
        task.add_done_callback(_report)
    with server.capture_signals():  # raises the signal again when left: finish inside
        loop.add_signal_handler(signal.SIGTERM, server.handle_exit, signal.SIGTERM, None)
        await server._serve()
        stopping.set()
        with contextlib.suppress(asyncio.TimeoutError):
            await asyncio.wait_for(asyncio.gather(*tasks, return_exceptions=True), timeout=10)


def _report(task: "asyncio.Task[None]") -> None:
    if not task.cancelled() and (error := task.exception()):
        log.error("companion_failed", exc_info=error)


def serve(*, host: str = "127.0.0.1", port: int, companions: Sequence[Companion] = ()) -> None:
    """Serve until SIGINT or SIGTERM; `companions` run beside, each given an event to stop on."""
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(host, port, companions))
