"""`python -m ledger.signing`: the signer with nothing else of the product beside its keys.

It reads `LL_SIGNER_SOCKET`, `LL_SIGNER_DIR` (or `LL_KEY_DIR`, whose `logs` it takes) and
`LL_SIGNER_GROUP`: no settings, no secret, no database.
"""

import logging
import os
import sys
from pathlib import Path

from ledger.signing.process import run
from ledger.signing.server import CannotListen
from tenants.problems import Problem


def main() -> str | int:
    """The exit code, or why it ended."""
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    folder, keys = os.environ.get("LL_SIGNER_DIR"), os.environ.get("LL_KEY_DIR")
    if not folder and not keys:
        return "Say where its keys are, e.g. LL_SIGNER_DIR=/var/lib/ledger-signer"
    path = Path(folder) if folder else Path(keys or "") / "logs"
    try:
        group = os.environ.get("LL_SIGNER_GROUP", "")
        run(os.environ.get("LL_SIGNER_SOCKET", ""), path, group)
    except (CannotListen, Problem) as error:
        return str(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
