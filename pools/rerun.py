"""`python -m pools.rerun BUNDLE [--seal HASH]`: a decision re-run offline, without a database.

Exit 0: it stands. 1: something was altered or does not follow, each named. 2: no bundle.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

from pools.packaging.bundle import check_bundle
from tenants.problems import Problem


def main(arguments: Sequence[str] | None = None) -> int:
    """Read, check, say."""
    parser = argparse.ArgumentParser(prog="python -m pools.rerun", description=__doc__)
    parser.add_argument("bundle", type=Path)
    parser.add_argument("--seal", help="hash of the manifest, as the ledger has it")
    options = parser.parse_args(arguments)
    try:
        bundle = json.loads(options.bundle.read_text(encoding="utf-8"))
        findings = check_bundle(bundle, sealed=options.seal)
    except (OSError, ValueError, Problem) as error:
        print(f"This is no decision bundle: {error}", file=sys.stderr)
        return 2
    for finding in findings:
        print(f"{finding.field} {finding.what}")
    if not findings:
        print("The decision stands: pool, votes, values and price follow from the inputs.")
    return 1 if findings else 0


if __name__ == "__main__":
    sys.exit(main())
