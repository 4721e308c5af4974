"""`python -m ledger.signing`: the signer with nothing else of the product beside its keys.

`python -m ledger.signing resolve LOG_ID --reason "…"` lets a frozen log be signed again: for the
signer's own user, since nobody may do that over the socket.

It reads `LL_SIGNER_SOCKET`, `LL_SIGNER_DIR` (or `LL_KEY_DIR`, whose `logs` it takes) and
`LL_SIGNER_GROUP`: no settings, no secret, no database.
"""

import argparse
import logging
import os
import sys
from datetime import UTC, datetime
from pathlib import Path

from ledger.signing.process import run
from ledger.signing.server import CannotListen
from ledger.signing.signer import LogSigner
from tenants.problems import Problem


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m ledger.signing", description="The ledger's signer.")
    verbs = parser.add_subparsers(dest="verb", metavar="resolve")
    resolve = verbs.add_parser("resolve", help="let a frozen log be signed again")
    resolve.add_argument("log_id")
    resolve.add_argument("--reason", required=True, help="kept beside what froze the log")
    resolve.add_argument(
        "--anyway",
        action="store_true",
        help="although the log does not hold the tree that froze it: only if the witness is wrong",
    )
    return parser.parse_args()


def _resolve(log_id: str, folder: Path, reason: str, *, anyway: bool) -> str | int:
    freeze = LogSigner(log_id, folder).freeze
    if freeze.read() is None:
        return f"The log {log_id} is not frozen in {folder}."
    kept = freeze.resolve(reason=reason, at=datetime.now(UTC).isoformat(), overruled=anyway)
    print(f"The log may be signed again; see {kept}")
    return 0


def main() -> str | int:
    """The exit code, or why it ended."""
    asked = _arguments()
    logging.basicConfig(level=logging.INFO, format="%(levelname)s %(message)s")
    folder, keys = os.environ.get("LL_SIGNER_DIR"), os.environ.get("LL_KEY_DIR")
    if not folder and not keys:
        return "Say where its keys are, e.g. LL_SIGNER_DIR=/var/lib/ledger-signer"
    path = Path(folder) if folder else Path(keys or "") / "logs"
    try:
        if asked.verb:
            return _resolve(asked.log_id, path, asked.reason, anyway=asked.anyway)
        group = os.environ.get("LL_SIGNER_GROUP", "")
        run(os.environ.get("LL_SIGNER_SOCKET", ""), path, group)
    except (CannotListen, Problem) as error:
        return str(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
