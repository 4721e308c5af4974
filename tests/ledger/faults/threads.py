"""Jobs that go round in threads while a test does something else."""

import threading
import time
from collections.abc import Callable, Mapping
from contextlib import contextmanager

from django.db import connection


class Threads:
    """Each job goes round in a thread: how often is in `done`, what broke in `failed`."""

    def __init__(self, jobs: Mapping[str, Callable[[], object]]) -> None:
        self.done = dict.fromkeys(jobs, 0)
        self.failed: list[str] = []
        self._over = threading.Event()
        self._threads = [threading.Thread(target=self._run, args=job) for job in jobs.items()]

    def _run(self, name, job):
        try:
            while not self._over.is_set():
                job()
                self.done[name] += 1
        except Exception as error:  # told by the test, in its own thread
            self.failed.append(f"{name}: {error!r}: {error}")
        finally:
            connection.close()

    def rounds(self, more: int = 2) -> None:
        """Wait until each job came round so often again; fails with what failed."""
        wanted = {name: done + more for name, done in self.done.items()}
        until = time.monotonic() + 60
        while any(self.done[name] < number for name, number in wanted.items()):
            assert not self.failed, self.failed
            assert time.monotonic() < until, self.done
            time.sleep(0.01)

    @contextmanager
    def running(self):
        """They run inside, each at least once before and once after what is done there."""
        for thread in self._threads:
            thread.start()
        try:
            self.rounds(1)
            yield self
            self.rounds(1)
        finally:
            self._over.set()
            for thread in self._threads:
                thread.join(60)
        assert not self.failed, self.failed
