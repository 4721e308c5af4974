"""Everything that `make test` checks, cheap things first: `python -m config.checks`."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from config import checks_server
from config.environment import BASE_DIR, VAR

BIN = Path(sys.executable).parent
STEPS: tuple[tuple[str, Sequence[str]], ...] = (
    ("lint", [str(BIN / "ruff"), "check", "."]),
    ("format", [str(BIN / "ruff"), "format", "--check", "."]),
    ("types", [str(BIN / "mypy")]),
    ("import rules", [str(BIN / "lint-imports"), "--no-cache"]),
    ("migrations", [sys.executable, "-m", "tests.migrations_check"]),
    # one more than two cores: journeys in a browser and the demo that is played mostly wait
    ("tests", [sys.executable, "-m", "pytest", "-q", "-n", "3", "--dist", "worksteal"]),
)
#: Workers and the demo share the cores: a second thread of one's numerics would only spin, waiting
#: for its turn. A model is then trained for three quarters of the time of a core.
_ONE_THREAD = {"OMP_NUM_THREADS": "1", "OPENBLAS_NUM_THREADS": "1"}
#: The plugin says which server is the tests', before anything reads the settings.
_MAKE_TEMPLATE = (
    "import tests.database_plugin\n"
    "from tests.template_database import ensure_template\n"
    "ensure_template()"
)
_COMPILE = "from tests.compiled import compile_kernels\ncompile_kernels()"
#: Tests as pytest compiles them, kept beside them: each worker would do it for itself.
_COLLECT = "import sys, pytest\nsys.exit(pytest.main(['--collect-only', '-qq', '--no-header']))"
_PLAY = (
    "import tests.database_plugin\nfrom tests.played_demo import play_for_checks\nplay_for_checks()"
)


def _chromium() -> None:
    """Debian's Chromium for the browser journeys: installed where it is missing and permitted."""
    if shutil.which("chromium") or os.environ.get("LL_CHROMIUM"):
        return
    if not _may_install():
        sys.exit(
            "The browser journeys need Chromium. Install it (`apt install chromium`) or name it:\n"
            "  LL_CHROMIUM=/path/to/chromium make test"
        )
    if failure := _install("chromium"):
        sys.exit(failure)


def _redis() -> str:
    """Why no Redis can be had for the tests that need one; empty where there is one."""
    if os.environ.get("REDIS_URL") or shutil.which("redis-server"):
        return ""
    if not _may_install():
        return "there is no `redis-server` here and no right to install one"
    return _install("redis-server")


def _may_install() -> bool:
    return bool(shutil.which("apt-get")) and os.geteuid() == 0


def _install(package: str) -> str:
    """Install a Debian package; answers what went wrong, empty if nothing did."""
    print(f"· installing Debian's {package}", flush=True)
    # Debian starts a server that it installs: this one is only wanted as a binary
    quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive", "RUNLEVEL": "1"}
    for command in (
        ["apt-get", "update", "-qq"],
        ["apt-get", "install", "-qq", "-y", "--no-install-recommends", package],
    ):
        done = subprocess.run(command, env=quiet, capture_output=True, text=True)
        if done.returncode:
            return f"`{' '.join(command)}` failed:\n{done.stderr[-800:]}"
    return ""


def _beside(code: str, *, quiet: bool = False) -> subprocess.Popen[bytes]:
    """Makes what tests start from beside the steps before them, which leave one core idle.

    The tests make what is missing; that it had to be made by them is told, for it costs minutes.
    """
    out = subprocess.DEVNULL if quiet else None
    return subprocess.Popen([sys.executable, "-c", code], cwd=BASE_DIR, stdout=out)


def main() -> int:
    """Run every step to the end, report each, and return 1 when one failed."""
    server = checks_server.choose()
    played = VAR / "played"
    shutil.rmtree(played, ignore_errors=True)  # of a server that is gone
    played.mkdir(parents=True)
    os.environ["CHECKS_PLAYED_DEMO"] = str(played)
    os.environ.update(_ONE_THREAD)
    template = _beside(_MAKE_TEMPLATE)
    kernels = _beside(_COMPILE)
    collected = _beside(_COLLECT, quiet=True)  # what is wrong is told by the step itself
    demo = _beside(_PLAY)  # waits for the template
    failed = []
    try:
        _chromium()
        no_redis = _redis()
        for name, command in STEPS:
            if name == "tests":
                template.wait()
                kernels.wait()
                collected.wait()
            if name == "tests" and no_redis:
                command = [*command, "-m", "not redis"]
            started = time.monotonic()
            code = subprocess.call(command, cwd=BASE_DIR)
            seconds = time.monotonic() - started
            print(f"· {name}: {'ok' if code == 0 else 'FAILED'} ({seconds:.0f} s)", flush=True)
            if code:
                failed.append(name)
    finally:
        for name, process in (
            ("template", template), ("kernels", kernels), ("collection", collected),
            ("played demo", demo),
        ):  # fmt: skip
            if process.wait():
                print(f"· the {name} could not be made beside the first steps", flush=True)
        checks_server.remove(server)
    if no_redis:
        print(f"· NOT RUN: the tests on a real Redis, because {no_redis}.", flush=True)
        print("  Install it (`apt install redis-server`) or name a server: REDIS_URL=…", flush=True)
    if failed:
        print(f"failed: {', '.join(failed)}", flush=True)
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
