"""Where the PostgreSQL of the checks lives: in memory where there is room, else under `var/`.

Hundreds of tests start from a copy of a database of two thousand files. On a disk that others write
to as well a copy was seen to take 1.7–3.3 s, in memory 0.2 s; nothing of it is kept in the end.
"""

from __future__ import annotations

import hashlib
import os
import shutil
from pathlib import Path

from config.environment import BASE_DIR, VAR
from config.servers.postgres import EmbeddedPostgres

_IN_MEMORY = Path("/dev/shm")
_ROOM = 8 * 2**30  # what the databases come to, the played demo and its copies, with room to spare
_LEFT = 4 * 2**30  # for the tests themselves


def choose() -> Path:
    """The folder of this run's server, told to whoever is started from here; an old one is gone."""
    if named := os.environ.get("LL_POSTGRES_ROOT"):
        return Path(named)
    digest = hashlib.sha256(str(BASE_DIR).encode()).hexdigest()[:10]
    root = _IN_MEMORY / f"ll-checks-{digest}"
    remove(root)  # of a run that was killed
    if not _has_room():
        root = VAR / "test-postgres"
    os.environ["LL_POSTGRES_ROOT"] = str(root)
    return root


def remove(root: Path) -> None:
    """Stop the server; what it held in memory is given back."""
    EmbeddedPostgres(root).stop()
    if root.parent == _IN_MEMORY:
        shutil.rmtree(root, ignore_errors=True)


def _has_room() -> bool:
    try:
        free = shutil.disk_usage(_IN_MEMORY).free
        lines = Path("/proc/meminfo").read_text().splitlines()
    except OSError:
        return False
    memory = dict(line.split(":", 1) for line in lines)
    available = int(memory.get("MemAvailable", "0 kB").split()[0]) * 1024
    return free >= _ROOM and available >= _ROOM + _LEFT
