"""`python -m ledger.verifier.fork FILE… --log-key VKEY`: does this convict the log? Offline.

One file of evidence (`lease-fork/1`), or two signed checkpoints of one size. Where the log's key
changed: each of its keys, oldest first, and `--handed-over INDEX` for each change, since a
checkpoint counts under the key that signs its size alone. Exit code 0: the log signed two
histories. 1: the files do not convict it. 2: wrong use.
"""

from __future__ import annotations

import argparse
import sys
from pathlib import Path

from ledger.core.checkpoints import parse_decimal
from ledger.core.errors import LedgerError, MalformedError
from ledger.core.fork import Fork, fork_of_notes, verify_fork
from ledger.core.log_keys import LogKeys
from ledger.core.notes import NoteKey


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ledger.verifier.fork",
        description="Check that a log is forked, offline.",
    )
    parser.add_argument("files", nargs="+", metavar="FILE", help="evidence, or two checkpoints")
    parser.add_argument(
        "--log-key",
        metavar="VKEY",
        action="append",
        required=True,
        help="a key of the log; of several the oldest first",
    )
    parser.add_argument(
        "--handed-over",
        metavar="INDEX",
        action="append",
        default=[],
        help="the entry that handed over to the next --log-key, once for each after the first",
    )
    return parser.parse_args(argv)


def _read(paths: list[str]) -> Fork:
    contents = [Path(path).read_bytes() for path in paths]
    return Fork.parse(contents[0]) if len(contents) == 1 else fork_of_notes(*contents)


def _keys(arguments: argparse.Namespace) -> LogKeys:
    """The log's keys by the size from which each signs; `LedgerError` says what is wrong."""
    keys = [NoteKey.parse(text) for text in arguments.log_key]
    places = [parse_decimal(text) for text in arguments.handed_over]
    if len(places) != len(keys) - 1 or places != sorted(set(places)):
        raise MalformedError(
            "give one --handed-over for each key after the first, rising: the entry at which the "
            "log handed over to it"
        )
    return LogKeys(tuple(zip((-1, *places), keys, strict=True)))


def main(argv: list[str] | None = None) -> int:
    """Run; answers the exit code."""
    arguments = _arguments(argv)
    if len(arguments.files) > 2:
        print("give one file of evidence or two checkpoints", file=sys.stderr)
        return 2
    try:
        keys = _keys(arguments)
    except LedgerError as error:
        print(f"--log-key: {error}", file=sys.stderr)
        return 2
    try:
        fork = _read(arguments.files)
        heads = verify_fork(fork, keys)
    except OSError as error:
        print(f"cannot read {error.filename}: {error.strerror}", file=sys.stderr)
        return 2
    except LedgerError as error:
        print(f"NOT CONVICTED  {error}")
        return 1
    print(f"FORKED {heads[0].origin}: two histories differ within the first {fork.size} entries")
    for head, branch in zip(heads, fork.branches, strict=True):
        print(f"  signed  {head.size} entries, root {head.root.hex()}")
        print(f"          root of the first {fork.size}: {branch.root.hex()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
