"""The offline verifier proves a good bundle and names the first lie of every other."""

import io
import subprocess
import sys
from pathlib import Path

import pytest

from ledger.core.blocks import CHECKPOINT, FIELDS, ITEMS, PAYLOAD
from ledger.core.bundle import HEADER
from ledger.core.hashing import leaf_hash
from ledger.core.leaves import Leaf
from ledger.core.notes import ED25519, ED25519_COSIGNATURE, NoteKey
from ledger.verifier.__main__ import main
from ledger.verifier.check import Lie, verify_bundle
from ledger.verifier.pool import SMALL, verify_file
from tests.ledger.bundles import ENTRY, ORIGIN, SmallLog, bundle, forged, secret

ROOT = Path(__file__).resolve().parents[2]
SEVEN = "checkpoint of 7 entries"


@pytest.fixture(scope="module")
def log():
    return SmallLog()


@pytest.fixture(scope="module")
def good(log):
    return bundle(log.records)


def lie_of(data: bytes, **options) -> Lie:
    with pytest.raises(Lie) as caught:
        verify_bundle(io.BytesIO(data), **options)
    return caught.value


def test_a_good_bundle_is_proven(log, good):
    report = verify_bundle(io.BytesIO(good), pinned=log.log_key)
    assert (report.entries, report.tape_rows, report.checkpoints) == (15, 5, 2)
    assert (report.signatures, report.items, report.shown_fields) == (10, 3, 1)
    assert report.root == log.frontier.root()
    assert report.cosigners == {"example.test/w"}
    assert report.bytes_read == len(good)


def replace(old: bytes, new: bytes):
    def change(data: bytes) -> bytes:
        assert data.count(old) >= 1
        return data.replace(old, new, 1)

    return change


def other_signature(data: bytes) -> bytes:
    leaf = Leaf.parse(data)
    core = leaf.core
    return Leaf(core, leaf.ct_sha256, secret("x").sign(core.to_bytes())).to_bytes()


def other_ciphertext(data: bytes) -> bytes:
    leaf = Leaf.parse(data)
    return Leaf(leaf.core, bytes(32), leaf.signature, leaf.row).to_bytes()


def other_path(data: bytes) -> bytes:
    leaf = Leaf.parse(data)
    row = type(leaf.row)(leaf.row.rid, leaf.row.index, (bytes(32), *leaf.row.path[1:]))
    return Leaf(leaf.core, leaf.ct_sha256, None, row).to_bytes()


@pytest.mark.parametrize(
    ("kind", "number", "change", "where", "part"),
    [
        (ENTRY, 6, other_signature, "entry 6", "dev_sig"),
        (ENTRY, 6, other_ciphertext, "checkpoint of 7 entries", "checkpoint"),
        (ENTRY, 9, other_path, "entry 9", "batch"),
        (ENTRY, 9, replace(b'"index":"1"', b'"index":"2"'), "entry 9", "batch"),
        (ENTRY, 6, replace(b"08:00", b"09:00"), "entry 6", "dev_sig"),
        (ENTRY, 8, replace(b"08:00", b"09:00"), "entry 8", "batch"),
        (ENTRY, 6, replace(b"f" * 32, b"e" * 32), "entry 6", "tenant_log"),
        (ENTRY, 6, replace(b"lease-leaf/1", b"lease-leaf/2"), "entry 6", "leaf"),
        (ENTRY, 6, replace(b'"prev":null', b'"prev": null'), "entry 6", "leaf"),
        (ENTRY, 6, replace(b'"prev":null,', b""), "entry 6", "leaf"),
        (PAYLOAD, 6, replace(b"LSV1", b"LSV2"), "entry 6", "fields_root"),
        (PAYLOAD, 6, replace(b'"salts":"', b'"salts":"AAAA'), "entry 6", "fields_root"),
        (PAYLOAD, 6, replace(b'"salts":', b'"salts": '), "entry 6", "payload"),
        (PAYLOAD, 2, replace(b"device", b"xevice"), "entry 2", "fields_root"),
        (FIELDS, 0, replace(b'"value":"2"', b'"value":"3"'), "entry 14", "fields_root"),
        (FIELDS, 0, replace(b'"name":"b"', b'"name":"c"'), "entry 14", "fields_root"),
        (ITEMS, 0, lambda data: data[:-1], "entry 13", "items"),
        (
            CHECKPOINT,
            0,
            replace(b" example.test/w ", b" example.test/v "),
            "checkpoint of 7 entries",
            "checkpoint",
        ),
        (
            CHECKPOINT,
            0,
            lambda data: data + data[data.index(b"\n\n") + 2 :],
            "checkpoint of 7 entries",
            "checkpoint",
        ),
        (CHECKPOINT, 0, replace(b"\n7\n", b"\n8\n"), "checkpoint of 7 entries", "checkpoint"),
        (CHECKPOINT, 1, replace(b"\n15\n", b"\n16\n"), "checkpoint of 15 entries", "checkpoint"),
        (HEADER, 0, replace(b"ledger/f", b"ledger/e"), "header", "header"),
    ],
)
def test_each_forgery_is_named(log, kind, number, change, where, part):
    lie = lie_of(forged(log.records, kind, number, change))
    assert (lie.where, lie.part) == (where, part)


