"""Command line of the verifier. Exit code 0: proven. 1: a lie. 2: wrong use."""

from __future__ import annotations

import argparse
import sys
import time

from ledger.core.ed25519 import HAS_FAST
from ledger.core.errors import LedgerError
from ledger.core.notes import NoteKey
from ledger.verifier.check import Lie, Report, verify_bundle


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ledger.verifier", description="Prove a ledger export, offline."
    )
    parser.add_argument("export", help="the file to prove")
    parser.add_argument("--log-key", metavar="VKEY", help="the log key you trust")
    parser.add_argument(
        "--fast", action="store_true", help="check signatures with `cryptography` (OpenSSL)"
    )
    return parser.parse_args(argv)


def _tell(report: Report, seconds: float) -> None:
    print(f"PROVEN {report.header.origin}")
    print(f"  entries       {report.entries}, root {report.root.hex()}")
    print(f"  signatures    {report.signatures} single, {report.tape_rows} rows of signed tapes")
    print(
        f"  disclosed     {report.payloads} payloads, {report.shown_fields} single fields, "
        f"{report.items} items"
    )
    print(f"  checkpoints   {report.checkpoints}, {report.cosignatures} cosignatures")
    for name in sorted(report.cosigners):
        print(f"                cosigned by {name}")
    rate, megabytes = report.entries / seconds, report.bytes_read / seconds / 1e6
    print(f"  speed         {seconds:.2f} s, {rate:,.0f} entries/s, {megabytes:.1f} MB/s")


def main(argv: list[str] | None = None) -> int:
    """Run; answers the exit code."""
    arguments = _arguments(argv)
    if arguments.fast and not HAS_FAST:
        print("the package `cryptography` is not installed", file=sys.stderr)
        return 2
    try:
        pinned = NoteKey.parse(arguments.log_key) if arguments.log_key else None
    except LedgerError as error:
        print(f"--log-key: {error}", file=sys.stderr)
        return 2
    start = time.perf_counter()
    try:
        with open(arguments.export, "rb") as stream:
            report = verify_bundle(stream, pinned=pinned, portable=not arguments.fast)
    except OSError as error:
        print(f"cannot read {arguments.export}: {error.strerror}", file=sys.stderr)
        return 2
    except Lie as lie:
        print(f"LIE    {lie}")
        return 1
    _tell(report, time.perf_counter() - start)
    if pinned is None:
        print(f"  log key       {report.header.log_key}")
        print("                not pinned: compare it with the one you got from the institution")
    return 0


if __name__ == "__main__":
    sys.exit(main())
