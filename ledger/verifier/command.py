"""Command line of the verifier. Exit code 0: proven. 1: a lie. 2: wrong use. 3: no key was pinned.

3 means that the file holds together and that its own key signed it; whose key that is, the file
cannot say. Compare the printed key with the one that you got from the institution.
"""

from __future__ import annotations

import argparse
import os
import sys
from collections.abc import Iterable
from io import TextIOWrapper
from pathlib import Path

from ledger.core.bundle import MAGIC
from ledger.core.disclosed import is_disclosure
from ledger.core.ed25519 import HAS_FAST
from ledger.core.errors import LedgerError, MalformedError
from ledger.core.notes import NoteKey
from ledger.core.policy import Policy
from ledger.core.title_proof import MAX_BYTES, is_title_proof
from ledger.verifier.check import Lie, Report
from ledger.verifier.disclosure import told_of, verify_disclosed
from ledger.verifier.pool import verify_file
from ledger.verifier.proof import is_proof, prove, told_of_proof
from ledger.verifier.reading import readable
from ledger.verifier.report import told_of_cosigners, unpinned_cosigners
from ledger.verifier.state import OtherLog
from ledger.verifier.title import prove_title, told_of_title

PROVEN, A_LIE, WRONG_USE, UNPINNED = range(4)
OLDER_KEY = (
    "       Was the file made before the log changed its key? It cannot know of the newer one: "
    "trust the key that signed then, or have the file made anew."
)
OTHER_KEY = "       {} cosigned with a key that the policy does not name: did it change its key?"
QUORUM_MET = "  quorum        met, by the policy's own keys"
REGISTRY = "/titles"  # how the title registry's name ends
TITLE_KEY = "       The title registry's key is given by --title-key."