def entries_of(records):
    return [place for place, record in enumerate(records) if record[0] == ENTRY]


def whole(records, number):
    """The slice of an entry with all its parts."""
    places = [*entries_of(records), len(records)]
    return slice(places[number], places[number + 1])


@pytest.mark.parametrize("number", range(15))
def test_an_entry_left_out_is_noticed(log, number):
    records = list(log.records)
    del records[whole(records, number)]
    lie_of(bundle(records))


@pytest.mark.parametrize("number", range(14))
def test_two_entries_swapped_are_noticed(log, number):
    records = log.records
    one, two = whole(records, number), whole(records, number + 1)
    swapped = [*records[: one.start], *records[two], *records[one], *records[two.stop :]]
    lie_of(bundle(swapped))


def test_an_entry_given_twice_and_one_under_no_checkpoint_are_noticed(log):
    place = whole(log.records, 6)
    twice = [*log.records[: place.stop - 1], *log.records[place.start :]]
    assert lie_of(bundle(twice)).where == "checkpoint of 8 entries"
    assert lie_of(bundle(log.records[:-1])).part == "end"


def test_another_log_key_and_a_forged_log_are_refused(log, good):
    other = NoteKey(ORIGIN, ED25519, secret("x").public)
    assert lie_of(good, pinned=other).where == "header"
    forger = forged(
        log.records, HEADER, 0, replace(log.log_key.vkey().encode(), other.vkey().encode())
    )
    assert lie_of(forger).where == "checkpoint of 7 entries"


def test_keys_must_show_themselves(log):
    records = [record for record in log.records if record[0] != PAYLOAD]
    lie = lie_of(bundle(records))
    assert (lie.where, lie.part) == ("entry 0", "device")


