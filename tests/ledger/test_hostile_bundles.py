"""Bundles and words on the command line that were made to mislead: both verifiers say the same."""

import os
import subprocess
import sys
import zlib
from base64 import b64encode
from dataclasses import replace
from hashlib import sha256

import pytest

from ledger.core.blocks import CHECKPOINT, ITEMS
from ledger.core.bundle import END, HEADER, MAGIC
from ledger.core.checkpoints import Checkpoint
from ledger.core.hashing import leaf_hash
from ledger.core.keys import key_id
from ledger.core.leaves import Leaf
from ledger.core.notes import Note, sign_text
from ledger.core.tlog_proof import TlogProof
from ledger.verifier.__main__ import main
from tests.ledger.bundles import ENTRY, LOG_ID, SmallLog, bundle, forged, framed, secret
from tests.ledger.test_second_verifier import CLI, ROOT, both, by_node, by_python, comparable, node


class CountedLog(SmallLog):
    """Ends with a batch that states so many items, none of them shown, signed by a known key."""

    def __init__(self, count: int) -> None:
        self.count = count
        super().__init__()

    def _spoil(self) -> None:
        self.add(self.draft("document.issued", 77, {"a": "1"}), self.service)  # its key is ready
        plain = self.draft("payments.batch", 78, {"a": "1"})
        core = replace(
            plain.core(log_id=LOG_ID, device=key_id(self.service.public)),
            items_root=bytes(32),
            items_count=self.count,
        )
        leaf = Leaf(core, sha256(b"ct").digest(), self.service.sign(core.to_bytes())).to_bytes()
        self.records.append((ENTRY, leaf))
        self.frontier.append(leaf_hash(leaf))
        self.add(self.draft("document.issued", 79, {"a": "1"}), self.service)


@pytest.mark.parametrize("count", [2**63 - 1, 2**63, 10**19 - 1])
def test_both_refuse_a_count_that_no_number_of_the_format_holds(count):
    data = bundle(CountedLog(count).records, 40)
    (said,) = by_node([data])
    ours = by_python(data)
    assert comparable(said) == ours
    assert ours == {"lie": ("entry 16", "leaf")} if count >= 2**63 else "proven" in ours


def test_bytes_that_are_no_text_are_wrong_use_and_no_lie(tmp_path):
    log, path, policy = SmallLog(), tmp_path / "export", tmp_path / "policy"
    path.write_bytes(bundle(log.records))
    key = log.log_key.vkey()
    spoilt = [os.fsdecode(b"\xff"), f"{os.fsdecode(bytes([0xC3]))}{key}", key + "\udcff"]
    spoilt.append(key.replace("ledger", "ledg\udce9r"))
    for word in spoilt:
        policy.write_bytes(f"log {word}\nquorum none\n".encode("utf-8", "surrogateescape"))
        for given in (
            ["--log-key", word],
            ["--log-key", key, "--title-key", word],
            ["--log-key", key, "--policy", str(policy)],
            ["--log-key", key, "--policy", f"{tmp_path}/{word.replace('/', '')}"],
        ):
            assert main([str(path), *given]) == 2
    assert both(path, key=word)[0] == 2
    assert both(path, "--title-key", word, key=key)[0] == 2
    assert both(path, "--policy", str(policy), key=key)[0] == 2


def items_of(columns: bytes) -> bytes:
    """A compressed share of one item, whatever its columns hold."""
    plain = b'{"columns":%b,"places":[],"proof":"","salts":"%b","size":"1"}'
    return zlib.compress(plain % (columns, b64encode(bytes(16))), 9)


#: Runs a command and says its peak: of one that this process forks the peak begins with ours.
_WEIGH = """
import resource, subprocess, sys
said = subprocess.run(sys.argv[1:], stdout=subprocess.PIPE, text=True).stdout
print(resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024, said)
"""


def peak_of(*command: str) -> tuple[int, str]:
    """Peak memory of a command in MiB, and what it said."""
    weigh = [sys.executable, "-S", "-c", _WEIGH, *command]
    done = subprocess.run(weigh, cwd=ROOT, stdout=subprocess.PIPE, text=True, check=True)
    peak, _space, said = done.stdout.partition(" ")
    return int(peak), said


def test_what_keeps_the_verifier_from_an_answer_is_no_lie(tmp_path):
    """A terminal without the letters of a name; a machine without the memory."""
    file, leaf = tmp_path / "a.tlog-proof", tmp_path / "leaf"
    leaf.write_bytes(b"leaf")
    text = Checkpoint("exämple.test/密", 1, leaf_hash(b"leaf")).text()
    note = Note(text, (sign_text(text, "exämple.test/密", secret("l")),)).to_bytes()
    file.write_bytes(TlogProof(0, (), note).to_bytes())
    command = [sys.executable, "-m", "ledger.verifier", str(file), "--leaf", str(leaf)]
    environment = os.environ | {"PYTHONIOENCODING": "ascii"}
    done = subprocess.run(command, cwd=ROOT, env=environment, capture_output=True, text=True)
    assert done.returncode == 3, done.stderr
    assert "ex\\xe4mple.test" in done.stdout
    data = items_of(b'{"x":["%b"]}' % (b"a" * (60 << 20)))
    file.write_bytes(forged(SmallLog().records, ITEMS, 0, lambda _: data))
    limited = f"ulimit -v 250000; exec {sys.executable} -m ledger.verifier {file} --processes 1"
    done = subprocess.run(["sh", "-c", limited], cwd=ROOT, capture_output=True, text=True)
    assert (done.returncode, done.stdout) == (2, ""), done
    assert done.stderr == "not enough memory to read the file\n"


BOMBS = {
    "one text": (ITEMS, b'{"x":["%b"]}' % (b"a" * (16 << 20)), "the batch has"),
    "escapes": (ITEMS, b'{"x":["%b"]}' % (b"\\n" * (12 << 20)), "the batch has"),
    "texts": (ITEMS, b'{"x":["ab"' + b',"ab"' * (1 << 22) + b"]}", "4194304 texts"),
    "lists": (ITEMS, b"[" + b"[]," * (1 << 22) + b"[]]", "262144 lists"),
    "lines": (CHECKPOINT, b"ab\n" * (1 << 22), "a note has at most 1048576 bytes"),
}


@pytest.mark.parametrize("name", BOMBS)
def test_no_file_takes_much_more_memory_than_its_bytes(name, tmp_path):
    """Measured beside this process's own 300 MiB, which a child begins with."""
    kind, data, detail = BOMBS[name]
    path = tmp_path / "export"
    path.write_bytes(
        forged(SmallLog().records, kind, 0, lambda _: items_of(data) if kind == ITEMS else data)
    )
    python, ours = peak_of(sys.executable, "-m", "ledger.verifier", str(path), "--processes", "1")
    javascript, theirs = peak_of(node(), str(CLI), str(path))
    assert detail in ours
    assert ours.split(": ")[:2] == theirs.split(": ")[:2]
    assert max(python, javascript) < 520


@pytest.mark.parametrize(("kind", "size"), [(HEADER, 1 << 23), (END, 1 << 10)])
def test_a_header_or_end_is_not_even_read_beyond_what_it_may_hold(kind, size):
    for more, part in ((0, "header" if kind == HEADER else "end"), (1, "format")):
        log = SmallLog()
        good = bundle(log.records)
        at = len(MAGIC) if kind == HEADER else good.rindex(b"Z\0\0\0")
        data = good[:at] + framed(kind, b"[" * (size + more))
        (said,) = by_node([data])
        assert comparable(said) == by_python(data)
        assert by_python(data)["lie"][1] == part