def _arguments(argv: list[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(
        prog="python -m ledger.verifier",
        description="Prove a ledger export, some fields of an entry, or that it stands in a log, "
        "offline.",
        epilog="Exit code 0: proven. 1: a lie. 2: wrong use. 3: holds together, but no key pinned.",
    )
    parser.add_argument("export", help="an export, a disclosure, a title proof or a .tlog-proof")
    parser.add_argument("--leaf", metavar="FILE", help="the entry that a .tlog-proof is for")
    parser.add_argument("--log-key", metavar="VKEY", help="the log key you trust")
    parser.add_argument(
        "--title-key", metavar="VKEY", help="the title registry's key that you trust"
    )
    parser.add_argument(
        "--policy", metavar="FILE", help="a C2SP trust policy: log keys, and a quorum of cosigners"
    )
    parser.add_argument(
        "--processes", type=int, metavar="N", help="how many processes (default: every core)"
    )
    parser.add_argument(
        "--portable",
        action="store_true",
        help="check signatures with pycryptodome even if the faster `cryptography` is installed",
    )
    parser.add_argument(
        "--tree-only",
        action="store_true",
        help="hashes, tree and checkpoints only: no signature of an entry, nothing that is shown",
    )
    return parser.parse_args(argv)


def _tell(report: Report, arguments: argparse.Namespace, witnesses: frozenset[NoteKey]) -> None:
    pinned, tree_only = _is_pinned(arguments), arguments.tree_only
    print(f"{'PROVEN' if pinned else 'HOLDS TOGETHER'} {report.header.origin}")
    print(f"  entries       {report.entries}, root {report.root.hex()}")
    if len(report.log_keys) > 1:
        print(f"  log keys      {len(report.log_keys)}, each handed over by the one before")
    print(f"  checkpoints   {report.checkpoints}, {report.cosignatures} cosignatures")
    for line in told_of_cosigners(report.cosigner_keys, witnesses):
        print(f"                {line}")
    if arguments.policy:
        print(QUORUM_MET)
    if not tree_only:
        print(
            f"  signatures    {report.signatures} single, {report.tape_rows} rows of signed tapes"
        )
        print(
            f"  disclosed     {report.payloads} payloads, {report.shown_fields} single fields, "
            f"{report.items} items"
        )
    if report.erased:
        listed = ", ".join(map(str, report.erased[:10]))
        more = ", …" if len(report.erased) > 10 else ""
        print(f"  erased        {len(report.erased)} payloads, says the exporter: {listed}{more}")
    print("  not checked   " + "; ".join(_unchecked(report, pinned, tree_only, witnesses)))
    _speeds(report, arguments)
    if not pinned:
        print(f"  log key       {report.header.log_keys[-1]}")


def _unchecked(
    report: Report, pinned: bool, tree_only: bool, witnesses: frozenset[NoteKey]
) -> list[str]:
    """What the reader must not take for proven."""
    told = []
    if not pinned:
        told.append(
            "whose log this is (no --log-key): compare the key below with the institution's"
        )
    if tree_only:
        told.append("signatures of entries, payloads, fields, items (--tree-only)")
    if not report.cosigners:
        told.append("whether others were shown the same log (nobody cosigned)")
    told += unpinned_cosigners(report.cosigner_keys, witnesses)
    told.append("entries after the last checkpoint, if there are any")
    return told


def _speeds(report: Report, arguments: argparse.Namespace) -> None:
    megabytes, processes = report.bytes_read / 1e6, report.processes
    hashing = report.hashing_seconds / processes
    print(
        f"  speed         {report.seconds:.2f} s on {processes} processes, "
        f"{report.entries / report.seconds:,.0f} entries/s"
    )
    if hashing:
        print(f"                hashes and tree {megabytes / hashing:,.0f} MB/s")
    checking = report.checking_seconds / processes
    if checking and not arguments.tree_only:
        library = "pycryptodome" if arguments.portable or not HAS_FAST else "cryptography"
        rate = (report.signatures + report.tape_rows) / checking
        print(f"                signatures {rate:,.0f} entries/s ({library})")


def _is_pinned(arguments: argparse.Namespace) -> bool:
    return arguments.log_key is not None or bool(arguments.policy)


def _trusted(arguments: argparse.Namespace, policy: Policy | None) -> tuple[NoteKey, ...]:
    """The log keys that the reader trusts."""
    own = (NoteKey.parse(arguments.log_key),) if arguments.log_key is not None else ()
    found = (*own, *(log.key for log in policy.logs)) if policy is not None else own
    if policy is not None and not found:
        raise MalformedError("the policy names no log: give its key by --log-key")
    return found


def _has_quorum(report: Report, policy: Policy) -> bool:
    """Whether the policy's witnesses cosigned the last checkpoint in sufficient number."""
    return _met(policy, report.last_cosigned)


def _small(
    arguments: argparse.Namespace,
    data: bytes,
    pinned: tuple[NoteKey, ...],
    policy: Policy | None,
) -> int:
    """Prove what is no export: a proof file, chosen fields of one entry, or nothing we know."""
    if is_title_proof(data):
        return _title(arguments, data, pinned, policy)
    if _needless_title_key(arguments):
        return WRONG_USE
    if is_proof(data):
        return _proof(arguments, data, pinned, policy)
    if not is_disclosure(data):
        print(
            f"no file for this tool: {arguments.export} is no export (lease-export/2), no "
            "disclosure (lease-disclosure/1), no title proof (title-proof/1 or /2) and no "
            ".tlog-proof",
            file=sys.stderr,
        )
        return WRONG_USE
    if arguments.leaf is not None:
        return _needless_leaf()
    found = verify_disclosed(data, pinned=pinned, portable=arguments.portable or not HAS_FAST)
    if policy is not None and not _met(policy, found.witnessed):
        return _too_few("file: checkpoint", policy, found.cosigned)
    told = told_of(found, is_pinned=bool(pinned), witnesses=_witnesses(policy))
    _print(told, policy)
    return PROVEN if pinned else UNPINNED


def _title(
    arguments: argparse.Namespace,
    data: bytes,
    pinned: tuple[NoteKey, ...],
    policy: Policy | None,
) -> int:
    """Prove that a right stood in the registry's map, or did not."""
    if arguments.leaf is not None:
        return _needless_leaf()
    try:
        key = NoteKey.parse(arguments.title_key) if arguments.title_key is not None else None
    except LedgerError as error:
        print(f"--title-key: {error}", file=sys.stderr)
        return WRONG_USE
    portable = arguments.portable or not HAS_FAST
    found = prove_title(data, pinned=pinned, title_key=key, portable=portable)
    if policy is not None and not _met(policy, found.entry.witnessed):
        return _too_few("file: checkpoint", policy, found.entry.cosigned)
    told = told_of_title(
        found,
        is_pinned=bool(pinned),
        knows_title_key=key is not None,
        witnesses=_witnesses(policy),
    )
    _print(told, policy)
    return PROVEN if pinned else UNPINNED


def _print(told: list[str], policy: Policy | None) -> None:
    """What holds, the policy's quorum before what was not checked."""
    place = next(at for at, line in enumerate(told) if line.startswith("  not checked"))
    print("\n".join([*told[:place], *([QUORUM_MET] if policy else []), *told[place:]]))


def _proof(
    arguments: argparse.Namespace,
    data: bytes,
    pinned: tuple[NoteKey, ...],
    policy: Policy | None,
) -> int:
    """Prove that the entry beside a proof file stands in the log."""
    if arguments.leaf is None:
        print("a .tlog-proof is for one entry: give its bytes by --leaf FILE.leaf", file=sys.stderr)
        return WRONG_USE
    try:
        with Path(arguments.leaf).open("rb") as stream:
            entry = stream.read(MAX_BYTES + 1)
    except OSError as error:
        print(f"cannot read {arguments.leaf}: {error.strerror}", file=sys.stderr)
        return WRONG_USE
    found = prove(data, entry, pinned=pinned, policy=policy)
    _print(told_of_proof(found), policy)
    return PROVEN if pinned else UNPINNED


def _needless_title_key(arguments: argparse.Namespace) -> bool:
    if arguments.title_key is not None:
        print("--title-key: only a title proof needs it", file=sys.stderr)
    return arguments.title_key is not None


def _needless_leaf() -> int:
    print("--leaf: only a .tlog-proof needs it", file=sys.stderr)
    return WRONG_USE


def _witnesses(policy: Policy | None) -> frozenset[NoteKey]:
    """Keys of cosigners that the reader knows."""
    found = policy.witnesses.values() if policy is not None else ()
    return frozenset(witness.key for witness in found)


def _too_few(where: str, policy: Policy, cosigned: Iterable[NoteKey]) -> int:
    """Tell it, and which of the policy's witnesses cosigned with a key that it does not name."""
    print(f"LIE    {where}: quorum: too few witnesses cosigned")
    known = _witnesses(policy)
    names = {key.name for key in known} & {key.name for key in cosigned if key not in known}
    for name in sorted(names):
        print(OTHER_KEY.format(name))
    return A_LIE


def _met(policy: Policy, cosigned: tuple[NoteKey, ...]) -> bool:
    names = {witness.key: name for name, witness in policy.witnesses.items()}
    return policy.is_met(frozenset(names[key] for key in cosigned if key in names))


def main(argv: list[str] | None = None) -> int:
    """Run; answers the exit code. What keeps it from an answer is no lie of the file's."""
    if isinstance(sys.stdout, TextIOWrapper):  # a name that the terminal has no letters for
        sys.stdout.reconfigure(errors="backslashreplace")
    try:
        return _run(argv)
    except BrokenPipeError:  # who reads what is said went away; nothing more is said at the end
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        return WRONG_USE
    except MemoryError:
        print("not enough memory to read the file", file=sys.stderr)
        return WRONG_USE


def _run(argv: list[str] | None) -> int:
    arguments = _arguments(argv)
    if arguments.processes is not None and arguments.processes < 1:
        print("--processes: at least 1", file=sys.stderr)
        return WRONG_USE
    try:
        policy = Policy.parse(Path(arguments.policy).read_bytes()) if arguments.policy else None
        pinned = _trusted(arguments, policy)
    except OSError as error:
        print(f"cannot read {arguments.policy}: {error.strerror}", file=sys.stderr)
        return WRONG_USE
    except LedgerError as error:
        print(f"--log-key or --policy: {error}", file=sys.stderr)
        return WRONG_USE
    try:
        with readable(Path(arguments.export)) as path:
            with path.open("rb") as stream:
                if stream.read(len(MAGIC)) != MAGIC:
                    stream.seek(0)
                    return _small(arguments, stream.read(MAX_BYTES + 1), pinned, policy)
            if arguments.leaf is not None:
                return _needless_leaf()
            if _needless_title_key(arguments):
                return WRONG_USE
            report = verify_file(
                path,
                pinned=pinned,
                portable=arguments.portable or not HAS_FAST,
                tree_only=arguments.tree_only,
                processes=arguments.processes,
            )
    except OSError as error:
        print(f"cannot read {arguments.export}: {error.strerror}", file=sys.stderr)
        return WRONG_USE
    except OtherLog as other:
        print(f"--log-key or --policy: {other.detail}", file=sys.stderr)
        if any(key.name.endswith(REGISTRY) for key in pinned):
            print(TITLE_KEY, file=sys.stderr)
        return WRONG_USE
    except Lie as lie:
        print(f"LIE    {lie}")
        if lie.part == "header" and lie.detail.endswith("trust"):
            print(OLDER_KEY)
        return A_LIE
    if policy is not None and not _has_quorum(report, policy):
        return _too_few(f"checkpoint of {report.entries} entries", policy, report.cosigner_keys)
    _tell(report, arguments, _witnesses(policy))
    return PROVEN if pinned else UNPINNED
