"""The signer as a process of its own: real processes at a real socket."""

import contextlib
import json
import os
import signal
import socket
import stat
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest
from django.conf import settings

from ledger.core.checkpoints import Checkpoint as TreeHead
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.hashing import EMPTY_ROOT, node_hash
from ledger.core.notes import Note, sign_text
from ledger.problems import (
    BadSignerRequest,
    RollbackRefused,
    SignerAway,
    SignerMoved,
    SignerVersion,
)
from ledger.signing import freeze as freezing
from ledger.signing import signer_of, wire
from ledger.signing.freeze import Contradiction, Freeze
from ledger.signing.rules import Growth
from tests.ledger.faults.conftest import AT

LOG = "5" * 32
ORIGIN = f"example.test/ledger/{LOG}"
ROOT = Path(__file__).parents[2]
#: None of the variables that lead to a database: the signer needs none.
NO_DATABASE = {"DATABASE_URL": "postgres://nobody@127.0.0.1:9/none"}


def _without_settings() -> dict[str, str]:
    found = os.environ | NO_DATABASE
    found.pop("DJANGO_SETTINGS_MODULE", None)
    return found


class SignerProcess:
    """The signer at a socket of its own; `manage.py signer` and the verb do the same, slower."""

    def __init__(self, folder: Path) -> None:
        self.socket, self.keys = str(folder / "signer.sock"), folder / "logs"
        self.child: subprocess.Popen | None = None

    def spawn(self, *command: str, **more: str) -> subprocess.Popen:
        own = {"LL_SIGNER_SOCKET": self.socket, "LL_SIGNER_DIR": str(self.keys)}
        return subprocess.Popen(
            [sys.executable, *(command or ("-m", "ledger.signing"))],
            cwd=ROOT,
            env=_without_settings() | own | more,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def start(self, *command: str, **more: str) -> "SignerProcess":
        self.child = self.spawn(*command, **more)
        line = self.child.stdout.readline()
        assert line.startswith("The signer listens"), line + self.child.stdout.read()
        return self

    def kill(self) -> None:
        self.child.send_signal(signal.SIGKILL)
        self.child.wait()
        self.child.stdout.close()

    def end(self) -> int:
        self.child.terminate()
        code = self.child.wait(10)
        self.child.stdout.close()
        return code

    def say(self, data: bytes, *, shut: bool = True) -> bytes:
        """What comes back for raw bytes, up to the end."""
        with socket.socket(socket.AF_UNIX) as line:
            line.settimeout(10)
            line.connect(self.socket)
            with contextlib.suppress(BrokenPipeError, ConnectionResetError):
                line.sendall(data)
                if shut:
                    line.shutdown(socket.SHUT_WR)
                return b"".join(iter(lambda: line.recv(1 << 16), b""))
        return b""


@pytest.fixture(scope="module")
def process():
    """One for the tests that leave it running."""
    with tempfile.TemporaryDirectory(prefix="ll-signer-") as folder:
        found = SignerProcess(Path(folder)).start()
        yield found
        if found.child.poll() is None:
            found.end()


@pytest.fixture
def through_socket(process, monkeypatch):
    """Everything that signs in this process, and in those it forks, asks the signer."""
    monkeypatch.setattr(settings, "SIGNER_SOCKET", process.socket)
    return process


def ask(**members) -> bytes:
    return wire.frame(members)


def told(data: bytes) -> dict:
    return json.loads(data[wire.LENGTH_SIZE :])


def is_alive(process) -> bool:
    return told(process.say(ask(do="last", log=LOG))) == {"v": wire.VERSION, "answer": None}


def test_hostile_bytes_harm_nobody(process):
    refused = [
        b"GET / HTTP/1.1\r\n\r\n" * 20,
        b"\xff\xff\xff\xff" + b"x" * 100,
        b"\0\0\0\0",
        b"\0\0",
        b"",
        (wire.MAX_FRAME + 1).to_bytes(4, "big") + b" " * (wire.MAX_FRAME + 1),
        b"\0\0\x01\0{}",  # shorter than it says
    ]
    for data in refused:
        assert process.say(data) == b""
    last = {"size": "1", "root": "AAAA", "proof": []}
    sign = {
        "do": "sign",
        "log": LOG,
        "last": None,
        "floor": None,
        "time": 0,
        "turns": [],
        "shown": None,
        "floor_note": "",
    }
    head = TreeHead(ORIGIN, 1, EMPTY_ROOT).text()
    for question in (
        {},
        {"do": "last"},
        {"do": "last", "log": "../../etc"},
        {"do": "last", "log": LOG + "\n"},
        {"do": "last", "log": LOG, "more": 1},
        {"do": ["last"], "log": LOG},
        {
            "do": "key",
            "log": LOG,
            "origin": "a.test/other",
            "second": False,
            "create": True,
            "version": 1,
        },
        {"do": "key", "log": LOG, "origin": ORIGIN, "second": 0, "create": True, "version": 1},
        {
            "do": "key",
            "log": LOG,
            "origin": f"a b/{LOG}",
            "second": False,
            "create": False,
            "version": 1,
        },
        {"do": "vouch", "log": LOG, "text": "bm8=", "version": 1},
        {"do": "vouch", "log": LOG, "text": "bm8=", "version": 0},
        {"do": "hand_over", "log": LOG, "origin": ORIGIN, "index": -1, "version": 1},
        {"do": "hand_over", "log": LOG, "origin": "a.test/other", "index": 1, "version": 1},
        {"do": "retire", "log": LOG, "origin": "a.test/other"},
        sign | {"checkpoint": head, "turns": [1 << 70]},
        sign | {"checkpoint": head, "turns": ["1"]},
        sign | {"checkpoint": head, "turns": [5]},
        sign | {"checkpoint": "x"},
        sign | {"checkpoint": head.replace(LOG, "6" * 32)},
        sign | {"checkpoint": head + "more\n"},
        sign | {"checkpoint": head, "time": True},
        sign | {"checkpoint": head, "time": -1},
        sign | {"checkpoint": head, "last": last},
        sign | {"checkpoint": head, "floor": {"size": 1}},
    ):
        answer = told(process.say(ask(**question)))
        code = answer["problem"]["code"]
        assert code in {"bad_signer_request", "key_file_damaged"}, (question, answer)
    for body in (b"[" * 100_000, b'{"v":4,"do":"\\ud800"}', b"[]", b"\xff\xfe", b"9" * 5000):
        answer = told(process.say(len(body).to_bytes(4, "big") + body))
        assert answer["problem"]["code"] == "bad_signer_request", body[:20]
    assert not list(process.keys.glob("*/seed"))
    assert is_alive(process)


def test_who_says_nothing_hangs_nobody(process):
    """More silent and dripping clients than may wait, while others are answered at once."""
    with contextlib.ExitStack() as stack:
        lines = []
        for number in range(260):
            line = stack.enter_context(socket.socket(socket.AF_UNIX))
            line.connect(process.socket)
            if number % 2:
                line.sendall(b"\0\0\1\0" + b"{")
            lines.append(line)
        begun = time.monotonic()
        assert is_alive(process)
        assert time.monotonic() - begun < 2
        lines[0].settimeout(10)
        assert lines[0].recv(1) == b""  # the oldest was dropped to make room
        lines[-1].settimeout(10)
        assert lines[-1].recv(1) == b""  # the newest, after its time
        assert time.monotonic() - begun < 9


def test_the_socket_is_its_owners_and_one_signer_holds_it(process):
    mode = os.stat(process.socket).st_mode
    assert stat.S_ISSOCK(mode) and stat.S_IMODE(mode) == 0o600
    assert stat.S_IMODE(process.keys.stat().st_mode) == 0o700
    second = process.spawn()
    out, _ = second.communicate(timeout=20)
    assert second.returncode == 1 and "Another signer listens" in out
    assert is_alive(process)


def test_another_version_is_named_on_both_sides(process, monkeypatch):
    body = b'{"v": 1, "do": "last", "log": "x"}'
    assert told(process.say(len(body).to_bytes(4, "big") + body)) == {
        "v": wire.VERSION,
        "speaks": wire.VERSION,
    }
    monkeypatch.setattr(settings, "SIGNER_SOCKET", process.socket)
    monkeypatch.setattr(wire, "VERSION", 7)
    with pytest.raises(SignerVersion) as refused:
        signer_of(LOG).last()
    assert "version 5" in refused.value.text() and "version 7" in refused.value.text()


def test_a_signer_that_stops_ends_cleanly_and_its_absence_is_told(monkeypatch):
    with tempfile.TemporaryDirectory(prefix="ll-signer-") as folder:
        import grp

        group = grp.getgrgid(os.getgid()).gr_name
        own = SignerProcess(Path(folder))
        own.start("manage.py", "signer", LL_SIGNER_GROUP=group)
        assert stat.S_IMODE(os.stat(own.socket).st_mode) == 0o660
        assert own.end() == 0 and not os.path.exists(own.socket)
        monkeypatch.setattr(settings, "SIGNER_SOCKET", own.socket)
        with pytest.raises(SignerAway) as refused:
            signer_of(LOG).last()
        assert refused.value.status == 503 and own.socket in str(refused.value)
        assert own.socket not in refused.value.text()  # a page: nobody there needs the path
        Path(own.socket).write_text("no socket")
        child = own.spawn()
        assert "is no socket" in child.communicate(timeout=20)[0] and child.returncode == 1


def test_frozen_through_the_socket_and_resolved_by_the_signers_own_user(through_socket):
    log_id = "7" * 32
    freeze = signer_of(log_id).freeze
    found = Contradiction("证人", 3, 5, AT, "")
    freeze.set(found)
    assert freeze.read() == found
    question = ask(do="resolve", log=log_id, reason="mine", at=AT, overruled=True)
    assert told(through_socket.say(question))["problem"]["code"] == "bad_signer_request"
    assert freeze.read() == found
    words = ("-m", "ledger.signing", "resolve", log_id, "--reason", "restored", "--anyway")
    out, _ = through_socket.spawn(*words).communicate(timeout=20)
    kept = json.loads(Path(out.strip().rpartition(" ")[2]).read_text())
    assert freeze.read() is None and (kept["reason"], kept["overruled"]) == ("restored", True)
    assert not freeze.was_overruled(TreeHead(ORIGIN, 1, EMPTY_ROOT))
    again = through_socket.spawn(*words)
    assert "is not frozen" in again.communicate(timeout=20)[0] and again.returncode == 1
    said = through_socket.spawn(*words[:3], "8" * 32, *words[4:]).communicate(timeout=20)[0]
    assert "No log '888" in said and log_id in said and "Update" not in said


def test_a_log_is_frozen_by_its_own_signature_or_a_plain_word(through_socket):
    log_id = "9" * 32
    signer, origin = signer_of(log_id), f"example.test/ledger/{log_id}"
    signer.create(origin)
    one, other = bytes([1]) * 32, SecretKey(bytes(32))
    ours = signer.sign(TreeHead(origin, 1, one), None, None).decode()
    text = TreeHead(origin, 9, one).text()
    forged = Note(text, (sign_text(text, origin, other),)).to_bytes().decode()
    word = {"do": "freeze", "log": log_id, "witness": "w", "size": 0, "held": 1, "at": AT}
    word["ours"] = None
    for more, named in (
        ({"note": "garbage"}, ""),
        ({"note": forged, "held": 9}, "no known key"),
        ({"note": ours, "held": 2}, "held"),
        ({"note": "", "held": -1}, "held"),
        ({"note": "", "size": -1}, "size"),
        ({"note": "", "held": 2**63}, "held"),
        ({"note": "", "held": 10**4000}, "held"),
        ({"note": "", "witness": ""}, "witness"),
        ({"note": "", "witness": "a\nb"}, "witness"),
        ({"note": "", "witness": "w" * 401}, "witness"),
        ({"note": "", "at": "soon"}, "at"),
    ):
        answer = told(through_socket.say(ask(**word | more)))["problem"]
        assert answer["code"] == "bad_signer_request", (more, answer)
        assert named in answer["params"]["reason"], answer
        assert signer.freeze.read() is None
    # what it signed last proves nothing, and what it signed before is no more than a word
    said = told(through_socket.say(ask(**word | {"note": ours})))["problem"]
    assert said["code"] == "rollback_refused" and signer.freeze.read() is None
    two, own = node_hash(one, one), SecretKey((through_socket.keys / log_id / "seed").read_bytes())
    signer.sign(TreeHead(origin, 2, two), Growth(1, one, (one,)), None)
    taken = {"v": wire.VERSION, "answer": None}
    assert told(through_socket.say(ask(**word | {"note": ours}))) == taken
    assert not signer.freeze.read().proven
    (through_socket.keys / log_id / "frozen.json").unlink()
    text = TreeHead(origin, 1, two).text()
    past = Note(text, (sign_text(text, origin, own),)).to_bytes().decode()
    size_one = {"size": "1", "root": b64(one), "proof": [b64(one)]}
    for note, shown, is_proven in (
        (past, size_one, True),  # what it signed last goes on from another tree of one entry
        (ours, size_one, False),  # and from this one
        (past, size_one | {"root": b64(two)}, False),
        (past, size_one | {"proof": [b64(two)]}, False),
        (past, {"size": "0", "root": b64(EMPTY_ROOT), "proof": []}, False),
    ):
        assert told(through_socket.say(ask(**word | {"note": note, "ours": shown}))) == taken
        assert signer.freeze.read().proven == is_proven
        (through_socket.keys / log_id / "frozen.json").unlink()
    for size, root in ((2, one), (9, two)):  # another root at its size, or more than it signed
        text = TreeHead(origin, size, root).text()
        note = Note(text, (sign_text(text, origin, own),)).to_bytes().decode()
        assert told(through_socket.say(ask(**word | {"note": note, "held": size}))) == taken
        assert signer.freeze.read().proven
        (through_socket.keys / log_id / "frozen.json").unlink()


def test_a_word_without_proof_holds_a_day_from_when_it_was_said_last(through_socket, monkeypatch):
    """Whoever may ask the signer can say it: it does not outlast them by more."""
    log_id = "b" * 32
    freeze, kept = signer_of(log_id).freeze, Freeze(through_socket.keys / log_id)
    word, now = Contradiction("w", 3, 5, AT), datetime.now(UTC)
    freeze.set(word)
    freeze.set(Contradiction("another", 3, 4, AT))
    assert freeze.read() == word  # the one of more entries stays
    for hours, frozen in ((23, True), (25, False)):
        monkeypatch.setattr(freezing, "_now", lambda hours=hours: now + timedelta(hours=hours))
        assert (kept.read() is not None) == frozen
    kept.set(word)  # said again: another day
    monkeypatch.setattr(freezing, "_now", lambda: now + timedelta(hours=48))
    assert kept.read() == word
    (past,) = (through_socket.keys / log_id).glob("resolved-*.json")
    assert json.loads(past.read_bytes())["reason"] == "nobody said it again for a day"
    kept.set(Contradiction("w", 3, 5, AT, "a note"))
    kept.set(Contradiction("w", 3, 9, AT))
    monkeypatch.setattr(freezing, "_now", lambda: now + timedelta(days=400))
    assert kept.read().proven  # proof holds until the signer's own user resolves it


def test_a_log_is_signed_under_one_name(through_socket):
    """Another prefix before the same id is another log, whoever asks."""
    log_id = "a" * 32
    signer, origin = signer_of(log_id), f"example.test/ledger/{log_id}"
    signer.create(origin)
    signer.create_second(origin)
    stranger = f"another.test/ledger/{log_id}"
    for question in (
        lambda: signer.key(stranger),
        lambda: signer.create(stranger),
        lambda: signer.second_key(stranger),
        lambda: signer.sign(TreeHead(stranger, 1, EMPTY_ROOT), None, None),
    ):
        with pytest.raises(BadSignerRequest, match="not of this log"):
            question()
    assert signer.key(origin).name == origin


def test_the_signers_rules_hold_against_a_lying_caller(through_socket):
    """It goes by its own memory: whatever a caller claims was signed last, it proves nothing."""
    log_id = "8" * 32
    signer, origin = signer_of(log_id), f"example.test/ledger/{log_id}"
    signer.create(origin)
    one, other = bytes([1]) * 32, bytes([2]) * 32
    signer.sign(TreeHead(origin, 1, one), None, None)
    for claimed in (None, Growth(1, other, ()), Growth(2, one, ()), Growth(0, EMPTY_ROOT, ())):
        with pytest.raises(SignerMoved):
            signer.sign(TreeHead(origin, 1, other), claimed, None)
    for head in (
        TreeHead(origin, 1, other),
        TreeHead(origin, 2, other),
        TreeHead(origin, 0, EMPTY_ROOT),
    ):
        for proof in ((), (other,), (one, other)):
            with pytest.raises(RollbackRefused):
                signer.sign(head, Growth(1, one, proof), None)
    assert signer.last() == (1, one)
    with pytest.raises(BadSignerRequest):
        signer.vouch(b"example.test/ledger/x\n2\n")
