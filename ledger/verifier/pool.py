"""Verifies a bundle on several processes: each reads and examines its own blocks of the file.

The parent reads frames only, hands the blocks out in turn and adds the answers up in order, so
that the lie it tells is the first one. A block that tells of keys or tapes is read by the parent
too: every process must know them before it examines what comes later. A process never has more
than two blocks waiting, so that memory is bounded by processes × blocks, whatever the file.
"""

from __future__ import annotations

import errno
import multiprocessing
import os
import time
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import cycle
from multiprocessing.connection import Connection
from multiprocessing.context import ForkContext, SpawnContext
from multiprocessing.process import BaseProcess

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


def _work(pipe: Connection, path: str, opened: Opened, options: Options) -> None:
    """What a process does: examines the spans that come through the pipe, until None comes."""
    state = LogState(opened, portable=options.portable)
    examiner = Examiner(state, tree_only=options.tree_only)
    with open(path, "rb", buffering=0) as file:
        while (task := pipe.recv()) is not None:
            start, offset, size, before = task
            body = os.pread(file.fileno(), size, offset)
            pipe.send(examiner.examine(start, body, before))


@dataclass(slots=True)
class _Worker:
    process: BaseProcess
    pipe: Connection
    news: list[Landmark] = field(default_factory=list)


class Pool:
    """Worker processes over one file."""

    def __init__(self, path: str, opened: Opened, options: Options, processes: int) -> None:
        context = _context()
        self.workers: list[_Worker] = []
        for _number in range(processes):
            ours, theirs = context.Pipe()
            work = (theirs, path, opened, options)
            process = context.Process(target=_work, args=work, daemon=True)
            process.start()
            theirs.close()
            self.workers.append(_Worker(process, ours))

    def give(self, worker: _Worker, span: Span, offset: int, landmarks: Sequence[Landmark]) -> None:
        """Hand a block to a worker; the others learn what it tells of with their next block."""
        size = len(span.head) + span.rest
        worker.pipe.send((span.start, offset, size, worker.news))
        worker.news = []
        for other in self.workers:
            if other is not worker:
                other.news.extend(landmarks)

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
            worker = next(workers)
            self._pool.give(worker, *dealt)
            self._waiting.append(worker)
        self._drain()
        return self._tally.report(self._reading.end)

    def _next(self, spans: Iterator[Span]) -> tuple[Span, int, list[Landmark]] | None:
        try:
            span = next(spans, None)
            return None if span is None else (span, *self._look(span))
        except Lie:
            self._drain()  # a lie in a block before comes first
            raise

    def _look(self, span: Span) -> tuple[int, list[Landmark]]:
        return self._reading.offset(span), self._landmarks(span)

    def _drain(self) -> None:
        while self._waiting:
            self._take()

    def _take(self) -> None:
        try:
            found = self._waiting.popleft().pipe.recv()
        except EOFError:
            raise ChildProcessError(errno.ECHILD, "a process of the verifier ended") from None
        self._tally.add(found)

    def _landmarks(self, span: Span) -> list[Landmark]:
        marks = HEAD.unpack(span.head)[2] if len(span.head) == HEAD.size else 0
        if not marks:
            self._reading.skip(span)
            return []
        try:
            block = Block.parse(self._reading.body(span))
        except MalformedError:
            return []  # the worker that examines it will say so
        shown = {part.place: part.data for part in block.parts if part.kind == PAYLOAD}
        return [
            (block.start + place, block.leaves[place], shown.get(place))
            for place in block.landmarks
        ]
