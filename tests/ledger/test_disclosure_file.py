"""Chosen fields of one entry, in a file that anybody proves offline, with two verifiers."""

import json
import random
import subprocess
import sys
import uuid
from dataclasses import replace

import pytest
from django.conf import settings
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.canonical import canonical_bytes, parse_canonical
from ledger.core.disclosed import DisclosureFile
from ledger.core.encoding import b64, unb64
from ledger.core.keys import KeyRole
from ledger.core.notes import NoteKey
from ledger.log_keys import own_handovers, own_log_keys
from ledger.rotation.log_key import retire_log_keys, rotate_log_key
from ledger.rotation.secrets import rotate_signing_key
from ledger.services.disclosure import disclosure_file
from ledger.verifier.disclosure import verify_disclosed
from ledger.verifier.state import Lie
from tests.ledger.stage import AT, append, exchange, make_stage
from tests.ledger.test_second_verifier import CLI, by_node, node

LEASE, LATE = 6, 13


@pytest.fixture
def shown(cast, monkeypatch):
    """`shown.row` of a tape, `shown.single` and the log's key."""
    stage = make_stage(cast, monkeypatch)
    append(stage)
    with tenant_context(stage.lessor):
        services.append_batch(
            kind="payments.batch", rid=uuid.uuid4(), items={"lease_rid": ["x"]}, at=AT,
            fields={"month": "10", "lines": "1", "note": "密"},
        )  # fmt: skip
    exchange(stage)
    with tenant_context(stage.lessor):
        stage.key = own_log_keys().newest
        stage.row = disclosure_file(index=LEASE, names=["vin"])
        stage.single = disclosure_file(index=LATE + 1, names=["month", "note"])
    return stage


def by_python(data: bytes, pinned=()) -> str | None:
    """The part that does not hold, or None."""
    try:
        verify_disclosed(data, pinned=pinned)
    except Lie as lie:
        return lie.part
    return None


def parts_by_node(files: list[bytes]) -> list[str | None]:
    return [said.get("lie", {}).get("part") for said in by_node(files)]


def test_both_verifiers_prove_what_is_shown_and_no_more(shown):
    found = verify_disclosed(shown.single, pinned=[shown.key])
    assert found.fields == {"month": "10", "note": "密"}
    assert (found.index, found.hidden, found.leaf.core.kind) == (LATE + 1, 1, "payments.batch")
    assert {key.name.rpartition("/")[2] for key in found.cosigned} == {"cosigner"}
    assert b"lines" not in shown.single
    row = verify_disclosed(shown.row)
    assert row.fields == {"vin": "VIN1"} and row.leaf.row is not None
    one, two = (said["proven"] for said in by_node([shown.single, shown.row]))
    assert one["fields"] == [["month", "10"], ["note", "密"]]
    assert (one["index"], one["hidden"], one["logKey"]) == (str(LATE + 1), 1, shown.key.vkey())
    assert two["fields"] == [["vin", "VIN1"]]
    other = NoteKey(shown.key.name, 1, bytes(31) + b"\x01")
    assert by_python(shown.single, [other]) == "header"


def test_the_command_tells_what_is_proven_and_what_not(shown, tmp_path):
    path = tmp_path / "entry.disclosure"
    path.write_bytes(shown.single)

    def run(*more):
        command = [sys.executable, "-m", "ledger.verifier", str(path), *more]
        return subprocess.run(command, capture_output=True, text=True)

    done = run("--log-key", shown.key.vkey())
    assert done.returncode == 0, done.stdout + done.stderr
    assert "PROVEN" in done.stdout and "month = '10'" in done.stdout
    assert "revoked" in done.stdout
    assert "cosigned by a key that the file calls" in done.stdout
    assert run().returncode == 3
    said = subprocess.run([node(), str(CLI), str(path)], capture_output=True, text=True)
    assert said.returncode == 3
    for line in (
        '  field         month = "10"\n',
        "whether the signer's key was revoked",
        "whether a later entry corrects",
        "the fields that are not shown, or whether one of them has the name of one that is",
    ):
        assert line in said.stdout
    path.write_bytes(shown.single.replace(b'"value":"10"', b'"value":"11"'))
    done = run("--log-key", shown.key.vkey())
    assert done.returncode == 1 and "LIE    file: fields" in done.stdout


