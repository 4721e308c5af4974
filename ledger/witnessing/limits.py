"""How often one address may ask: a token bucket in the memory of this process. Pure."""

from __future__ import annotations

import threading
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable


class Limiter:
    """`rate` requests a second for each asker, `burst` at once; remembers at most `askers`."""

    def __init__(
        self,
        *,
        rate: float,
        burst: float,
        askers: int = 10_000,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._rate, self._burst, self._askers, self._clock = rate, burst, askers, clock
        self._lock = threading.Lock()
        self._left: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, asker: Hashable) -> bool:
        """Whether `asker` may ask now; counts it if so."""
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(asker, (self._burst, now))
            left = min(self._burst, left + (now - since) * self._rate)
            allowed = left >= 1
            self._left[asker] = (left - allowed, now)
            if len(self._left) > self._askers:
                self._left.popitem(last=False)
            return allowed
