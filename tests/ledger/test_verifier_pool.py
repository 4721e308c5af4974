"""The verifier's processes: none waits for another for ever, and none outlives its parent."""

import os
import signal
import subprocess
import sys
import time
from hashlib import sha256
from pathlib import Path

import pytest

from ledger.core.blocks import CHECKPOINT
from ledger.core.bundle import HEADER, Header
from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.keys import key_id
from ledger.core.notes import Note, sign_text
from ledger.verifier.pool import SMALL
from tests.ledger.bundles import LOG_ID, ORIGIN, SmallLog, bundle, secret

ROOT = Path(__file__).resolve().parents[2]
ENROLLED, BLOCK = 400, 100


@pytest.fixture(scope="module")
def enrolling(tmp_path_factory) -> Path:
    """An honest log of keys with long labels, each sealed after, in blocks of 100.

    What a block tells the next, and what is said of one, is several times what a pipe holds.
    """
    log = SmallLog()
    del log.records[1:]
    log.frontier = type(log.frontier)()
    log.records[0] = (HEADER, Header(ORIGIN, LOG_ID, (log.log_key.vkey(),)).to_bytes())
    for number in range(ENROLLED):
        key = SecretKey(sha256(b"%d" % number).digest()) if number else log.service
        fields = {"kid": key_id(key.public), "role": "device", "public_key": b64(key.public)}
        fields |= {"label": "phone " * 1_000} if number else {"role": "service"}
        log.add(log.draft("device.enrolled", number, fields), log.service)
        head = Checkpoint(ORIGIN, log.frontier.size, log.frontier.root(), ("x" * 6_000,))
        note = Note(head.text(), (sign_text(head.text(), ORIGIN, secret("l")),))
        log.records.append((CHECKPOINT, note.to_bytes()))
    path = tmp_path_factory.mktemp("pool") / "export"
    path.write_bytes(bundle(log.records, BLOCK))
    assert path.stat().st_size > 4 * SMALL
    return path


def proven(path: Path, processes: int) -> subprocess.CompletedProcess:
    command = [sys.executable, "-m", "ledger.verifier", str(path), "--processes", str(processes)]
    return subprocess.run(command, cwd=ROOT, capture_output=True, text=True, timeout=30)


@pytest.mark.parametrize("processes", [2, 5])
def test_no_process_waits_for_another_for_ever(enrolling, processes):
    done = proven(enrolling, processes)
    assert done.returncode == 3, done.stdout + done.stderr
    assert f"checkpoints   {ENROLLED}" in done.stdout


STARTED = """
import sys, time
from ledger.verifier.check import Reading
from ledger.verifier.pool import Options, Pool
stream = open(sys.argv[1], "rb")
pool = Pool(sys.argv[1], Reading(stream, None).opened, Options(), 3)
print(*(worker.process.pid for worker in pool.workers), flush=True)
time.sleep(60)
"""


def test_no_process_outlives_a_parent_that_was_killed(enrolling):
    command = [sys.executable, "-c", STARTED, str(enrolling)]
    parent = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, text=True)
    workers = [int(pid) for pid in parent.stdout.readline().split()]
    assert len(workers) == 3 and all(map(_runs, workers))
    parent.send_signal(signal.SIGKILL)
    parent.wait()
    parent.stdout.close()
    ends = time.monotonic() + 10
    try:
        while any(map(_runs, workers)) and time.monotonic() < ends:
            time.sleep(0.05)
        assert not any(map(_runs, workers))
    finally:
        for pid in filter(_runs, workers):
            os.kill(pid, signal.SIGKILL)


def _runs(pid: int) -> bool:
    """Whether it runs; one that ended and was not waited for does not."""
    try:
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0] != "Z"
    except FileNotFoundError:
        return False
