"""What the one-look reading of a leaf accepts, the strict reading accepts, with the same words."""

import json
from base64 import b64encode

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core.canonical import canonical_bytes
from ledger.core.errors import LedgerError
from ledger.core.leaves import Leaf
from ledger.core.scanning import read, scan
from tests.ledger.bundles import ENTRY, TS, SmallLog, rid, secret

LEAVES = [data for kind, data in SmallLog().records if kind == ENTRY]
SIGNED = [leaf for leaf in LEAVES if b'"dev_sig"' in leaf]


def said_alike(data: bytes) -> bool:
    """Whether the leaf was read in one look; then the strict reading must agree."""
    usual = scan(data)
    try:
        strictly: object = Leaf.parse(data)
    except LedgerError as error:
        strictly = str(error)
    try:
        assert read(data) == strictly
    except LedgerError as error:
        assert str(error) == strictly
    if usual is None:
        return False
    leaf = Leaf.parse(data)
    core = leaf.core
    assert usual == (
        leaf.signature,
        core.to_bytes(),
        core.device.encode(),
        core.log_id.encode(),
        core.kind.encode(),
    )
    return True


def test_every_signed_leaf_is_usual_and_no_row_of_a_tape_is():
    assert [said_alike(leaf) for leaf in LEAVES] == [leaf in SIGNED for leaf in LEAVES]
    assert len(SIGNED) == 10


@given(st.sampled_from(SIGNED), st.data())
@settings(max_examples=400, deadline=None)
def test_no_changed_leaf_is_read_otherwise(leaf, data):
    place = data.draw(st.integers(0, len(leaf) - 1))
    cut = data.draw(st.integers(0, 2))
    put = data.draw(
        st.binary(max_size=2) | st.sampled_from([b'"', b"\\", b",", b"==", b"\xc3\xa9"])
    )
    said_alike(leaf[:place] + put + leaf[place + cut :])


_TEXTS = st.sampled_from(["", "a.b", "device.enrolled", "a b", "~", "\x7f", "é", '"', "\\", "%s"])
_BINARY = st.sampled_from(["ascii" * 7, "é" * 32]) | st.sampled_from((0, 31, 32, 33, 64)).flatmap(
    lambda size: st.binary(min_size=size, max_size=size).map(lambda data: b64encode(data).decode())
)
_SHARP = st.sampled_from(("A", "B", "Q", "E", "=", "-", "\n"))
_STRAY = st.tuples(_BINARY, _SHARP).map(lambda pair: pair[0].rstrip("=")[:-1] + pair[1] + "=")
_NUMBERS = st.sampled_from(["0", "00", "01", "-1", "+1", "1_0", " 1", "1\n", "", "٣", "1e3"]) | (
    st.integers(1, 21).flatmap(lambda size: st.integers(10 ** (size - 1), 10**size - 1)).map(str)
    | st.integers(2**63 - 2, 2**63 + 1).map(str)
)
_UUIDS = st.sampled_from([rid(1), rid(1).upper(), rid(1)[:-1], rid(1).replace("-", ""), "{x}"])
_UUIDS |= st.uuids().map(str)
_HOSTILE = {
    "alg": st.sampled_from(["A256GCM", "SM4GCM", "a256gcm", ""]),
    "ct_sha256": _BINARY | _STRAY,
    "dev_sig": _BINARY | _STRAY,
    "device": _TEXTS,
    "fields_root": _BINARY | _STRAY,
    "items_count": _NUMBERS,
    "items_root": _BINARY | _STRAY,
    "prev": st.none() | _UUIDS,
    "rid": _UUIDS,
    "tenant_log": _TEXTS,
    "ts": _TEXTS,
    "type": _TEXTS,
    "v": st.sampled_from(["lease-leaf/1", "lease-leaf/2"]),
}


@given(st.sampled_from(SIGNED), st.data())
@settings(max_examples=300, deadline=None)
def test_no_hostile_leaf_is_read_otherwise(leaf, data):
    """Canonical leaves with one or two hostile members: limits, other spellings."""
    members = json.loads(leaf)
    if data.draw(st.booleans()):
        members |= {"items_count": "6", "items_root": members["ct_sha256"]}
    for name in data.draw(st.sets(st.sampled_from(sorted(_HOSTILE)), min_size=1, max_size=2)):
        members[name] = data.draw(_HOSTILE[name])
    said_alike(canonical_bytes(members))


@pytest.mark.parametrize("count", [10**17, 10**18 - 1, 10**18, 2**63 - 1, 2**63, 10**19 - 1])
def test_a_count_is_below_two_to_the_63rd_however_it_is_read(count):
    members = json.loads(SIGNED[-1]) | {"items_count": str(count), "items_root": "A" * 43 + "="}
    data = canonical_bytes(members)
    if count < 2**63:
        assert said_alike(data) == (count < 10**18)
        assert Leaf.parse(data).core.items_count == count
        return
    assert not said_alike(data)
    with pytest.raises(LedgerError, match="too large"):
        read(data)


@pytest.mark.parametrize("kind", ["lease.recorded", "", "é", 'a"b', "a\\b", "a\nb", "a\x7fb"])
def test_texts_that_need_care_are_left_to_the_strict_reading(kind):
    leaf = Leaf.parse(SIGNED[6])
    core = type(leaf.core)(kind, rid(1), "l" * 32, "d" * 32, TS, bytes(32))
    data = Leaf(core, bytes(32), secret("d").sign(core.to_bytes())).to_bytes()
    assert said_alike(data) == (kind in ("lease.recorded", ""))


def test_a_base64_with_stray_bits_is_refused_by_both():
    data = SIGNED[6]
    at = data.index(b'"dev_sig":"') + 11 + 85
    stray = data[:at] + bytes([data[at] + 1]) + data[at + 1 :]
    assert scan(stray) is None
    with pytest.raises(LedgerError):
        Leaf.parse(stray)
