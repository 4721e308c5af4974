"""Files of title proofs: both verifiers say the same of good and of broken ones."""

import random
import subprocess
import sys
import uuid
from dataclasses import replace
from hashlib import sha256

import pytest
from django_tenants.utils import tenant_context

from ledger import services
from ledger.core.canonical import canonical_bytes, parse_canonical
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.title_map import MapProof
from ledger.core.title_proof import MAX_ANSWERS, MAX_BYTES, TitleProof
from ledger.core.title_root import FIELDS, KIND, SignedRoot
from ledger.drafts import Draft
from ledger.services.disclosure import disclosure_file
from ledger.titles.keys import root_key
from ledger.verifier.state import Lie
from ledger.verifier.title import prove_title
from tests.ledger.test_second_verifier import by_node
from tests.ledger.title_desk import AT, BY, ask, by_command, key_of


def broken_files(data: bytes):
    """Good files turned into lies, by the part that should name each."""
    good = parse_canonical(data)
    [answer] = good["answers"]

    def with_(part, **changes):
        return part, canonical_bytes({**good, **changes})

    def answering(part, **changes):
        return with_(part, answers=[{**answer, **changes}])

    yield answering("map", right="ownership")
    yield answering("map", identifier="VIN:ANOTHER")
    yield answering("map", commitment=None, opening=None)
    yield answering("map", opening={**answer["opening"], "holder": str(BY)})
    yield answering("map", opening={**answer["opening"], "since": "2"})
    yield answering("map", siblings=[])
    yield answering("map", bitmap="A" * 43 + "=")
    yield answering("format", bitmap="AA==")
    yield answering("format", opening="held")
    yield answering("format", more="")
    yield with_("format", more="")
    yield with_("format", answers=answer)
    yield with_("format", v="title-proof/2")
    yield with_("format", entry="none")
    fields = good["entry"]["fields"]
    hidden = {**fields, "shown": fields["shown"][1:]}
    yield with_("fields", entry={**good["entry"], "fields": hidden})
    yield with_("leaf", entry={**good["entry"], "leaf": good["entry"]["leaf"].replace("a", "b")})


def test_each_way_to_break_a_file_is_named(proven):
    data = bytes(ask(proven.trust, proven.one).file)
    assert TitleProof.parse(data).to_bytes() == data
    parts, files = zip(*broken_files(data), strict=True)
    for part, broken in zip(parts, files, strict=True):
        with pytest.raises(Lie) as lie:
            prove_title(broken, pinned=[key_of(proven.trust)])
        assert lie.value.part == part, lie.value
    said = by_node([*files, data])  # the second verifier, written apart
    assert [one.get("lie", {}).get("part") for one in said] == [*parts, None]
    assert (said[-1]["proven"]["verdict"], said[-1]["proven"]["epoch"]) == ("held", "1")


def test_both_verifiers_agree_on_turned_bytes(proven):
    """Any byte of a file, replaced: both refuse, in the same part."""
    data = bytes(ask(proven.anda, proven.one).file)
    chance, files = random.Random(20261126), [data]
    for _number in range(60):
        broken = bytearray(data)
        broken[chance.randrange(len(data))] = chance.choice(b'Aa0/"z')
        files.append(bytes(broken))
    by_python = []
    for file in files:
        try:
            by_python.append(prove_title(file).verdict)
        except Lie as lie:
            by_python.append(lie.part)
    said = by_node(files)
    assert [
        s["proven"]["verdict"] if "proven" in s else s["lie"]["part"] for s in said
    ] == by_python
    assert by_python[0] == "taken" and set(by_python[1:]) - {"taken"}
    with pytest.raises(Lie, match="format"):
        prove_title(data + b"\n")


ROOTS = {  # what the key of an attacker signs on a ledger of his own
    "2024-02-29T23:59:59.999999Z": None,
    "2025-02-29T00:00:00.000000Z": "root",
    "2026-13-01T00:00:00.000000Z": "root",
    "2026-11-02T24:00:00.000000Z": "root",
    "0000-11-02T08:00:00.000000Z": "root",
    "٢٠٢٦-11-02T08:00:00.000000Z": "root",
    "2026-11-02T08:00:00.00000０Z": "root",
    "a\x00b": "root",
    "a\x01b": "root",
    "a\x85b": "root",
    "a\x7fb": None,
}


def signed_by_another(proven, word) -> dict[str, str]:
    """The fields of a root of the attacker's: at an instant, or under a key of this name."""
    other, is_instant = SecretKey(b"z" * 32), word.endswith("Z")
    name, sealed_at = ("x/titles", word) if is_instant else (word, AT)
    data = b"\x01" + other.public
    number = sha256(f"{name}\n".encode() + data).digest()[:4].hex()
    root = replace(proven.signed.root, origin=name, sealed_at=sealed_at)
    fields = SignedRoot(root, root_key(), other.sign(root.text().encode())).fields()
    return {**fields, "key": f"{name}+{number}+{b64(data)}"}


def test_both_verifiers_agree_on_roots_that_an_attacker_signs(proven):
    answers = TitleProof.parse(bytes(ask(proven.trust, proven.two).file)).answers
    with tenant_context(proven.trust):
        entries = services.append_entries(
            drafts=[
                Draft.service(
                    kind=KIND, rid=uuid.uuid4(), fields=signed_by_another(proven, word), ts=AT
                )
                for word in ROOTS
            ]
        )
        services.seal_checkpoint(at=AT)
        files = [
            TitleProof(answers, disclosure_file(index=entry.index, names=FIELDS)).to_bytes()
            for entry in entries
        ]
    by_python = []
    for file in files:
        try:
            prove_title(file)
            by_python.append(None)
        except Lie as lie:
            by_python.append(lie.part)
    assert by_python == list(ROOTS.values())
    assert [said.get("lie", {}).get("part") for said in by_node(files)] == by_python


def test_the_largest_file_that_is_made_is_read_by_both_commands(proven, tmp_path):
    """The mark stands at the end of a file: it is looked for in all of it."""
    [answer] = TitleProof.parse(bytes(ask(proven.trust, proven.one).file)).answers
    depth = 33  # of 2^27 rights about 27 hashes stand beside a way, rarely more than these
    largest = replace(
        answer,
        right="receivables-or-more",
        identifier="PLATE:" + "牌" * 74,  # as long as a watched one may be
        proof=MapProof(bytes(32), (bytes(32),) * depth),
        opening=replace(answer.opening, since=10**9),
    )
    one, two = (
        len(TitleProof(answers, b"{}").to_bytes()) for answers in ((largest,), (largest, largest))
    )
    assert (two - one) * MAX_ANSWERS < 0.85 * MAX_BYTES
    path = tmp_path / "large.title-proof"
    filled = b'{"answers":["%b"],"entry":{},"v":"title-proof/1"}'
    for size, said in ((1 << 25, "an answer has other members"), (MAX_BYTES, "it is longer than")):
        path.write_bytes(filled % (b"A" * size))
        python = subprocess.run(
            [sys.executable, "-m", "ledger.verifier", str(path)],
            capture_output=True,
            text=True,
            timeout=60,
        )
        assert python.stdout.startswith(f"LIE    file: format: {said}")
        assert (by_command(path).stdout, python.returncode) == (python.stdout, 1)


def test_an_entry_of_another_kind_proves_no_root(proven):
    answers = TitleProof.parse(bytes(ask(proven.trust, proven.two).file)).answers
    with tenant_context(proven.trust):
        other = disclosure_file(index=0, names=["kid", "role"])
    with pytest.raises(Lie, match="root: the entry is no registry.root"):
        prove_title(TitleProof(answers, other).to_bytes())
