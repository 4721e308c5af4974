"""The steps of an operation, without hooks in the product: every statement that the database
answered and every change of a file, counted; at a chosen one the process dies.

A step is counted after it was done, so dying at step N leaves the first N done and nothing else.
`lose_power` also takes back what a power cut could: content and names of files that no fsync made
durable. (The tests' own PostgreSQL keeps what it committed.)
"""

from __future__ import annotations

import builtins
import io
import os
import shutil
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any, NoReturn

import psycopg

_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT | os.O_TRUNC


class Steps:
    """Counts the steps of this process, and ends it with SIGKILL at step `until`."""

    def __init__(self, folder: Path, *, until: int, lose_power: bool) -> None:
        self.names: list[str] = []
        self._folder, self._until, self._lose_power = str(folder), until, lose_power
        self._dirty: set[str] = set()  # files whose content was not synced
        self._is_dying = False
        self._names: list[tuple[str, Callable[[], None]]] = []  # unsynced name, how to undo it

    def install(self) -> None:
        """For good: meant for a forked child."""
        self._watch_statements()
        for module in (io, builtins):
            self._watch_open(module)
        self._watch_os_open()
        self._watch_names()
        self._watch_fsync()

    def _step(self, name: str) -> None:
        self.names.append(name)
        if len(self.names) == self._until:
            self._die()

    def _die(self) -> NoReturn:
        self._is_dying = True
        if self._lose_power:
            for _, undo in reversed(self._names):
                undo()
            for path in self._dirty:
                if os.path.exists(path):
                    os.truncate(path, 0)
        os.kill(os.getpid(), signal.SIGKILL)
        raise AssertionError("unreachable")

    # -- the database -------------------------------------------------------------------------

    def _watch_statements(self) -> None:
        wait = psycopg.Connection.wait

        def watched(connection, generator, *rest, **more):
            name = _statement(generator)
            answer = wait(connection, generator, *rest, **more)
            if not name.startswith("set_autocommit"):  # asks the server nothing
                self._step(name)
            return answer

        psycopg.Connection.wait = watched  # type: ignore[method-assign]

    # -- files --------------------------------------------------------------------------------

    def _ours(self, path: object) -> str | None:
        if isinstance(path, int) or self._is_dying:
            return None
        text = os.path.abspath(os.fsdecode(path))  # type: ignore[arg-type]
        return text if text.startswith(self._folder) else None

    def _opened(self, path: str, existed: bool) -> None:
        self._dirty.add(path)
        if not existed:
            self._named(path, lambda: _remove(path))
        self._step(f"open {os.path.basename(path)}")

    def _named(self, path: str, undo: Callable[[], None]) -> None:
        self._names.append((path, undo))

    def _watch_open(self, module: Any) -> None:
        opener = module.open

        def watched(file, mode="r", *rest, **more):
            path = self._ours(file) if set(mode) & set("wax+") else None
            existed = path is not None and os.path.exists(path)
            answer = opener(file, mode, *rest, **more)
            if path is not None:
                self._opened(path, existed)
            return answer

        module.open = watched

    def _watch_os_open(self) -> None:
        opener = os.open

        def watched(path, flags, *rest, **more):
            ours = self._ours(path) if flags & _WRITING else None
            existed = ours is not None and os.path.exists(ours)
            answer = opener(path, flags, *rest, **more)
            if ours is not None:
                self._opened(ours, existed)
            return answer

        os.open = watched

    def _watch_names(self) -> None:
        for verb in ("rename", "replace", "link"):
            self._watch_move(verb)
        for verb in ("unlink", "remove"):
            self._watch_change(verb, lambda path: None)
        self._watch_change(
            "mkdir", lambda path: self._named(path, lambda: shutil.rmtree(path, True))
        )

    def _watch_move(self, verb: str) -> None:
        move = getattr(os, verb)

        def watched(source, target, *rest, **more):
            old, new = self._ours(source), self._ours(target)
            before = Path(target).read_bytes() if new and os.path.exists(target) else None
            move(source, target, *rest, **more)
            if old is None or new is None:
                return
            if old in self._dirty:
                self._dirty.add(new)
            if verb != "link":
                self._dirty.discard(old)
            self._named(new, lambda: _restore(new, before))
            self._step(f"{verb} {os.path.basename(new)}")

        setattr(os, verb, watched)

    def _watch_change(self, verb: str, note: Callable[[str], None]) -> None:
        change = getattr(os, verb)

        def watched(path, *rest, **more):
            ours = self._ours(path)
            change(path, *rest, **more)
            if ours is not None:
                note(ours)
                self._step(f"{verb} {os.path.basename(ours)}")

        setattr(os, verb, watched)

    def _watch_fsync(self) -> None:
        fsync = os.fsync

        def watched(handle):
            fsync(handle)
            number = handle if isinstance(handle, int) else handle.fileno()
            path = os.readlink(f"/proc/self/fd/{number}")
            self._dirty.discard(path)
            if os.path.isdir(path):
                self._names = [item for item in self._names if os.path.dirname(item[0]) != path]
            self._step(f"fsync {os.path.basename(path)}")

        os.fsync = watched


def _statement(generator: Any) -> str:
    """What a psycopg generator is about to do, for a reader."""
    query = generator.gi_frame.f_locals.get("query", "") if generator.gi_frame else ""
    text = query.decode() if isinstance(query, bytes) else str(query)
    return " ".join(f"{generator.__name__.strip('_')} {text}".split())[:90]


def _remove(path: str) -> None:
    Path(path).unlink(missing_ok=True)


def _restore(path: str, content: bytes | None) -> None:
    _remove(path)
    if content is not None:
        Path(path).write_bytes(content)
