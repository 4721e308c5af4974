"""`python -m ledger.signing`: the signer with nothing else of the product beside its keys.

`python -m ledger.signing resolve LOG_ID --reason "…"` lets a frozen log be signed again, and
`python -m ledger.signing adopt LOG_ID CHECKPOINT` tells a signer whose memory was lost what it
signed last; `python -m ledger.signing resume LOG_ID CHECKPOINT --reason "…"` lets it go on from the
newest checkpoint that is left where what was signed since is lost: for the signer's own user, since
nobody may do that over the socket.

It reads `LL_SIGNER_SOCKET`, `LL_SIGNER_DIR` (or `LL_KEY_DIR`, whose `logs` it takes) and
`LL_SIGNER_GROUP`: no settings, no secret, no database.
"""

import argparse
import logging
import os
import shlex
import sys
from datetime import UTC, datetime
from pathlib import Path

from ledger.core.encoding import b64
from ledger.core.errors import LedgerError
from ledger.signing.process import run
from ledger.signing.server import CannotListen
from ledger.signing.signer import LogSigner, is_log_id
from tenants.problems import Problem

MOST_LISTED = 50


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m ledger.signing", description="The ledger's signer.")
    verbs = parser.add_subparsers(dest="verb", metavar="resolve|adopt|resume")
    adopt = verbs.add_parser("adopt", help="say what was signed last, where the memory was lost")
    adopt.add_argument("log_id")
    what = adopt.add_mutually_exclusive_group(required=True)
    what.add_argument("checkpoint", nargs="?", type=Path, help="the newest that anybody holds")
    what.add_argument("--nothing-signed", action="store_true", help="it never signed any")
    resume = verbs.add_parser(
        "resume", help="go on from the newest checkpoint that is left, although more was signed"
    )
    resume.add_argument("log_id")
    resume.add_argument("checkpoint", type=Path, help="as `manage.py resume_log` shows it")
    resume.add_argument("--reason", required=True, help="kept beside, and told in the log")
    resolve = verbs.add_parser("resolve", help="let a frozen log be signed again")
    resolve.add_argument("log_id")
    resolve.add_argument("--reason", required=True, help="kept beside what froze the log")
    resolve.add_argument(
        "--anyway",
        action="store_true",
        help="although the log does not hold the tree that froze it: only if the witness is wrong",
    )
    return parser.parse_args()


def _unknown(log_id: str, folder: Path) -> str:
    """Why nothing is done for this log, and how to find the right one; empty if it is here."""
    try:
        known = sorted(path for path in folder.iterdir() if is_log_id(path.name))
        if folder / log_id in known:
            return ""
        names = [path / "origin" for path in known]
        listed = [path.read_text() if path.exists() else path.parent.name for path in names]
    except OSError as error:
        return f"Cannot read {folder}: {error.strerror}. Is it the signer's, and you its user?"
    told = "\n".join(f"  {name}" for name in listed[:MOST_LISTED]) or "  none"
    more = f"\n  … {len(listed) - MOST_LISTED} more" if len(listed) > MOST_LISTED else ""
    return (
        f"No log {log_id!r} is known in {folder}. A log's id is the last part of its name: 32 "
        "hexadecimal digits, on the institution's page Ledger, and in what `manage.py "
        f"resolve_frozen_log SCHEMA` names. Here are:\n{told}{more}"
    )


def _resolve(log_id: str, folder: Path, reason: str, *, anyway: bool) -> str | int:
    freeze = LogSigner(log_id, folder).freeze
    if freeze.read() is None:
        return f"The log {log_id} is not frozen in {folder}."
    kept = freeze.resolve(reason=reason, at=datetime.now(UTC).isoformat(), overruled=anyway)
    print(f"The log may be signed again; see {kept}")
    return 0


def _adopt(log_id: str, folder: Path, checkpoint: Path | None) -> str | int:
    try:
        note = None if checkpoint is None else checkpoint.read_bytes()
        size, _root = LogSigner(log_id, folder).adopt(note)
    except (OSError, LedgerError) as error:
        return f"{checkpoint}: {error}"
    print(f"From now on the log is signed only if it extends the tree of {size} entries.")
    return 0


def _resume(log_id: str, folder: Path, checkpoint: Path, reason: str) -> str | int:
    try:
        note, at = checkpoint.read_bytes(), datetime.now(UTC).isoformat()
        lost, kept = LogSigner(log_id, folder).resume(note, reason=reason, at=at)
    except (OSError, LedgerError) as error:
        return f"{checkpoint}: {error}"
    told = f"{lost[0]}:{b64(lost[1])}:{kept[0]}"
    print(
        f"The log goes on from {kept[0]} entries, although {lost[0]} were signed. Now let it say "
        f"so: manage.py resume_log SCHEMA --reason {shlex.quote(reason)} --told {told}"
    )
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
        if asked.verb and (why := _unknown(asked.log_id, path)):
            return why
        if asked.verb == "adopt":
            return _adopt(asked.log_id, path, asked.checkpoint)
        if asked.verb == "resume":
            return _resume(asked.log_id, path, asked.checkpoint, asked.reason)
        if asked.verb:
            return _resolve(asked.log_id, path, asked.reason, anyway=asked.anyway)
        group = os.environ.get("LL_SIGNER_GROUP", "")
        run(os.environ.get("LL_SIGNER_SOCKET", ""), path, group)
    except (CannotListen, Problem) as error:
        return str(error)
    return 0


if __name__ == "__main__":
    sys.exit(main())
