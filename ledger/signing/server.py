"""The signer as a process: a Unix socket, one question and one answer a connection.

Whoever says nothing, or drips, is dropped after `SECONDS`, and earlier where too many wait; nobody
waits for them. What is signed is decided in `answering.py`; the file system's lock on each log
serialises its signatures.
"""

from __future__ import annotations

import asyncio
import fcntl
import grp
import os
import signal
import socket
import stat
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager, suppress
from pathlib import Path

from ledger.core.errors import MalformedError
from ledger.durable import make_folder
from ledger.signing import wire
from ledger.signing.answering import answer

SECONDS = 3.0
MAX_WAITING = 200
THREADS = 8
#: Bytes that a socket's path may have (sun_path of 108, or 104, with its zero byte).
MAX_PATH = 103


class CannotListen(Exception):
    """The socket cannot be made; says why."""


@contextmanager
def listening(path: Path, group: str = "") -> Iterator[socket.socket]:
    """The socket at `path`, for its owner alone (0600), or for `group` too (0660).

    A socket that a killed signer left is taken over; one that a living signer holds is not.
    """
    if len(os.fsencode(path)) > MAX_PATH:
        raise CannotListen(f"The path of the socket is longer than {MAX_PATH} bytes: {path}")
    make_folder(path.parent)
    with path.with_name(f"{path.name}.lock").open("w") as lock:
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise CannotListen(f"Another signer listens at {path}.") from None
        _remove_left(path)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as listener:
            before = os.umask(0o177)
            try:
                listener.bind(os.fspath(path))
            finally:
                os.umask(before)
            try:
                if group:
                    _open_to(path, group)
                listener.listen(MAX_WAITING)
                yield listener
            finally:
                path.unlink(missing_ok=True)


def _remove_left(path: Path) -> None:
    with suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.lstat().st_mode):
            raise CannotListen(f"{path} is there and is no socket.")
        path.unlink()


def _open_to(path: Path, group: str) -> None:
    try:
        os.chown(path, -1, grp.getgrnam(group).gr_gid)
    except KeyError:
        raise CannotListen(f"There is no group {group!r} here.") from None
    except PermissionError:
        raise CannotListen(f"The signer's user does not belong to the group {group!r}.") from None
    path.chmod(0o660)


class Server:
    """Answers at a listening socket until `stop` or SIGTERM or SIGINT."""

    def __init__(self, listener: socket.socket, folder: Path) -> None:
        self._listener, self._folder = listener, folder
        self._stopping = asyncio.Event()
        self._reading: dict[asyncio.Task[None], None] = {}
        self._busy: set[asyncio.Task[None]] = set()

    async def run(self, ready: Callable[[], None]) -> None:
        """Serve, `ready` once it can be stopped; what is being answered is answered to its end."""
        loop = asyncio.get_running_loop()
        for signum in (signal.SIGTERM, signal.SIGINT):
            loop.add_signal_handler(signum, self._stopping.set)
        self._pool = ThreadPoolExecutor(THREADS, "signer")
        server = await asyncio.start_unix_server(self._serve, sock=self._listener)
        ready()
        await self._stopping.wait()
        server.close()
        for task in list(self._reading):
            task.cancel()
        if self._busy:
            await asyncio.wait(self._busy, timeout=SECONDS)
        self._pool.shutdown(wait=True)

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        task = asyncio.current_task()
        assert task is not None
        self._reading[task] = None
        if len(self._reading) > MAX_WAITING:
            next(iter(self._reading)).cancel()
        try:
            body = await asyncio.wait_for(_question(reader), SECONDS)
            del self._reading[task]
            self._busy.add(task)
            await self._answer(writer, body)
        except (OSError, EOFError, TimeoutError, MalformedError, asyncio.CancelledError):
            pass  # nobody to answer, or nothing that was a question
        finally:
            self._reading.pop(task, None)
            self._busy.discard(task)
            writer.transport.abort()

    async def _answer(self, writer: asyncio.StreamWriter, body: bytes) -> None:
        loop = asyncio.get_running_loop()
        writer.write(await loop.run_in_executor(self._pool, answer, body, self._folder))
        writer.close()
        await asyncio.wait_for(writer.wait_closed(), SECONDS)


async def _question(reader: asyncio.StreamReader) -> bytes:
    return await reader.readexactly(wire.length_of(await reader.readexactly(wire.LENGTH_SIZE)))
