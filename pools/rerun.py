"""`python -m pools.rerun BUNDLE [--seal HASH]`: a decision re-run offline, without a database.

Exit 0: it stands. 1: something was altered or does not follow, each named. 2: no bundle.
"""

from __future__ import annotations

import argparse
import gzip
import json
import sys
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from pools.packaging.bundle import check_bundle
from tenants.problems import Problem

GZIP = b"\x1f\x8b"


def _once_each(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    """An object whose keys stand once: of two equal ones a reader would see the last only."""
    found = dict(pairs)
    if len(found) < len(pairs):
        names = [name for name, _value in pairs]
        raise ValueError(f"the key {max(names, key=names.count)!r} stands there twice")
    return found


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, check, say."""
    parser = argparse.ArgumentParser(prog="python -m pools.rerun", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--seal", help="hash of the manifest, as the ledger has it")
    options = parser.parse_args(arguments)
    try:
        content = options.bundle.read_bytes()
        text = gzip.decompress(content) if content[:2] == GZIP else content
        bundle = json.loads(text, object_pairs_hook=_once_each)
        findings = check_bundle(bundle, sealed=options.seal)
    except (OSError, EOFError, ValueError, zlib.error, RecursionError, Problem) as error:
        print(f"This is no decision bundle: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(f"{finding.field} {finding.what}")
    if not findings:
        print("The decision stands: pool, votes, values and price follow from the inputs.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
