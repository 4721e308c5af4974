"""ML-DSA-44 cosignatures to the byte, beside Ed25519; what is changed is refused."""

import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core import mldsa
from ledger.core.checkpoints import Checkpoint, open_checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError, MalformedError, SignatureError
from ledger.core.hashing import leaf_hash
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.notes import (
    ED25519,
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    Note,
    NoteKey,
    SignatureLine,
    cosign_subtree,
    cosign_text,
    cosigner_key,
    sign_text,
    subtree_message,
    verify_note,
    verify_subtree,
)
from ledger.core.notes.signatures import is_subtree

NAME, ORIGIN, TIME = "example.test/w", "example.test/log", 1_700_000_000
ROOT = leaf_hash(b"entry")
HEAD = Checkpoint(ORIGIN, 1, ROOT)
LOG, PQ, ED = SecretKey(b"l" * 32), MlDsaSecretKey(b"p" * 32), SecretKey(b"e" * 32)
PQ_KEY, ED_KEY = cosigner_key(NAME, PQ), cosigner_key(NAME, ED)


def cosigned(text: str = HEAD.text()) -> Note:
    return Note(text, (cosign_text(text, NAME, PQ, TIME),))


def test_the_signed_message_is_that_of_the_specification():
    expected = (
        b"subtree/v1\n\0"
        + bytes([14])
        + b"example.test/w"
        + struct.pack(">Q", TIME)
        + bytes([16])
        + b"example.test/log"
        + struct.pack(">QQ", 0, 1)
        + ROOT
    )
    assert subtree_message(NAME, ORIGIN, ROOT, end=1, time=TIME) == expected
    line = cosign_text(HEAD.text(), NAME, PQ, TIME)
    assert len(line.signature) == 8 + 2420
    for verifier in (mldsa.PortableVerifier, mldsa.FastVerifier):
        verifier(PQ.public).verify(expected, line.signature[8:])


def test_key_ids_and_types():
    assert (PQ_KEY.kind, len(PQ_KEY.public)) == (MLDSA44_COSIGNATURE, 1312)
    assert ED_KEY.kind == ED25519_COSIGNATURE
    assert NoteKey.parse(PQ_KEY.vkey()) == PQ_KEY
    for kind, size in ((MLDSA44_COSIGNATURE, 32), (ED25519, 1312), (0x02, 32), (0xFF, 32), (6, 0)):
        with pytest.raises(MalformedError):
            NoteKey(NAME, kind, bytes(size))


def test_both_libraries_verify_and_answer_the_time():
    for portable in (True, False):
        (verified,) = verify_note(cosigned(), [PQ_KEY], portable=portable)
        assert (verified.key, verified.time) == (PQ_KEY, TIME)
        secret = MlDsaSecretKey(b"p" * 32, portable=portable)
        assert secret.public == PQ.public
        note = Note(HEAD.text(), (cosign_text(HEAD.text(), NAME, secret, TIME),))
        assert verify_note(note, [PQ_KEY], portable=not portable)


def test_the_logs_own_second_line_is_checked_when_its_key_is_known():
    log_pq = MlDsaSecretKey(b"q" * 32)
    key, second = NoteKey(ORIGIN, ED25519, LOG.public), cosigner_key(ORIGIN, log_pq)
    text = HEAD.text()
    lines = (sign_text(text, ORIGIN, LOG), cosign_text(text, ORIGIN, log_pq, TIME))
    data = Note(text, lines).to_bytes()
    assert open_checkpoint(data, key)[0] == HEAD  # an old reader sees an unknown line
    assert [item.key for item in open_checkpoint(data, key, [second])[1]] == [key, second]
    assert open_checkpoint(Note(text, lines[:1]).to_bytes(), key, [second])[0] == HEAD  # old note
    spoilt = SignatureLine(ORIGIN, second.id, lines[1].signature[:-1] + b"\x7f")
    bad = Note(text, (lines[0], spoilt)).to_bytes()
    assert open_checkpoint(bad, key)[0] == HEAD
    with pytest.raises(SignatureError):
        open_checkpoint(bad, key, [second])
    with pytest.raises(SignatureError):  # the second key alone is not the log's word for us
        open_checkpoint(Note(text, lines[1:]).to_bytes(), key, [second])


def test_an_ml_dsa_cosignature_does_not_cover_extension_lines_and_an_ed25519_one_does():
    text = HEAD.text()
    lines = (cosign_text(text, NAME, PQ, TIME), cosign_text(text, NAME, ED, TIME))
    extended = text + "more\n"
    assert verify_note(Note(extended, lines[:1]), [PQ_KEY])
    with pytest.raises(SignatureError):
        verify_note(Note(extended, lines[1:]), [ED_KEY])


