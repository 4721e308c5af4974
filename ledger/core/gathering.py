"""Signatures of a walk over a log, verified beside it by several processes. Pure.

The walk goes on while they are verified; the first that does not hold is raised in its turn. What
waits is bounded, whatever the log. Below `SMALL` signatures no process is started.
"""

from __future__ import annotations

import multiprocessing
import os
from collections import deque
from concurrent.futures import BrokenExecutor, Future, ProcessPoolExecutor
from functools import lru_cache
from types import TracebackType

from ledger.core.audit import AuditError
from ledger.core.ed25519 import verifier
from ledger.core.errors import LedgerError
from ledger.core.verifiers import Verifier

#: Starting processes costs what some thousands of signatures cost.
SMALL = 4_000
BATCH = 500
WAITING = 4
"""Batches for each process: one that it works at, and some in reserve."""

Signed = tuple[bytes, bytes, bytes]
"""Public key, message, signature."""
Answer = Future[tuple[int, str] | None]


class Gathered:
    """A `Check` of `LogAuditor` that gathers; leave it as a context, so that none stays open."""

    def __init__(self, processes: int | None = None) -> None:
        is_alone = multiprocessing.current_process().daemon  # such a one may start no other
        self._processes = 1 if is_alone else processes or available_cores()
        self._pool: ProcessPoolExecutor | None = None
        self._count = 0
        self._indexes: list[int] = []
        self._batch: list[Signed] = []
        self._waiting: deque[tuple[list[int], list[Signed], Answer | None]] = deque()

    def __enter__(self) -> Gathered:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        at: TracebackType | None,
    ) -> None:
        """Where the walk ended early by a finding, one before it comes first: `AuditError`."""
        try:
            if kind is None or issubclass(kind, LedgerError):
                self.settle()
        finally:
            if self._pool is not None:
                self._pool.shutdown(cancel_futures=True)

    def check(self, index: int, verifier: Verifier, message: bytes, signature: bytes) -> None:
        """Verify now, or with others later."""
        self._count += 1
        if self._processes == 1 or self._count <= SMALL:
            verifier.verify(message, signature)
            return
        self._indexes.append(index)
        self._batch.append((verifier.public, message, signature))
        if len(self._batch) == BATCH:
            self._submit()
            while len(self._waiting) > WAITING * self._processes:
                self._take()

    def settle(self) -> None:
        """Wait for all; raises `AuditError` with the first that does not hold."""
        if self._batch:
            self._submit()
        while self._waiting:
            self._take()

    def _submit(self) -> None:
        batch, self._batch = self._batch, []
        indexes, self._indexes = self._indexes, []
        self._waiting.append((indexes, batch, self._ask(batch)))

    def _ask(self, batch: list[Signed]) -> Answer | None:
        """None where no process can be had: then it is verified here, in its turn."""
        try:
            if self._pool is None:
                context = multiprocessing.get_context("spawn")  # the caller may have threads
                self._pool = ProcessPoolExecutor(self._processes, context, initializer=_yield)
            return self._pool.submit(first_wrong, batch)
        except (BrokenExecutor, OSError):
            return None

    def _take(self) -> None:
        indexes, batch, answer = self._waiting.popleft()
        try:
            wrong = first_wrong(batch) if answer is None else answer.result()
        except BrokenExecutor:  # a process was ended: no word on the log
            wrong = first_wrong(batch)
        if wrong is not None:
            self._waiting.clear()
            raise AuditError(indexes[wrong[0]], "dev_sig", wrong[1])


def first_wrong(batch: list[Signed]) -> tuple[int, str] | None:
    """Place of the first signature that does not hold, and why; None if all do."""
    for place, (public, message, signature) in enumerate(batch):
        try:
            _verifier(public).verify(message, signature)
        except LedgerError as error:
            return place, str(error)
    return None


def available_cores() -> int:
    """Cores that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


@lru_cache(maxsize=256)
def _verifier(public: bytes) -> Verifier:
    return verifier(public)


def _yield() -> None:
    os.nice(5)
