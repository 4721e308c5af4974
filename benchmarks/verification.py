"""The offline verifier over a large bundle, beside `openssl dgst` and the library's bare verify.

The tree over 1,000,000 entries, signatures over 50,000; LL_BENCH_FULL=1 checks all million.
A bundle repeats ten thousand leaves that were really signed: to the verifier each is an entry.
"""

from __future__ import annotations

import multiprocessing
import os
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from hashlib import sha256
from pathlib import Path

from Crypto.Signature import eddsa
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from benchmarks.figures import Figure, best_seconds
from ledger.core.blocks import PAYLOAD
from ledger.core.bundle import BundleWriter, Header
from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.hashing import leaf_hash
from ledger.core.keys import key_id
from ledger.core.leaves import Leaf
from ledger.core.notes import ED25519, Note, NoteKey, sign_text
from ledger.core.tree import Frontier
from ledger.drafts import Draft
from ledger.verifier.pool import available_cores, verify_file

TS, LOG_ID = "2026-11-01T08:00:00.000000Z", "f" * 32
ORIGIN = f"bench.test/ledger/{LOG_ID}"
LARGE, SMALL = 1_000_000, 50_000
DISTINCT, BARE = 10_000, 3_000
LOG, SERVICE = SecretKey(b"l" * 32), SecretKey(b"s" * 32)


def figures() -> Iterator[Figure]:
    """Hashes, tree and checkpoints against openssl; signatures against the bare library."""
    full = bool(os.environ.get("LL_BENCH_FULL"))
    pinned = NoteKey(ORIGIN, ED25519, LOG.public)
    with tempfile.TemporaryDirectory() as folder:
        large, small = Path(folder) / "large", Path(folder) / "small"
        messages = _write(large, LARGE)
        yield _hashing(large, pinned, LARGE)
        yield _memory(large)
        if full:
            yield _signatures(large, pinned, messages, "cryptography", False)
            return
        _write(small, SMALL)
        yield _signatures(small, pinned, messages, "cryptography", False)
        yield _signatures(small, pinned, messages, "pycryptodome", True)


def _leaf(kind: str, fields: dict[str, str]) -> tuple[Leaf, bytes]:
    draft = Draft.service(kind=kind, rid=uuid.uuid4(), fields=fields, ts=TS)
    core = draft.core(log_id=LOG_ID, device=key_id(SERVICE.public))
    leaf = Leaf(core, sha256(b"ct").digest(), SERVICE.sign(core.to_bytes()))
    return leaf, draft.payload.to_bytes()


def _write(path: Path, entries: int) -> list[tuple[bytes, bytes]]:
    """A bundle with ten checkpoints; answers some messages with their signatures."""
    key = {"kid": key_id(SERVICE.public), "role": "service", "public_key": b64(SERVICE.public)}
    leaves = [_leaf("lease.recorded", {"vin": str(number)})[0] for number in range(DISTINCT)]
    found = [leaf.to_bytes() for leaf in leaves]
    hashes, frontier = list(map(leaf_hash, found)), Frontier()
    with path.open("wb") as stream:
        writer = BundleWriter(
            stream, Header(ORIGIN, LOG_ID, (NoteKey(ORIGIN, ED25519, LOG.public).vkey(),))
        )
        first, shown = _leaf("device.enrolled", key)
        writer.entry(first.to_bytes())
        writer.show(PAYLOAD, shown)
        frontier.append(leaf_hash(first.to_bytes()))
        for number in range(1, entries):
            writer.entry(found[number % DISTINCT])
            frontier.append(hashes[number % DISTINCT])
            if number % (entries // 10) == 0 or number == entries - 1:
                text = Checkpoint(ORIGIN, frontier.size, frontier.root()).text()
                note = Note(text, (sign_text(text, ORIGIN, LOG),))
                writer.checkpoint(note.to_bytes())
        writer.close()
    return [(leaf.core.to_bytes(), leaf.signature or b"") for leaf in leaves[:BARE]]


def _hashing(path: Path, pinned: NoteKey, entries: int) -> Figure:
    megabytes = path.stat().st_size / 1e6
    ours = best_seconds(lambda: verify_file(path, pinned=pinned, tree_only=True), repeat=2)
    command = ["openssl", "dgst", "-sha256", str(path)]
    floor = best_seconds(lambda: subprocess.run(command, check=True, capture_output=True), repeat=2)
    name = f"hashes, tree, checkpoints of {entries:,} entries"
    return Figure(name, megabytes / ours, megabytes / floor, "openssl dgst -sha256", "MB/s")


def _bare(messages: list[tuple[bytes, bytes]], portable: bool) -> float:
    """Verifications a second by the library alone, one process; as many as `messages`."""
    if portable:
        key = eddsa.import_public_key(SERVICE.public)
        scheme = eddsa.new(key, "rfc8032")
        started = time.perf_counter()
        for message, signature in messages:
            scheme.verify(message, signature)
    else:
        verify = Ed25519PublicKey.from_public_bytes(SERVICE.public).verify
        started = time.perf_counter()
        for message, signature in messages:
            verify(signature, message)
    return len(messages) / (time.perf_counter() - started)


def _signatures(
    path: Path, pinned: NoteKey, messages: list[tuple[bytes, bytes]], library: str, portable: bool
) -> Figure:
    """The default run (it does both), beside as many processes that only verify.

    They verify a fifth of the entries, half of that before and half after: a machine's speed
    changes over a minute by more than what is measured here.
    """
    cores, entries = available_cores(), SMALL if path.name == "small" else LARGE
    messages = messages * max(1, entries // (10 * cores * len(messages)))
    with multiprocessing.get_context("fork").Pool(cores) as pool:
        before = sum(pool.starmap(_bare, [(messages, portable)] * cores))
        report = verify_file(path, pinned=pinned, portable=portable)
        after = sum(pool.starmap(_bare, [(messages, portable)] * cores))
    name = f"{report.entries:,} with every signature, {cores} processes"
    rate = report.entries / report.seconds
    return Figure(name, rate, (before + after) / 2, f"bare {library} × {cores}", "entries/s")


def _memory(path: Path) -> Figure:
    """Peak resident memory of a verifying process, against the file's size.

    Asked of a small process that starts it: a child's peak begins with that of who forked it.
    """
    verify = "import sys; from ledger.verifier.__main__ import main; main(sys.argv[1:])"
    weigh = (
        "import resource, subprocess, sys; "
        "subprocess.run([sys.executable, '-c', *sys.argv[1:]], check=True, capture_output=True); "
        "print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss)"
    )
    command = [sys.executable, "-c", weigh, verify, str(path), "--tree-only"]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    peak = int(done.stdout.split()[-1]) * (1 if sys.platform == "darwin" else 1024)
    size = path.stat().st_size
    return Figure("peak memory of a process", peak / 1e6, size / 1e6, "the file", "MB")
