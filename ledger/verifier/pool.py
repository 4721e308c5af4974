"""Verifies a bundle on several processes: each reads and examines its own blocks of the file.

The parent reads frames only, hands the blocks out in turn and adds the answers up in order, so
that the lie it tells is the first one. A block that tells of keys or tapes is read by every
process before what comes later. What goes to a process are places in the file, for two blocks at
most, and it holds one block at a time: memory is bounded by processes × blocks, whatever the file.

Nothing waits in a circle: a thread of each process takes whatever the parent sends at once, so
that the parent never waits for long to send, and comes to take the answer that a process may be
waiting to send. Where the parent is gone, that thread ends the process.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import threading
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess
from queue import SimpleQueue

from ledger.core.blocks import HEAD, PAYLOAD, Block
from ledger.core.errors import MalformedError
from ledger.core.gathering import available_cores
from ledger.core.notes import NoteKey
from ledger.verifier.check import Reading, Span, verify_bundle
from ledger.verifier.examine import Examiner
from ledger.verifier.report import Report, Tally
from ledger.verifier.state import Landmark, Lie, LogState, Opened

#: Below so many bytes starting processes costs more than it brings.
SMALL = 1 << 20
WAITING = 2


@dataclass(frozen=True, slots=True)
class Options:
    """How signatures are checked (see `verify_bundle`)."""

    portable: bool = True
    tree_only: bool = False


@dataclass(frozen=True, slots=True)
class _Place:
    """A block in the file: its first entry, where its body begins, and its size in bytes."""

    start: int
    offset: int
    size: int


_Task = tuple[_Place, list[_Place]]
"""A block to examine, and those before it that tell of keys or tapes and went to others."""


def _work(
    pipe: Connection,
    others: Sequence[Connection],
    path: str,
    opened: Opened,
    options: Options,
) -> None:
    """What a process does: examines the blocks that come through the pipe, while its parent lives.

    `others`: the parent's ends of pipes, where this process has them too: as long as one is open,
    no end of the parent is seen.
    """
    for end in others:
        end.close()
    tasks: SimpleQueue[_Task] = SimpleQueue()
    threading.Thread(target=_receive, args=(pipe, tasks), daemon=True).start()
    state = LogState(opened, portable=options.portable)
    examiner = Examiner(state, tree_only=options.tree_only)
    with open(path, "rb", buffering=0) as file:

        def body(place: _Place) -> bytes:
            return os.pread(file.fileno(), place.size, place.offset)

        while True:
            place, before = tasks.get()
            for other in before:
                state.catch_up(_landmarks(body(other)))
            pipe.send(examiner.examine(place.start, body(place)))


def _receive(pipe: Connection, tasks: SimpleQueue[_Task]) -> None:
    """Take what comes at once; the parent sends no more than `WAITING` before it takes answers."""
    while True:
        try:
            tasks.put(pipe.recv())
        except (EOFError, OSError):
            os._exit(1)  # the parent is gone, whatever this process is at


def _landmarks(body: bytes) -> Iterator[Landmark]:
    """What a block tells of keys and tapes, as it stands there."""
    try:
        block = Block.parse(body)
    except MalformedError:
        return  # whoever examines it says so
    shown = {part.place: part.data for part in block.parts if part.kind == PAYLOAD}
    for place in block.landmarks:
        yield block.start + place, block.leaves[place], shown.get(place)


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    news: list[_Place] = field(default_factory=list)


class Pool:
    """Worker processes over one file."""

    def __init__(self, path: str, opened: Opened, options: Options, processes: int) -> None:
        context = _context()
        self.workers: list[_Worker] = []
        for _number in range(processes):
            ours, theirs = context.Pipe()
            is_forked = isinstance(context, ForkContext)
            others = [ours, *(worker.pipe for worker in self.workers)] if is_forked else []
            work = (theirs, others, path, opened, options)
            process = context.Process(target=_work, args=work, daemon=True)
            process.start()
            theirs.close()
            self.workers.append(_Worker(process, ours))

    def give(self, worker: _Worker, place: _Place, *, has_landmarks: bool) -> None:
        """Hand a block to a worker; the others learn what it tells of before their next block."""
        try:
            worker.pipe.send((place, worker.news))
        except OSError:
            raise _ended() from None
        worker.news = []
        if has_landmarks:
            for other in self.workers:
                if other is not worker:
                    other.news.append(place)

    def close(self) -> None:
        """End every process."""
        for worker in self.workers:
            worker.pipe.close()
            worker.process.terminate()
            worker.process.join()


def verify_file(
    path: str | os.PathLike[str],
    *,
    pinned: NoteKey | Iterable[NoteKey] | None = None,
    portable: bool = True,
    tree_only: bool = False,
    processes: int | None = None,
) -> Report:
    """As `verify_bundle`, of a file, on `processes` (default: one for each core)."""
    count = processes or available_cores()
    with open(path, "rb") as stream:
        if count == 1 or os.fstat(stream.fileno()).st_size < SMALL:
            return verify_bundle(stream, pinned=pinned, portable=portable, tree_only=tree_only)
        began = time.perf_counter()
        reading = Reading(stream, pinned)
        options = Options(portable, tree_only)
        pool = Pool(os.fspath(path), reading.opened, options, count)
        try:
            report = _Dealer(reading, pool).run()
        finally:
            pool.close()
        report.bytes_read, report.seconds = stream.tell(), time.perf_counter() - began
        report.processes = count
        return report


def _context() -> SpawnContext | ForkContext:
    if "fork" in multiprocessing.get_all_start_methods():
        return multiprocessing.get_context("fork")
    return multiprocessing.get_context("spawn")


class _Dealer:
    """Hands out blocks in turn and takes the answers in order."""

    def __init__(self, reading: Reading, pool: Pool) -> None:
        self._reading, self._pool = reading, pool
        self._tally = Tally(reading.opened)
        self._waiting: deque[_Worker] = deque()

    def run(self) -> Report:
        """Deal until the end; raises the first `Lie`."""
        workers = cycle(self._pool.workers)
        spans = self._reading.blocks()
        while (dealt := self._next(spans)) is not None:
            if len(self._waiting) >= WAITING * len(self._pool.workers):
                self._take()
            worker, (head, place) = next(workers), dealt
            marks = HEAD.unpack(head)[2] if len(head) == HEAD.size else 0
            self._pool.give(worker, place, has_landmarks=marks > 0)
            self._waiting.append(worker)
        self._drain()
        return self._tally.report(self._reading.end)

    def _next(self, spans: Iterator[Span]) -> tuple[bytes, _Place] | None:
        """The next block's head and place; None at the end."""
        try:
            span = next(spans, None)
            if span is None:
                return None
            place = _Place(span.start, self._reading.offset(span), len(span.head) + span.rest)
            self._reading.skip(span)
            return span.head, place
        except Lie:
            self._drain()  # a lie in a block before comes first
            raise

    def _drain(self) -> None:
        while self._waiting:
            self._take()

    def _take(self) -> None:
        try:
            found = self._waiting.popleft().pipe.recv()
        except (EOFError, OSError):
            raise _ended() from None
        self._tally.add(found)


def _ended() -> ChildProcessError:
    return ChildProcessError(errno.ECHILD, "a process of the verifier ended")