@pytest.mark.parametrize(
    "change",
    [
        lambda s: struct.pack(">Q", TIME + 1) + s[8:],
        lambda s: bytes(8) + s[8:],
        lambda s: struct.pack(">Q", 2**63) + s[8:],
        lambda s: s[:-1],
        lambda s: s + b"\0",
        lambda s: s[8:],
        lambda s: s[:72],
        lambda s: s[:8] + bytes(2420),
    ],
)
def test_changed_cosignatures_are_refused(change):
    line = cosigned().lines[0]
    spoilt = SignatureLine(line.name, line.id, change(line.signature))
    with pytest.raises(SignatureError):
        verify_note(Note(HEAD.text(), (spoilt,)), [PQ_KEY])


@pytest.mark.parametrize(
    "other",
    [
        Checkpoint("example.test/other", 1, ROOT),
        Checkpoint(ORIGIN, 2, ROOT),
        Checkpoint(ORIGIN, 1, leaf_hash(b"other")),
    ],
)
def test_a_cosignature_is_of_one_tree_of_one_log(other):
    with pytest.raises(SignatureError):
        verify_note(Note(other.text(), cosigned().lines), [PQ_KEY])


def test_a_cosignature_is_of_one_name():
    other = NoteKey("example.test/v", MLDSA44_COSIGNATURE, PQ.public)
    line = SignatureLine(other.name, other.id, cosigned().lines[0].signature)
    with pytest.raises(SignatureError):
        verify_note(Note(HEAD.text(), (line,)), [other])


@given(st.integers(0, 2428 * 8 - 1))
@settings(max_examples=40, deadline=None)
def test_no_changed_bit_passes_either_library(bit):
    line = cosigned().lines[0]
    spoilt = bytearray(line.signature)
    spoilt[bit // 8] ^= 1 << bit % 8
    note = Note(HEAD.text(), (SignatureLine(line.name, line.id, bytes(spoilt)),))
    for portable in (True, False):
        with pytest.raises(SignatureError):
            verify_note(note, [PQ_KEY], portable=portable)


def test_subtrees_are_cosigned_without_a_time():
    line = cosign_subtree(NAME, PQ, origin=ORIGIN, root=ROOT, start=4, end=7)
    assert line.signature[:8] == bytes(8)
    assert verify_subtree(PQ_KEY, line, origin=ORIGIN, root=ROOT, start=4, end=7).time == 0
    for wrong in ({"start": 0}, {"end": 8}, {"root": bytes(32)}, {"origin": "other"}):
        claim = {"origin": ORIGIN, "root": ROOT, "start": 4, "end": 7} | wrong
        with pytest.raises(LedgerError):
            verify_subtree(PQ_KEY, line, **claim)
    timed = SignatureLine(line.name, line.id, struct.pack(">Q", 1) + line.signature[8:])
    with pytest.raises(SignatureError, match="without a time"):
        verify_subtree(PQ_KEY, timed, origin=ORIGIN, root=ROOT, start=4, end=7)
    with pytest.raises(SignatureError):
        verify_subtree(ED_KEY, line, origin=ORIGIN, root=ROOT, start=4, end=7)


@pytest.mark.parametrize(
    ("start", "end", "valid"),
    [
        (0, 0, True), (0, 5, True), (4, 7, True), (4, 8, True), (8, 13, True), (5, 6, True),
        (6, 9, False), (2, 5, False), (4, 9, False), (5, 4, False), (-1, 3, False), (3, 3, True),
    ],
)  # fmt: skip
def test_which_ranges_are_subtrees(start, end, valid):
    assert is_subtree(start, end) is valid
    if not valid:
        with pytest.raises(MalformedError):
            subtree_message(NAME, ORIGIN, ROOT, start=start, end=end)


@pytest.mark.parametrize(
    "attempt",
    [
        lambda: subtree_message("n" * 256, ORIGIN, ROOT, end=1),
        lambda: subtree_message(NAME, "o" * 256, ROOT, end=1),
        lambda: subtree_message(NAME, "", ROOT, end=1),
        lambda: subtree_message(NAME, ORIGIN, ROOT[:31], end=1),
        lambda: subtree_message(NAME, ORIGIN, ROOT, start=1, end=2, time=1),
        lambda: subtree_message(NAME, ORIGIN, ROOT, end=1, time=2**63),
        lambda: cosign_text(HEAD.text(), NAME, PQ, -1),
        lambda: cosign_text("no checkpoint\n", NAME, PQ, TIME),
    ],
)
def test_what_cannot_be_cosigned(attempt):
    with pytest.raises(MalformedError):
        attempt()


@pytest.mark.parametrize("size", [0, 31, 33])
def test_secret_keys_are_seeds_of_32_bytes(size):
    with pytest.raises(SignatureError):
        MlDsaSecretKey(bytes(size))
