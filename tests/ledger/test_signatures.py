"""Ed25519 under one strict rule in both libraries; notes and cosignatures to the byte."""

import os

import nacl.exceptions
import nacl.signing
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core import ed25519
from ledger.core.checkpoints import Checkpoint, open_checkpoint
from ledger.core.ed25519 import FastVerifier, PortableVerifier, SecretKey, check_public_key
from ledger.core.encoding import b64
from ledger.core.errors import LedgerError, MalformedError, SignatureError
from ledger.core.hashing import leaf_hash
from ledger.core.keyring import KeyRing
from ledger.core.keys import key_id
from ledger.core.notes import (
    ED25519,
    ED25519_COSIGNATURE,
    Note,
    NoteKey,
    SignatureLine,
    cosign_text,
    sign_text,
    verify_note,
)
from ledger.core.tlog_proof import TlogProof, verify_proof

# RFC 8032 section 7.1, tests 1 to 3: secret, public, message, signature
RFC8032 = [
    (
        "9d61b19deffd5a60ba844af492ec2cc44449c5697b326919703bac031cae7f60",
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e3970"
        "1cf9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "4ccd089b28ff96da9db6c346ec114e0f5b8a319f35aba624da8cf6ed4fb8a6fb",
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613"
        "d0f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "c5aa8df43f9f837bedb7442f31dcb7b166d38535076f094b85ce3a2e0b4458f7",
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f760"
        "984dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
BOTH = [PortableVerifier, FastVerifier]
SMALL = sorted(ed25519._REFUSED_POINTS)


@pytest.mark.parametrize("case", RFC8032)
@pytest.mark.parametrize("make", BOTH)
def test_rfc8032(case, make):
    secret, public, message, signature = map(bytes.fromhex, case)
    assert SecretKey(secret).public == public
    assert SecretKey(secret).sign(message) == signature
    make(public).verify(message, signature)
    with pytest.raises(SignatureError):
        make(public).verify(message + b"x", signature)


@given(st.binary(max_size=40), st.integers(0, 511), st.binary(min_size=32, max_size=32))
@settings(max_examples=60, deadline=None)
def test_both_libraries_and_libsodium_agree_on_spoilt_signatures(message, bit, seed):
    secret = SecretKey(seed)
    spoilt = bytearray(secret.sign(message))
    spoilt[bit // 8] ^= 1 << (bit % 8)
    for make in BOTH:
        make(secret.public).verify(message, secret.sign(message))
        with pytest.raises(SignatureError):
            make(secret.public).verify(message, bytes(spoilt))
    with pytest.raises(nacl.exceptions.BadSignatureError):
        nacl.signing.VerifyKey(secret.public).verify(message, bytes(spoilt))


@pytest.mark.parametrize("point", SMALL, ids=bytes.hex)
def test_small_order_points_are_neither_keys_nor_commitments(point):
    with pytest.raises(SignatureError):
        check_public_key(point)
    secret = SecretKey(bytes(32))
    for make in BOTH:
        with pytest.raises(SignatureError):
            make(secret.public).verify(b"", point + secret.sign(b"")[32:])


@pytest.mark.parametrize("lift", [0, 1, 2, 18])
def test_keys_encoded_above_the_field_are_refused(lift):
    encoded = (ed25519.FIELD + lift).to_bytes(32, "little")
    for text in (encoded, encoded[:31] + bytes([encoded[31] | 0x80])):
        with pytest.raises(SignatureError):
            check_public_key(text)


def test_keys_outside_the_prime_group_or_the_curve_are_refused():
    from nacl.bindings import crypto_core_ed25519_add, crypto_core_ed25519_is_valid_point

    mixed = crypto_core_ed25519_add(
        SecretKey(bytes(32)).public, bytes.fromhex("ec" + "ff" * 30 + "7f")
    )
    with pytest.raises(SignatureError, match="prime-order"):
        check_public_key(mixed)
    refused = 0
    for number in range(2, 40):
        encoded = number.to_bytes(32, "little")
        valid = crypto_core_ed25519_is_valid_point(encoded)
        if valid:
            check_public_key(encoded)
            continue
        refused += 1
        with pytest.raises(SignatureError):
            check_public_key(encoded)
    assert refused > 10


def test_s_above_the_order_is_refused():
    secret = SecretKey(bytes(32))
    signature = secret.sign(b"m")
    s = int.from_bytes(signature[32:], "little") + ed25519.ORDER
    for make in BOTH:
        with pytest.raises(SignatureError):
            make(secret.public).verify(b"m", signature[:32] + s.to_bytes(32, "little"))


# -- notes: the example of Go's sumdb/note, and the key of C2SP signed-note -----------------------

GO_KEY = "PeterNeumann+c74f20a3+ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW"
GO_NOTE = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "— PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotpRZb"
    "6KE6RyyBwJnAM=\n"
)
C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"


def test_published_note_verifies():
    note = Note.parse(GO_NOTE.encode())
    (verified,) = verify_note(note, [NoteKey.parse(GO_KEY)])
    assert verified.key.name == "PeterNeumann"
    assert note.to_bytes() == GO_NOTE.encode()


def test_published_key_reads_and_writes_back():
    assert NoteKey.parse(C2SP_KEY).vkey() == C2SP_KEY
    with pytest.raises(MalformedError):
        NoteKey.parse(C2SP_KEY.replace("530d903a", "530d903b"))


LOG = SecretKey(b"l" * 32)
WITNESS = SecretKey(b"w" * 32)
LOG_KEY = NoteKey("example.test/log", ED25519, LOG.public)
WITNESS_KEY = NoteKey("example.test/w", ED25519_COSIGNATURE, WITNESS.public)
HEAD = Checkpoint("example.test/log", 1, leaf_hash(b"entry"))


def signed(head=HEAD, *, time=1_700_000_000) -> Note:
    text = head.text()
    lines = (sign_text(text, LOG_KEY.name, LOG), cosign_text(text, WITNESS_KEY.name, WITNESS, time))
    return Note(text, lines)


def test_checkpoint_with_cosignature_opens():
    checkpoint, verified = open_checkpoint(signed().to_bytes(), LOG_KEY, [WITNESS_KEY])
    assert checkpoint == HEAD
    assert [item.time for item in verified] == [None, 1_700_000_000]


def test_unknown_lines_are_ignored_known_false_ones_refuse():
    note = signed()
    stranger = sign_text(note.text, "someone.else", SecretKey(b"s" * 32))
    open_checkpoint(Note(note.text, (*note.lines, stranger)).to_bytes(), LOG_KEY)
    line = note.lines[1]
    spoilt = SignatureLine(line.name, line.id, line.signature[:-1] + b"\x00")
    with pytest.raises(SignatureError):
        open_checkpoint(Note(note.text, (note.lines[0], spoilt)).to_bytes(), LOG_KEY, [WITNESS_KEY])
    with pytest.raises(SignatureError):  # only the witness signed
        open_checkpoint(Note(note.text, note.lines[1:]).to_bytes(), LOG_KEY, [WITNESS_KEY])


def test_a_cosignature_is_bound_to_its_time():
    note = signed()
    line = note.lines[1]
    moved = SignatureLine(line.name, line.id, b"\x00" * 8 + line.signature[8:])
    with pytest.raises(SignatureError):
        verify_note(Note(note.text, (moved,)), [WITNESS_KEY])


@given(st.data())
@settings(max_examples=120, deadline=None)
def test_no_changed_byte_of_a_checkpoint_passes(data):
    good = signed().to_bytes()
    at = data.draw(st.integers(0, len(good) - 1))
    byte = data.draw(st.integers(1, 255))
    bad = good[:at] + bytes([good[at] ^ byte]) + good[at + 1 :]
    try:
        checkpoint, verified = open_checkpoint(bad, LOG_KEY, [WITNESS_KEY])
    except LedgerError:
        return
    # the only harmless change makes the cosigner's line one of somebody unknown
    assert checkpoint == HEAD
    assert [item.key for item in verified] == [LOG_KEY]


@pytest.mark.parametrize(
    "text",
    [
        "",
        "o\n1\n",
        "o\n01\nAAAA\n",
        "o\n-1\n" + "A" * 43 + "=\n",
        "o\n1\n" + "A" * 43 + "=",
        "o\n1\n" + "A" * 43 + "B\n",
        "o\n1\n" + "A" * 43 + "=\n\n",
        "o\n١\n" + "A" * 43 + "=\n",
        "\n1\n" + "A" * 43 + "=\n",
    ],
)
def test_malformed_checkpoints(text):
    with pytest.raises(MalformedError):
        Checkpoint.parse(text)


@pytest.mark.parametrize(
    "data",
    [
        b"text\n",
        b"text\n\n",
        b"text\n\nno line\n",
        "text\n\n— name AAAA\n".encode(),
        "text\n\n— na+me AAAAAAAA\n".encode(),
        "text\n\n— name AAAAAAAA".encode(),
        "te\txt\n\n— name AAAAAAAA\n".encode(),
        b"\xff\n\n",
        ("t\n\n" + "— name AAAAAAAA\n" * 101).encode(),
    ],
)
def test_malformed_notes(data):
    with pytest.raises(MalformedError):
        Note.parse(data)


def test_proof_file_round_trip_and_every_changed_byte():
    proof = TlogProof(0, (), signed().to_bytes(), extra=b"more")
    data = proof.to_bytes()
    assert TlogProof.parse(data) == proof
    verify_proof(TlogProof.parse(data), b"entry", LOG_KEY)
    with pytest.raises(LedgerError):
        verify_proof(proof, b"other", LOG_KEY)
    for at in range(len(data)):
        bad = data[:at] + bytes([data[at] ^ 1]) + data[at + 1 :]
        try:
            parsed = TlogProof.parse(bad)
            _, verified = verify_proof(parsed, b"entry", LOG_KEY, [WITNESS_KEY])
        except LedgerError:
            continue
        # `extra` is untrusted by design; a cosigner's changed name is somebody unknown
        assert parsed.extra != b"more" or [item.key for item in verified] == [LOG_KEY]


def test_a_key_signs_between_approval_and_revocation_only():
    ring, secret = KeyRing(), SecretKey(os.urandom(32))
    kid = key_id(secret.public)
    fields = {"kid": kid, "role": "device", "public_key": b64(secret.public)}
    with pytest.raises(SignatureError):
        ring.verifier_at(5, kid)
    ring.learn(5, "device.enrolled", fields)
    with pytest.raises(SignatureError):
        ring.verifier_at(6, kid)
    ring.learn(6, "device.approved", fields)
    assert ring.verifier_at(7, kid).public == secret.public
    ring.learn(8, "device.revoked", fields)
    assert ring.verifier_at(8, kid)
    for attempt in (
        lambda: ring.verifier_at(9, kid),
        lambda: ring.verifier_at(5, kid),
        lambda: ring.learn(10, "device.approved", fields),
        lambda: ring.learn(10, "device.enrolled", fields),
        lambda: ring.learn(10, "device.enrolled", fields | {"kid": "0" * 32}),
        lambda: ring.learn(10, "device.approved", {"kid": "0" * 32}),
    ):
        with pytest.raises(SignatureError):
            attempt()
