"""Everything that `make test` checks, cheap things first: `python -m config.checks`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from config.environment import BASE_DIR, VAR

BIN = Path(sys.executable).parent
STEPS: tuple[tuple[str, Sequence[str]], ...] = (
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("import rules", [str(BIN / "lint-imports"), "--no-cache"]),
    ("migrations", [sys.executable, "-m", "tests.migrations_check"]),
    ("tests", [sys.executable, "-m", "pytest", "-q", "-n", "2", "--dist", "worksteal"]),
)


def _chromium() -> None:
    """Debian's Chromium for the browser journeys: installed where it is missing and permitted."""
    if shutil.which("chromium") or os.environ.get("LL_CHROMIUM"):
        return
    if not shutil.which("apt-get") or os.geteuid() != 0:
        sys.exit(
            "The browser journeys need Chromium. Install it (`apt install chromium`) or name it:\n"
            "  LL_CHROMIUM=/path/to/chromium make test"
        )
    print("· installing Debian's Chromium", flush=True)
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", "chromium"],
    ):
        done = subprocess.run(
            command,
            env={**os.environ, "DEBIAN_FRONTEND": "noninteractive"},
            capture_output=True,
            text=True,
        )
        if done.returncode:
            sys.exit(f"`{' '.join(command)}` failed:\n{done.stderr[-800:]}")


def main() -> int:
    """Run every step to the end, report each, and return 1 when one failed."""
    _chromium()
    failed = []
    try:
        for name, command in STEPS:
            started = time.monotonic()
            code = subprocess.call(command, cwd=BASE_DIR)
            seconds = time.monotonic() - started
            print(f"· {name}: {'ok' if code == 0 else 'FAILED'} ({seconds:.0f} s)", flush=True)
            if code:
                failed.append(name)
    finally:
        subprocess.call(
            [sys.executable, "-m", "config.servers.postgres", "stop", str(VAR / "test-postgres")],
            cwd=BASE_DIR,
        )
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
