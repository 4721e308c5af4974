"""Both verifiers away from home: without libraries, from a pipe, with files to choke on."""

import os
import shutil
import subprocess
import sys
from pathlib import Path

from tests.ledger.bundles import SmallLog, bundle
from tests.ledger.test_second_verifier import CLI, ROOT, node

LONG = """
import { rootFromPartial } from "%s/merkle.js";
let moved = 0;
for (const name of ["shift", "splice"]) {
  const does = Array.prototype[name];
  Array.prototype[name] = function (...given) {
    moved += this.length;
    return does.apply(this, given);
  };
}
const [count, step] = [2000, 64];
const [places, proof] = [Array.from({ length: count }, (_, i) => i * step), new Array(count * 7)];
const hashes = places.map(() => new Uint8Array(32));
await rootFromPartial(count * step, places, hashes, proof.fill(new Uint8Array(32))).catch(
  (error) => console.log(error.message, moved),
);
"""


def said(command: list[str], **options) -> tuple[int, str]:
    done = subprocess.run(command, capture_output=True, text=True, **options)
    return done.returncode, done.stdout + done.stderr


def test_a_pipe_is_read_as_a_file_is():
    data = bundle(SmallLog().records)
    for command in ([sys.executable, "-m", "ledger.verifier"], [node(), str(CLI)]):
        done = subprocess.run([*command, "/dev/stdin"], input=data, capture_output=True, cwd=ROOT)
        assert done.returncode == 3
        assert b"HOLDS TOGETHER" in done.stdout


def test_what_is_not_installed_is_no_lie(tmp_path):
    path = tmp_path / "export.leaseledger"
    path.write_bytes(bundle(SmallLog().records))
    shutil.copytree(CLI.parent, tmp_path / "away")
    alone = [node(), str(tmp_path / "away" / "cli.mjs"), str(path)]
    assert "ML-DSA" not in said(alone, cwd=tmp_path)[1]
    path.write_bytes(bundle(SmallLog(seed=2).records))  # with cosignatures by ML-DSA-44
    code, told = said(alone, cwd=tmp_path)
    assert code == 2
    assert "npm install @noble/post-quantum" in told
    bare = [sys.executable, "-S", "-m", "ledger.verifier", str(path)]  # -S: no packages
    code, told = said(bare, cwd=ROOT)
    assert code == 2
    assert "pip install pycryptodome" in told


def test_a_long_partial_proof_is_read_once():
    program = LONG.replace("%s", CLI.parent.as_uri())
    code, told = said([node(), "--input-type=module", "-e", program], cwd=ROOT)
    assert code == 0
    words, moved = told.strip().rsplit(" ", 1)
    assert words == "the partial proof is too long"
    assert int(moved) < 14_000  # elements; taking each from the front moves a hundred million


def test_a_file_without_end_is_read_to_where_it_can_be_judged(tmp_path):
    """Sparse: five gigabytes of zeros behind a first line; a process may have one."""
    log = SmallLog()
    leaf = tmp_path / "entry.leaf"
    leaf.write_bytes(b"leaf")
    for start, name in ((b"c2sp.org/tlog-proof@v1\n", "x.tlog-proof"), (b'{"v":"', "x.disclosure")):
        path = tmp_path / name
        path.write_bytes(start)
        os.truncate(path, 5 << 30)
        more = ["--leaf", str(leaf)] if name.endswith("proof") else []
        weigh = (
            "import resource, subprocess, sys; code = subprocess.run(sys.argv[1:]).returncode; "
            "print(code, resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss // 1024)"
        )
        command = [node(), str(CLI), str(path), *more, log.log_key.vkey()]
        weighed = subprocess.run([sys.executable, "-c", weigh, *command], stdout=subprocess.PIPE)
        code, peak = map(int, weighed.stdout.split()[-2:])
        assert code in (1, 2)
        assert peak < 700
        assert Path(path).stat().st_blocks < 100