def _flipped(text: str) -> str:
    data = bytearray(unb64(text))
    data[len(data) // 2] ^= 1
    return b64(bytes(data))


def _changes(members):
    """Every named lie, as (part that both name, changed members)."""
    field = members["fields"]["shown"][0]

    def with_field(**change):
        rest = members["fields"]["shown"][1:]
        return members["fields"] | {"shown": [field | change, *rest]}

    yield "fields", {"fields": with_field(value=field["value"] + "0")}
    yield "fields", {"fields": with_field(name=field["name"] + "0")}
    yield "fields", {"fields": with_field(salt=_flipped(field["salt"]))}
    yield "fields", {"fields": with_field(place="7")}
    yield "fields", {"fields": members["fields"] | {"size": "9"}}
    yield "fields", {"fields": members["fields"] | {"proof": ""}}
    yield "fields", {"fields": members["fields"] | {"shown": []}}
    ts = '"ts":"2026'
    yield "leaf", {"leaf": members["leaf"].replace(ts, '"ts":"2025')}
    yield "leaf", {"leaf": members["beside"][0]["leaf"]}
    yield "leaf", {"proof": members["proof"].replace("index 14", "index 13")}
    yield "checkpoint", {"proof": members["proof"].replace("\nindex ", "\nextra QQ==\nindex ")}
    yield "checkpoint", {"proof": members["proof"].replace("\n15\n", "\n16\n")}
    yield "checkpoint", {"cosigners": members["cosigners"][1:]}
    yield "device", {"beside": [members["beside"][0] | {"index": "1"}, *members["beside"][1:]]}
    yield "device", {"beside": members["beside"][::-1]}
    yield "device", {"beside": [members["beside"][0] | {"fields": None}]}
    yield "dev_sig", {"beside": []}
    yield "format", {"v": "lease-disclosure/2"}
    yield "format", {"more": ""}
    yield "header", {"log_key": members["cosigners"][0] + "="}


def test_every_named_lie_is_found_by_both_in_the_same_part(shown):
    members = parse_canonical(shown.single)
    lies = list(_changes(members))
    files = [canonical_bytes(members | change) for _, change in lies]
    wanted = [part for part, _ in lies]
    assert [by_python(data) for data in files] == wanted
    assert parts_by_node(files) == wanted


def test_no_byte_of_a_file_can_be_altered(shown):
    random.seed(20261126)
    files = []
    for data in (shown.single, shown.row):
        for at in random.sample(range(len(data)), 120):
            changed = bytes([data[at] ^ 1 << random.randrange(8)])
            files.append(data[:at] + changed + data[at + 1 :])
        files += [data[:-1], data + b" ", b" " + data, data[: len(data) // 2]]
    ours, theirs = [by_python(data) for data in files], parts_by_node(files)
    assert None not in ours
    assert ours == theirs


def test_fields_of_one_entry_do_not_prove_another(shown):
    one, two = DisclosureFile.parse(shown.single), DisclosureFile.parse(shown.row)
    mixed = [
        replace(one, shown=two.shown).to_bytes(),
        replace(one, leaf=two.leaf).to_bytes(),
        replace(one, proof=two.proof).to_bytes(),
        replace(two, beside=one.beside).to_bytes(),  # without the tape
    ]
    assert [by_python(data) for data in mixed] == ["fields", "leaf", "leaf", "batch"]
    assert parts_by_node(mixed) == ["fields", "leaf", "leaf", "batch"]


def test_who_may_take_fields_out_of_the_house(shown, client_of, cast):
    url = f"/ledger/entries/{LATE + 1}/disclosure"
    manager = client_of(cast.manager, shown.lessor)
    answer = manager.post(url, {"field": ["month", "nothing"]})
    assert answer["Content-Disposition"].endswith(f'entry-{LATE + 1}.disclosure"')
    assert verify_disclosed(answer.content, pinned=[shown.key]).fields == {"month": "10"}
    assert json.loads(answer.content)["v"] == "lease-disclosure/1"
    assert manager.post(url, {}).headers["Location"] == f"/ledger/entries/{LATE + 1}/"
    assert manager.get(url).status_code == 405
    assert client_of(cast.officer, shown.lessor).post(url, {"field": "month"}).status_code == 403
    page = manager.get(f"/ledger/entries/{LATE + 1}/").content.decode()
    assert "Disclose the chosen fields" in page


def test_whoever_pinned_a_key_that_handed_over_is_led_to_the_new_one(shown):
    with tenant_context(shown.lessor):
        rotate_signing_key(KeyRole.SERVICE, at=AT)  # signs the change, enrolled after the entry
        rotate_log_key(at=AT)
        retire_log_keys()
        rotate_log_key(at=AT)
        retire_log_keys()
        keys = own_log_keys()
        data = disclosure_file(index=LATE + 1, names=["note"])  # older than both changes
    for pinned in keys.all:
        assert by_python(data, [pinned]) is None
    members = parse_canonical(data)
    assert members["log_key"] == keys.newest.vkey()
    places = [at for at, item in enumerate(members["beside"]) if "log.key_rotated" in item["leaf"]]
    assert len(places) == 2
    beside = members["beside"]
    cut = [
        canonical_bytes(members | {"beside": [*beside[:gone], *beside[gone + 1 :]]})
        for gone in places
    ]
    assert by_node([data, *cut])[0]["proven"]["logKeys"] == [key.vkey() for key in keys.all]
    # the first change is of use only to whoever pinned the first key
    assert [by_python(one) for one in cut] == parts_by_node(cut) == [None, "device"]
    assert by_python(cut[0], [keys.first]) == "header"


_LEADS = """
import { readFileSync } from "node:fs";
import { leadsTo } from "%s/verify/handover.js";
const { asked, handovers } = JSON.parse(readFileSync(0));
const said = ([from, to]) => leadsTo(from, to, handovers).catch((error) => error.message);
console.log(JSON.stringify(await Promise.all(asked.map(said))));
"""


def test_a_browser_and_a_phone_are_led_by_what_the_old_key_signed(shown):
    with tenant_context(shown.lessor):
        for _ in range(2):
            rotate_log_key(at=AT)
            retire_log_keys()
        handovers, keys = own_handovers(), [key.vkey() for key in own_log_keys().all]
    script = _LEADS % (settings.BASE_DIR / "ledger/static/ledger")

    def led(told, *asked):
        command = [node(), "--input-type=module", "-e", script]
        question = json.dumps({"asked": asked, "handovers": told})
        done = subprocess.run(command, input=question, capture_output=True, text=True, check=True)
        return json.loads(done.stdout)

    first, second, third = keys
    asked = [(first, third), (first, second), (second, third), (third, third), (third, first)]
    assert led(handovers, *asked) == [True, True, True, True, False]
    assert led(handovers[1:], (first, third), (second, third)) == [False, True]
    moved = [handovers[0] | {"index": "99"}, handovers[1]]
    assert led(moved, (first, third))[0] is not True
    forged = [handovers[0] | {"new": third}, handovers[1]]
    assert led(forged, (first, third))[0] is not True
