"""The compiled kernels, made once before anybody asks: else whoever asks first compiles them, and
with him everybody who asks meanwhile. `make test` calls it; the code is kept beside the modules.
"""

from datetime import date

from pools.features.outcomes import outcomes
from pools.features.snapshot import snapshot
from tests.pools.features.portfolios import history

LEASES = 50  # only the types of their columns matter


def compile_kernels() -> None:
    """Replay a handful of leases and look at them on two days."""
    few = history(LEASES)
    outcomes(few, snapshot(few, date(2025, 6, 30)), date(2026, 6, 30))
