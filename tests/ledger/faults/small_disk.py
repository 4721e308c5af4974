"""A file system of a few megabytes in a mount namespace of this process's own child."""

from __future__ import annotations

import os
import subprocess
from pathlib import Path

UNSHARE = ["unshare", "--mount", "--propagation", "private"]


def why_not() -> str:
    """Why a small file system cannot be mounted here; empty where it can."""
    if os.geteuid() != 0:
        return "mounting a small disk needs root"
    probe = subprocess.run(
        [*UNSHARE, "mount", "-t", "tmpfs", "-o", "size=1m", "none", "/mnt"],
        capture_output=True,
        text=True,
        check=False,
    )
    return "" if probe.returncode == 0 else f"no tmpfs can be mounted: {probe.stderr.strip()}"


def mount_small(folder: Path, *, megabytes: float) -> None:
    """Mount a tmpfs on `folder`, in a process that has a mount namespace of its own."""
    size = f"size={int(megabytes * 1024)}k"
    subprocess.run(["mount", "-t", "tmpfs", "-o", size, "none", str(folder)], check=True)


def fill(folder: Path) -> Path:
    """A file that takes all the space that is left; removing it frees the space."""
    filler = folder / "filler"
    handle = os.open(filler, os.O_WRONLY | os.O_CREAT)
    try:
        for size in (1 << 20, 1 << 12, 1):
            while True:
                try:
                    os.write(handle, bytes(size))
                except OSError:
                    break
    finally:
        os.close(handle)
    return filler
