"""Salted fields, items, envelopes: what is shown was signed; what is hidden stays hidden."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core.canonical import canonical_bytes
from ledger.core.envelope import (
    AES_GCM,
    SM4_GCM,
    cipher_of,
    decrypt_portable,
    encrypt_portable,
    new_key,
    record_aad,
    seal,
    seal_record,
    unseal,
    unwrap_key,
    wrap_key,
)
from ledger.core.errors import DecryptionError, LedgerError, MalformedError, ProofError
from ledger.core.fields import (
    Disclosure,
    ShownField,
    disclose,
    draw_salts,
    field_leaf,
    fields_root,
    verify_disclosure,
)
from ledger.core.items import (
    BatchItem,
    ItemTable,
    places_of,
    share_from_bytes,
    share_items,
    share_to_bytes,
)
from ledger.core.payloads import Payload
from ledger.core.sealing import new_secret, open_sealed, public_of, seal_to
from ledger.drafts import item_table
from tests.ledger import reference

names = st.text("abcdefxyz_é中", min_size=1, max_size=6)
texts = st.text(st.characters(exclude_categories=["Cs"]), max_size=10)
mappings = st.dictionaries(names, texts, min_size=1, max_size=9)


@given(mappings)
@settings(max_examples=60, deadline=None)
def test_fields_root_is_the_rfc6962_root_of_the_salted_fields(fields):
    salts = draw_salts(len(fields))
    ordered = sorted(fields, key=lambda name: name.encode("utf-16-be"))
    leaves = [
        salts[16 * place : 16 * place + 16] + canonical_bytes([name, fields[name]])
        for place, name in enumerate(ordered)
    ]
    assert fields_root(fields, salts) == reference.mth(leaves)
    assert leaves[0] == field_leaf(ordered[0], fields[ordered[0]], salts[:16])
    assert Payload.parse(Payload(fields, salts).to_bytes()) == Payload(fields, salts)


@given(mappings, st.data())
@settings(max_examples=60, deadline=None)
def test_any_choice_of_fields_can_be_shown_and_not_altered(fields, data):
    salts = draw_salts(len(fields))
    root = fields_root(fields, salts)
    chosen = data.draw(st.sets(st.sampled_from(sorted(fields)), min_size=1))
    shown = disclose(fields, salts, chosen)
    verify_disclosure(shown, root)
    assert shown.fields() == {name: fields[name] for name in chosen}
    first = shown.shown[0]
    for lie in (
        ShownField(first.place, first.name, first.value + "x", first.salt),
        ShownField(first.place, first.name + "x", first.value, first.salt),
        ShownField(first.place, first.name, first.value, bytes(16)),
    ):
        with pytest.raises(ProofError):
            verify_disclosure(Disclosure(shown.size, (lie, *shown.shown[1:]), shown.proof), root)


def test_a_field_cannot_be_shown_twice_or_invented():
    fields, salts = {"a": "1", "b": "2"}, draw_salts(2)
    shown = disclose(fields, salts, ["a", "b"])
    with pytest.raises(ProofError):
        verify_disclosure(Disclosure(2, shown.shown[::-1], ()), fields_root(fields, salts))
    with pytest.raises(MalformedError):
        disclose(fields, salts, ["c"])
    with pytest.raises(MalformedError):
        fields_root(fields, salts[:-1])
    with pytest.raises(MalformedError):
        fields_root({}, b"")


@given(st.lists(mappings, min_size=1, max_size=12), st.data())
@settings(max_examples=40, deadline=None)
def test_shared_items_prove_themselves_and_broken_ones_do_not(records, data):
    table = item_table([BatchItem(record) for record in records])
    ordered = sorted(table.columns, key=lambda name: name.encode("utf-16-be"))
    leaves = [
        table.salts[16 * place : 16 * place + 16]
        + canonical_bytes({name: table.columns[name][place] for name in ordered})
        for place in range(len(table))
    ]
    root = reference.mth(leaves)
    assert table.root() == root
    places = sorted(data.draw(st.sets(st.integers(0, len(table) - 1), min_size=1)))
    share = share_from_bytes(share_to_bytes(share_items(table, places)))
    share.verify(root, len(table))
    assert share.places == places
    name = ordered[0]
    spoilt = dict(share.items.columns) | {name: ["✗", *share.items.columns[name][1:]]}
    false = type(share)(share.size, places, ItemTable(spoilt, share.items.salts), share.proof)
    with pytest.raises(ProofError):
        false.verify(root, len(table))
    with pytest.raises(ProofError):
        share.verify(root, len(table) + 1)


def test_items_are_found_by_lease():
    table = item_table({"lease_rid": ["a", "b", "a"], "amount_minor": ["1", "2", "3"]})
    assert places_of(table, "lease_rid", ["a", "z"]) == [0, 2]


@pytest.mark.parametrize("columns", [{}, {"a": []}, {"a": ["x"], "b": ["x", "y"]}])
def test_malformed_batches(columns):
    with pytest.raises(MalformedError):
        item_table(columns)


@pytest.mark.parametrize("value", [5, None, "\ud800"])
def test_item_values_are_text(value):
    with pytest.raises(MalformedError, match="item 1"):
        item_table({"a": ["x", value]}).root()


def test_shares_that_are_cut_or_padded_do_not_unpack():
    good = share_to_bytes(share_items(item_table({"a": ["x", "y"]}), [0]))
    for bad in (good[:-1], good + b"x", b"", good[:3] + bytes([good[3] ^ 255]) + good[4:]):
        with pytest.raises(MalformedError):
            share_from_bytes(bad)


# -- envelopes ---------------------------------------------------------------------------------

AAD = record_aad(log_id="log", rid="rid", version="ts", kind="lease.recorded")


@given(st.binary(max_size=200), st.binary(max_size=40))
@settings(max_examples=40, deadline=None)
def test_both_libraries_write_the_same_ciphertext(plain, aad):
    key, nonce = b"k" * 32, b"n" * 12
    sealed = seal(key, plain, aad)
    assert decrypt_portable(key, sealed[:12], sealed[12:], aad) == plain
    assert unseal(key, nonce + encrypt_portable(key, nonce, plain, aad), aad) == plain


def test_a_record_opens_only_as_itself():
    ciphertext, key = seal_record(b"payload", AAD)
    assert unseal(key, ciphertext, AAD) == b"payload"
    for change in ({"log_id": "x"}, {"rid": "x"}, {"version": "x"}, {"kind": "x"}):
        names = {"log_id": "log", "rid": "rid", "version": "ts", "kind": "lease.recorded"}
        with pytest.raises(DecryptionError):
            unseal(key, ciphertext, record_aad(**names | change))
    for at in range(len(ciphertext)):
        with pytest.raises(DecryptionError):
            unseal(key, ciphertext[:at] + bytes([ciphertext[at] ^ 1]) + ciphertext[at + 1 :], AAD)
    for bad in (b"", ciphertext[:20], ciphertext + b"\x00"):
        with pytest.raises(DecryptionError):
            unseal(key, bad, AAD)


def test_a_wrapped_key_opens_only_for_its_record_and_kek():
    kek, key = b"k" * 32, b"d" * 32
    wrapped = wrap_key(kek, key, AAD)
    assert unwrap_key(kek, wrapped, AAD) == key
    for attempt in ((b"x" * 32, wrapped, AAD), (kek, wrapped, b"x"), (kek, wrapped[:-1], AAD)):
        with pytest.raises(DecryptionError):
            unwrap_key(*attempt)


def test_sealed_keys_open_only_for_the_receiver_and_the_place():
    secret, other = new_secret(), new_secret()
    sealed = seal_to(public_of(secret), b"keys", b"context")
    assert open_sealed(secret, sealed, b"context") == b"keys"
    for attempt in (
        (other, sealed, b"context"),
        (secret, sealed, b"elsewhere"),
        (secret, sealed[:-1], b"context"),
        (secret, b"", b"context"),
        (secret, bytes(32) + sealed[32:], b"context"),
    ):
        with pytest.raises(LedgerError):
            open_sealed(*attempt)
    with pytest.raises(LedgerError):
        seal_to(bytes(32), b"keys", b"context")


def test_sm4_opens_what_rfc_8998_sealed():
    """Appendix A.1 of RFC 8998 (ShangMi cipher suites), SM4-GCM."""
    key = bytes.fromhex("0123456789ABCDEFFEDCBA9876543210") + bytes(16)
    sealed = bytes.fromhex(
        "00001234567800000000ABCD"
        "17F399F08C67D5EE19D0DC9969C4BB7D5FD46FD3756489069157B282BB200735"
        "D82710CA5C22F0CCFA7CBF93D496AC15A56834CBCF98C397B4024A2691233B8D"
        "83DE3541E4C2B58177E065A9BF7B62EC"
    )
    aad = bytes.fromhex("FEEDFACEDEADBEEFFEEDFACEDEADBEEFABADDAD2")
    plain = bytes.fromhex(
        "AAAAAAAAAAAAAAAABBBBBBBBBBBBBBBBCCCCCCCCCCCCCCCCDDDDDDDDDDDDDDDD"
        "EEEEEEEEEEEEEEEEFFFFFFFFFFFFFFFFEEEEEEEEEEEEEEEEAAAAAAAAAAAAAAAA"
    )
    assert unseal(key, sealed, aad) == plain


@given(st.binary(max_size=80), st.binary(max_size=40), st.sampled_from([AES_GCM, SM4_GCM]))
@settings(max_examples=60, deadline=None)
def test_a_record_of_either_cipher_opens_with_its_key_alone(plain, aad, cipher):
    sealed, key = seal_record(plain, aad, cipher)
    assert cipher_of(key) == cipher
    for other in (AES_GCM, SM4_GCM):
        kek = new_key(other)
        assert unwrap_key(kek, wrap_key(kek, key, aad), aad) == key
    assert unseal(key, sealed, aad) == plain
    for wrong in (new_key(cipher), key[:16] + bytes(15) + b"\1", b"\1" + key[1:]):
        if wrong != key:
            with pytest.raises(DecryptionError):
                unseal(wrong, sealed, aad)
    for place in range(len(sealed)):
        altered = bytearray(sealed)
        altered[place] ^= 1
        with pytest.raises(DecryptionError):
            unseal(key, bytes(altered), aad)
    with pytest.raises(DecryptionError):
        unseal(key, sealed, aad + b".")
