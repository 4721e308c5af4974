"""Canonical bytes: equal to RFC 8785, and stricter about what may be signed."""

import json

import pytest
import rfc8785
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core import canonical
from ledger.core.bounds import pieces
from ledger.core.canonical import canonical_bytes, flat_bytes, parse, parse_canonical
from ledger.core.cut import is_cut
from ledger.core.errors import MalformedError
from ledger.drafts import Draft, instant, record_id, stamp

text = st.text(st.characters(exclude_categories=["Cs"]), max_size=12)
values = st.recursive(
    text | st.none(),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(text, inner, max_size=4),
    max_leaves=12,
)


@given(values)
@settings(max_examples=200, deadline=None)
def test_equals_an_independent_implementation(value):
    assert canonical_bytes(value) == rfc8785.dumps(value)


@given(values, st.data())
@settings(max_examples=200, deadline=None)
def test_large_bytes_are_compared_piece_by_piece_alike(value, data):
    whole = canonical_bytes({"a": value})
    place = data.draw(st.integers(0, len(whole) - 1))
    put = data.draw(st.sampled_from([b"", b" ", b",", b'"', b"b", b"]", b"\\n"]))
    for given_bytes in (whole, whole[:place] + put + whole[place + 1 :]):
        with pytest.MonkeyPatch.context() as patch:
            said = []
            for large, run in ((1 << 20, 1 << 12), (0, 2)):
                patch.setattr(canonical, "_LARGE", large)
                patch.setattr(canonical, "_RUN", run)
                try:
                    said.append(parse_canonical(given_bytes))
                except MalformedError:
                    said.append(None)
        assert said[0] == said[1]


@pytest.mark.parametrize("large", [0, 1 << 20])
def test_no_piece_of_large_bytes_is_nested_too_deeply(large, monkeypatch):
    monkeypatch.setattr(canonical, "_LARGE", large)
    for depth in (31, 32):
        for opening, closing in ((b"[", b"]"), (b'{"a":', b"}")):
            data = b'{"a":' + opening * (depth - 1) + b'"x"' + closing * (depth - 1) + b"}"
            if depth == 31:
                assert parse_canonical(data)
                continue
            with pytest.raises(MalformedError, match="nested too deeply"):
                parse_canonical(data)


@given(
    st.lists(
        st.sampled_from([b"[", b"]", b"{", b"}", b'"', b"\\", b"a", b"\n", b'"a"', b'"\\""', b","]),
        max_size=14,
    ).map(b"".join)
)
@settings(max_examples=400, deadline=None)
def test_texts_are_told_from_what_stands_outside_of_them(data):
    depth, texts, place, is_open = 0, 0, 0, False
    while place < len(data):
        sign = data[place : place + 1]
        if sign == b'"':
            is_open = not is_open
            texts += not is_open
        elif is_open:
            place += sign == b"\\"
        else:
            depth += (sign in (b"[", b"{")) - (sign in (b"]", b"}"))
        place += 1
    found = list(pieces(data))
    assert is_cut(data) == (is_open or depth > 0)
    assert (bool(found) and found[-1] is None) == is_open
    assert sum(piece[0] for piece in found if piece) == texts


@given(st.dictionaries(st.text("abcz_0189", min_size=1), text, max_size=8))
@settings(max_examples=60, deadline=None)
def test_fast_path_for_flat_mappings_is_the_same(value):
    assert flat_bytes(value) == rfc8785.dumps(value)


def test_names_are_ordered_by_utf16_code_units():
    # RFC 8785 section 3.2.3's example, numbers left out
    value = {
        "\u20ac": "Euro",
        "\r": "CR",
        "\ufb33": "Dalet",
        "1": "One",
        "\U0001f600": "Face",
        "\u0080": "Control",
        "\u00f6": "O umlaut",
    }
    names = list(json.loads(canonical_bytes(value)))
    assert names == ["\r", "1", "\u0080", "\u00f6", "\u20ac", "\U0001f600", "\ufb33"]


@pytest.mark.parametrize("depth", [31, 32, 200, 600, 3_000])
@pytest.mark.parametrize("kinds", ["[", "{", "[{"])
def test_nesting_has_an_end(depth, kinds):
    """As in the second verifier; the interpreter's own is no answer to give."""
    value: object = "x"
    for number in range(depth):
        value = [value] if kinds[number % len(kinds)] == "[" else {"a": value}
    whole = {"a": value} if isinstance(value, list) else value
    levels = depth + isinstance(value, list)
    data = (
        b"".join(b"[" if isinstance(part, list) else b'{"a":' for part in _levels(whole)) + b'"x"'
    )
    data += b"".join(b"]" if isinstance(part, list) else b"}" for part in [*_levels(whole)][::-1])
    if levels < 32:
        assert parse_canonical(data) == whole
    else:
        with pytest.raises(MalformedError, match="nested too deeply|not JSON"):
            parse_canonical(data)


def _levels(value):
    while not isinstance(value, str):
        yield value
        value = value[0] if isinstance(value, list) else value["a"]


@pytest.mark.parametrize(
    "value", [1, 1.5, True, {"a": 1}, {"a": [False]}, {1: "a"}, {"a": b"x"}, {"a": "\ud800"}]
)
def test_what_cannot_be_signed_is_refused(value):
    with pytest.raises(MalformedError):
        canonical_bytes(value)


@pytest.mark.parametrize(
    "data",
    [b'{"a":1}', b'{"a":1e3}', b'{"a":NaN}', b'{"a":"x","a":"y"}', b"{", b"\xff", b'{"a":-0}'],
)
def test_what_may_not_be_parsed(data):
    with pytest.raises(MalformedError):
        parse(data)


@pytest.mark.parametrize(
    "data",
    [
        b'{"b":"","a":""}',
        b'{"a": ""}',
        b' {"a":""}',
        b'{"a":"\\u0041"}',
        b'{"a":"\\/"}',
        b'{"a":"\\ud800"}',
        b'{"a":true}',
        b'["a"]',
    ],
)
def test_only_canonical_objects_pass(data):
    with pytest.raises(MalformedError):
        parse_canonical(data)


def test_canonical_object_passes():
    assert parse_canonical('{"a":"é","b":null}'.encode()) == {"a": "é", "b": None}


def test_instants_and_ids_have_one_form():
    at = "2026-11-01T08:00:00.000001Z"
    assert stamp(at) == stamp(instant(at)) == at
    for wrong in ("2026-11-01", "2026-11-01T08:00:00Z", "2026-13-01T08:00:00.000000Z"):
        with pytest.raises(MalformedError):
            stamp(wrong)
    with pytest.raises(MalformedError):
        stamp(instant(at).replace(tzinfo=None))
    assert record_id("AAAAAAAA-0000-0000-0000-000000000000").startswith("aaaaaaaa")
    with pytest.raises(MalformedError):
        record_id("lease 7")


@pytest.mark.parametrize(
    "salts", [{}, {"vin": b"short"}, {"vin": bytes(16), "more": bytes(16)}, {"vin": "not base64"}]
)
def test_every_field_has_exactly_one_salt(salts):
    with pytest.raises(MalformedError):
        Draft.signed(
            kind="lease.recorded",
            rid="aaaaaaaa-0000-0000-0000-000000000000",
            fields={"vin": "x"},
            salts=salts,
            ts="2026-11-01T08:00:00.000000Z",
            device="k",
            dev_sig=bytes(64),
        )
