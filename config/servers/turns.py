"""Who uses the database of a folder, and who serves from it: locks that end with their holders.

A file lock is the kernel's: it is gone with the last process that holds it, also after a kill -9.
Children that go on working for us inherit ours (`fileno`, `pass_fds`).
"""

from __future__ import annotations

import contextlib
import fcntl
import os
import time
from pathlib import Path

_LET_GO_SECONDS = 20.0


class Share:
    """One of several that use a thing; whoever gives the last share back may put it away."""

    def __init__(self, path: Path) -> None:
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        self._file = path.open("a")
        fcntl.flock(self._file, fcntl.LOCK_SH)  # waits while somebody puts the thing away

    def fileno(self) -> int:
        """For `pass_fds`: a child that goes on after us still holds our share."""
        return self._file.fileno()

    def is_last(self) -> bool:
        """Whether nobody else holds a share; then nobody gets one until ours is closed."""
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def close(self) -> None:
        """Give the share back."""
        self._file.close()


class Turn:
    """The one that serves from a folder; a second is refused with a line that names the first."""

    def __init__(self, path: Path, *, where: str) -> None:
        self._file = path.open("a+")
        deadline = time.monotonic() + _LET_GO_SECONDS
        while not self._taken():
            pid, holder = self._holder()
            # the server of a killed launcher ends by itself, and keeps the turn until it has
            if _is_alive(pid) or time.monotonic() > deadline:
                raise SystemExit(
                    f"LeaseLedger already runs from this folder: {holder}, process {pid}."
                    f" Use that one, or stop it (Ctrl-C there, or `kill {pid}`) and start again."
                )
            time.sleep(0.1)
        self._file.truncate(0)
        self._file.write(f"{os.getpid()} {where}")
        self._file.flush()

    def fileno(self) -> int:
        """For `pass_fds`."""
        return self._file.fileno()

    def _taken(self) -> bool:
        try:
            fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            return False
        return True

    def _holder(self) -> tuple[int, str]:
        self._file.seek(0)
        pid, _, where = self._file.read().partition(" ")
        return int(pid) if pid.isdecimal() else 0, where


def held_by(path: Path) -> str:
    """Where the one serves that has its turn now; empty where nobody does."""
    if not path.exists():
        return ""
    with path.open() as file:
        try:
            fcntl.flock(file, fcntl.LOCK_SH | fcntl.LOCK_NB)
        except BlockingIOError:
            return file.read().partition(" ")[2]
    return ""


def _is_alive(pid: int) -> bool:
    if pid <= 0:
        return False
    with contextlib.suppress(PermissionError):  # somebody else's: alive
        try:
            os.kill(pid, 0)
        except ProcessLookupError:
            return False
    return True
