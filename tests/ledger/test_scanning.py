"""What the one-look reading of a leaf accepts, the strict reading accepts, with the same words."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

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