def test_every_flipped_bit_is_named(log, good):
    items = next(data for kind, data in log.records if kind == ITEMS)
    unused = good.index(items) + len(items) - 5  # deflate's last byte has bits that say nothing
    step = 23  # coprime to 8: every part of every record is met
    for bit in range(0, len(good) * 8, step * 8 + 1):
        bad = bytearray(good)
        bad[bit // 8] ^= 1 << (bit % 8)
        if bit // 8 != unused:
            assert str(lie_of(bytes(bad), portable=False))


def test_a_flipped_bit_in_an_entry_names_that_entry(log, good):
    at = 0
    for index, place in enumerate(entries_of(log.records)):
        leaf = log.records[place][1]
        at = good.index(leaf, at)
        bad = bytearray(good)
        bad[at + len(leaf) // 2] ^= 4
        lie = lie_of(bytes(bad))
        assert (lie.where, lie.part) == (f"entry {index}", "hash")


def test_every_cut_is_noticed(good):
    for size in [*range(40), *range(40, len(good), 97), len(good) - 1]:
        lie_of(good[:size])
    lie_of(good + b"x")
    lie_of(good + good)


def test_command_line(log, good, tmp_path, capsys):
    path = tmp_path / "export"
    path.write_bytes(good)
    assert main([str(path), "--log-key", log.log_key.vkey()]) == 0
    assert "PROVEN" in capsys.readouterr().out
    assert main([str(path)]) == 3
    said = capsys.readouterr().out
    assert "HOLDS TOGETHER" in said and "whose log this is" in said
    path.write_bytes(good[:-1])
    assert main([str(path)]) == 1
    assert main([str(tmp_path / "none")]) == 2
    for nonsense in ("nonsense", ""):
        assert main([str(path), "--log-key", nonsense]) == 2


def test_a_policy_pins_the_log_and_asks_for_a_quorum(log, good, tmp_path, capsys):
    path, policy = tmp_path / "export", tmp_path / "policy"
    path.write_bytes(good)
    stranger = NoteKey("example.test/z", ED25519_COSIGNATURE, secret("z").public)
    lines = [
        f"log {log.log_key.vkey()}",
        f"witness w {log.witness_key.vkey()}",
        f"witness z {stranger.vkey()}",
    ]

    def run(*more: str) -> int:
        policy.write_text("\n".join([*lines, *more, ""]))
        return main([str(path), "--policy", str(policy)])

    assert run("quorum w") == 0
    said = capsys.readouterr().out
    assert f'cosigned by "{log.witness_key.name}"' in said and "the file" not in said
    assert main([str(path), "--log-key", log.log_key.vkey()]) == 0
    said = capsys.readouterr().out  # the file alone says whose key it is
    assert f'cosigned by a key that the file calls "{log.witness_key.name}"' in said
    assert "who cosigned: the names are the file's word" in said
    assert run("group both all w z", "quorum both") == 1
    assert "too few witnesses cosigned" in capsys.readouterr().out
    assert run("quorum nobody") == 2
    lines[0] = f"log {NoteKey(ORIGIN, ED25519, secret('x').public).vkey()}"
    assert run("quorum none") == 1
    assert main([str(path), "--policy", str(tmp_path / "none")]) == 2


def test_it_runs_with_the_standard_library_and_pycryptodome_only(good, tmp_path):
    path = tmp_path / "export"
    path.write_bytes(good)
    program = (
        "import sys, runpy\n"
        "banned = ('django', 'cryptography', 'nacl', 'numpy', 'rfc8785', 'psycopg')\n"
        "sys.modules.update(dict.fromkeys(banned))\n"
        f"sys.argv = ['verifier', {str(path)!r}]\n"
        "runpy.run_module('ledger.verifier', run_name='__main__')\n"
    )
    done = subprocess.run([sys.executable, "-c", program], cwd=ROOT, capture_output=True, text=True)
    assert done.returncode == 3, done.stdout + done.stderr
    assert "15, root" in done.stdout


@pytest.fixture(scope="module")
def long(log):
    """The same log, its last entry thousands of times: enough for several processes."""
    records = list(log.records[:-1])
    leaf = log.records[entries_of(log.records)[6]][1]
    records += [(ENTRY, leaf)] * 3000
    frontier = log.frontier.copy()
    for _number in range(3000):
        frontier.append(leaf_hash(leaf))
    return [*records, (CHECKPOINT, log.signed(frontier))]


@pytest.mark.parametrize("processes", [1, 2, 3])
def test_several_processes_prove_the_same(log, long, tmp_path, processes):
    path = tmp_path / "export"
    path.write_bytes(bundle(long, 100))
    assert path.stat().st_size > SMALL
    report = verify_file(path, pinned=log.log_key, portable=False, processes=processes)
    assert (report.entries, report.signatures, report.checkpoints) == (3015, 3010, 2)
    assert (report.processes, report.bytes_read) == (processes, path.stat().st_size)


def test_several_processes_name_the_same_first_lie(log, long, tmp_path):
    path = tmp_path / "export"
    places = entries_of(long)
    for one, other in [(2999, 700), (700, 2999), (701, 700), (3014, 0), (4, 2000)]:
        records = list(long)
        for number in (one, other):
            records[places[number]] = (ENTRY, other_signature(records[places[number]][1]))
        path.write_bytes(bundle(records, 100))
        with pytest.raises(Lie) as caught:
            verify_file(path, portable=False, processes=2)
        assert str(caught.value) == str(lie_of(path.read_bytes(), portable=False))
        assert caught.value.where == f"entry {min(one, other)}"
    cut = bundle(long, 100)[:-700_000]
    path.write_bytes(cut)
    with pytest.raises(Lie) as caught:
        verify_file(path, portable=False, processes=2)
    assert str(caught.value) == str(lie_of(cut, portable=False))


def test_the_tree_alone_says_so(log, long, tmp_path, capsys):
    path = tmp_path / "export"
    place = entries_of(long)[2000]
    spoilt = [*long[:place], (ENTRY, other_signature(long[place][1])), *long[place + 1 :]]
    path.write_bytes(bundle(spoilt, 100))
    key = ["--log-key", log.log_key.vkey()]
    assert main([str(path), *key, "--tree-only"]) == 1
    path.write_bytes(bundle(long, 100))
    assert main([str(path), *key, "--tree-only"]) == 0
    assert "not checked   signatures of entries" in capsys.readouterr().out
