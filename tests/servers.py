"""Processes that tests start beside themselves: the product itself, and a Redis."""

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path

import redis

from config.environment import BASE_DIR

SECONDS = 90.0


def free_port() -> int:
    """A port that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


def wait_until(holds: Callable[[], bool], what: str, seconds: float = SECONDS) -> None:
    """Return when `holds()`; fail with `what` when it takes too long."""
    deadline = time.monotonic() + seconds
    while not holds():
        assert time.monotonic() < deadline, what
        time.sleep(0.05)


def answers(port: int, path: str = "/readyz", host: str = "127.0.0.1") -> bool:
    """Whether a server answers 200 on a port."""
    request = urllib.request.Request(f"http://127.0.0.1:{port}{path}", headers={"Host": host})
    try:
        with urllib.request.urlopen(request, timeout=10) as answer:
            return bool(answer.status == 200)
    except (urllib.error.URLError, OSError):
        return False


def start(*arguments: str, environment: Mapping[str, str]) -> subprocess.Popen[bytes]:
    """Start a Python process of the project, in a session of its own."""
    return subprocess.Popen(
        [sys.executable, *arguments],
        cwd=BASE_DIR,
        env=dict(environment),
        stdin=subprocess.DEVNULL,
        start_new_session=True,
    )


def of_this_test() -> dict[str, str]:
    """The environment for a process that works on this test's database and keys."""
    return {k: v for k, v in os.environ.items() if k != "PROCRASTINATE_TESTING"}


def of_a_fresh_machine(var: Path, **more: str) -> dict[str, str]:
    """The environment of somebody who just typed one of the two commands, with his own `var`."""
    ours = ("LL_", "DATABASE_", "REDIS_", "PROCRASTINATE_", "DJANGO_", "PYTEST_")
    plain = {k: v for k, v in os.environ.items() if not k.startswith(ours)}
    return {**plain, "LL_VAR": str(var), "LL_LOG_LEVEL": "WARNING", **more}


def stop(process: subprocess.Popen[bytes], by: signal.Signals = signal.SIGTERM) -> int:
    """Ask a process to end and wait for it; its exit code."""
    if process.poll() is None:
        process.send_signal(by)
    return process.wait(30)


@contextlib.contextmanager
def serving() -> Iterator[int]:
    """The product in a process of its own, on this test's database; yields the port."""
    port = free_port()
    process = start("manage.py", "serve", "--port", str(port), environment=of_this_test())
    try:
        wait_until(lambda: process.poll() is not None or answers(port), "the server never answered")
        assert process.poll() is None, "the server ended"
        yield port
    finally:
        stop(process)


@contextlib.contextmanager
def running_redis() -> Iterator[str]:
    """A Redis of the test's own, or the one that REDIS_URL names; yields its URL."""
    if named := os.environ.get("REDIS_URL"):
        yield named
        return
    binary = shutil.which("redis-server")
    assert binary, "Install redis-server, or run pytest with -m 'not redis'."
    port = free_port()
    command = [
        binary,
        "--port",
        str(port),
        "--bind",
        "127.0.0.1",
        "--save",
        "",
        "--daemonize",
        "no",
    ]
    process = subprocess.Popen(command, stdout=subprocess.DEVNULL)
    try:
        client = redis.Redis(port=port)
        wait_until(lambda: _pings(client), "Redis never answered", 10)
        yield f"redis://127.0.0.1:{port}/0"
    finally:
        process.terminate()
        process.wait(10)


def _pings(client: "redis.Redis") -> bool:
    try:
        return bool(client.ping())
    except redis.ConnectionError:
        return False
