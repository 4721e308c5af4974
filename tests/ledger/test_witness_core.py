"""The witness protocol without HTTP: codec, decision, every way to break a request."""

from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core.checkpoints import Checkpoint
from ledger.core.ed25519 import SecretKey
from ledger.core.encoding import b64
from ledger.core.errors import LedgerError, MalformedError, SignatureError
from ledger.core.hashing import EMPTY_ROOT, leaf_hashes
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.notes import (
    ED25519,
    Note,
    NoteKey,
    SignatureLine,
    cosign_text,
    cosigner_key,
    sign_text,
)
from ledger.core.proofs import consistency_proof
from ledger.core.tree import nodes_of_leaves
from ledger.core.witness import (
    AddCheckpoint,
    WitnessRefusal,
    advance,
    opened,
    origin_hash,
    read_response,
    read_size,
    response_of,
)
from tests.ledger import reference

ORIGIN = "example.test/log"
LOG = SecretKey(b"l" * 32)
KEY = NoteKey(ORIGIN, ED25519, LOG.public)
LEAVES = [f"entry {number}".encode() for number in range(40)]
FORK = [*LEAVES[:5], b"forked", *LEAVES[6:]]


def request(old: int, new: int, leaves=LEAVES, *, proof=None, origin=ORIGIN, secret=LOG):
    if proof is None:
        proof = consistency_proof(old, new, nodes_of_leaves(leaf_hashes(leaves[:new])))
    text = Checkpoint(origin, new, reference.mth(leaves[:new])).text()
    return AddCheckpoint(old, tuple(proof), Note(text, (sign_text(text, origin, secret),)))


class Memory:
    """A witness of one log, in memory."""

    def __init__(self, size=0):
        self.size, self.root = size, reference.mth(LEAVES[:size])

    def take(self, asked: AddCheckpoint) -> int:
        try:
            asked = AddCheckpoint.parse(asked.to_bytes())
            checkpoint = opened(asked, [KEY])
            advance(asked, checkpoint, self.size, self.root)
        except WitnessRefusal as refusal:
            return refusal.status
        self.size, self.root = checkpoint.size, checkpoint.root
        return 200


def test_a_log_that_grows_is_cosigned():
    memory = Memory()
    for old, new in [(0, 0), (0, 3), (3, 3), (3, 8), (8, 9), (9, 40)]:
        assert memory.take(request(old, new)) == 200
    assert (memory.size, memory.root) == (40, reference.mth(LEAVES))


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(0, 40), st.booleans()), max_size=12))
@settings(max_examples=80, deadline=None)
def test_whatever_is_asked_what_was_cosigned_is_one_growing_tree(steps):
    memory, seen = Memory(), []
    for old, new, forked in steps:
        if old > new:
            continue
        leaves = FORK if forked else LEAVES
        status = memory.take(request(old, new, leaves))
        if old != (seen[-1][0] if seen else 0):
            assert status == 409
        if status == 200:
            seen.append((new, leaves[:new]))
    for (size, leaves), (later, longer) in zip(seen, seen[1:], strict=False):
        assert size <= later
        assert longer[:size] == leaves  # no two that contradict each other


@pytest.mark.parametrize(
    ("asked", "status"),
    [
        (request(6, 9, proof=[]), 422),
        (request(6, 9, proof=[bytes(32)]), 422),
        (request(6, 9, FORK), 422),
        (request(6, 6, FORK), 422),
        (request(6, 6, proof=[bytes(32)]), 422),
        (request(0, 9), 409),
        (request(5, 9), 409),
        (request(7, 9), 409),
        (request(0, 9, FORK), 409),
        (request(6, 5, proof=[]), 400),
        (request(6, 9, secret=SecretKey(b"x" * 32)), 403),
        (request(6, 9, origin="other.test/log"), 403),
    ],
)
def test_the_status_of_each_refusal(asked, status):
    assert Memory(6).take(asked) == status


def test_the_order_of_the_checks():
    stranger = SecretKey(b"x" * 32)
    assert Memory(6).take(request(7, 5, proof=[], secret=stranger)) == 403  # before 400 for sizes
    assert Memory(6).take(request(8, 7, proof=[])) == 400  # before 409
    assert Memory(6).take(request(5, 9, FORK, proof=[bytes(32)])) == 409  # before 422
    assert Memory().take(request(0, 4, proof=[bytes(32)])) == 422


def test_an_empty_tree_has_one_root():
    text = Checkpoint(ORIGIN, 0, bytes(32)).text()
    bad = AddCheckpoint(0, (), Note(text, (sign_text(text, ORIGIN, LOG),)))
    assert Memory().take(bad) == 422
    assert Checkpoint(ORIGIN, 0, EMPTY_ROOT).text() == request(0, 0).note.text


def test_a_known_key_whose_signature_fails_and_a_note_without_a_known_key_are_403():
    good = request(0, 3)
    line = good.note.lines[0]
    spoilt = SignatureLine(line.name, line.id, line.signature[:-1] + b"\0")
    for lines in ((spoilt,), (line, spoilt), (SignatureLine(ORIGIN, b"abcd", line.signature),)):
        assert Memory().take(AddCheckpoint(0, (), Note(good.note.text, lines))) == 403
    stranger = sign_text(good.note.text, "who.test", SecretKey(b"s" * 32))
    both = AddCheckpoint(0, (), Note(good.note.text, (stranger, line)))
    assert Memory().take(both) == 200


GOOD = request(6, 9).to_bytes()


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\n",
        b"old 6\n",
        GOOD.replace(b"old 6", b"old 06"),
        GOOD.replace(b"old 6", b"old -6"),
        GOOD.replace(b"old 6", b"old +6"),
        GOOD.replace(b"old 6", b"old  6"),
        GOOD.replace(b"old 6", b"old"),
        GOOD.replace(b"old 6", b"old "),
        GOOD.replace(b"old 6", b"Old 6"),
        GOOD.replace(b"old 6", b"size 6"),
        GOOD.replace(b"old 6", "old ٦".encode()),
        GOOD.replace(b"old 6", b"old 6 "),
        GOOD.replace(b"old 6", b"old 6\r"),
        GOOD.replace(b"old 6", b"old " + b"9" * 20),
        GOOD.replace(b"old 6\n", b"old 6\nAAAA\n"),
        GOOD.replace(b"old 6\n", b"old 6\n" + b64(bytes(33)).encode() + b"\n"),
        GOOD.replace(b"old 6\n", b"old 6\n" + b"A" * 43 + b"B\n"),
        GOOD.replace(b"old 6\n", b"old 6\n" + b"A" * 43 + b"\n"),
        GOOD.replace(b"old 6\n", b"old 6\n\n"),
        GOOD.replace(b"old 6\n", b"old 6\n" + (b64(bytes(32)) + "\n").encode() * 64),
        GOOD.replace(b"\n\n", b"\n"),
        GOOD.replace(b"\n9\n", b"\n09\n"),
        GOOD.replace(b"\n9\n", b"\n"),
        GOOD.replace(b"\n9\n", b"\n9\n\n"),
        GOOD[:-1],
        GOOD + b"\xff",
        GOOD + b"trailing",
        GOOD + b"\n",
        GOOD.replace("—".encode(), b"-"),
        b"old 0\n\n" + b"x" * (1 << 16),
    ],
)
def test_malformed_requests_are_400(data):
    with pytest.raises(WitnessRefusal) as caught:
        AddCheckpoint.parse(data).claimed()
    assert caught.value.status == 400
    assert str(caught.value)


@given(st.integers(0, len(GOOD) - 1), st.integers(1, 255))
@settings(max_examples=200, deadline=None)
def test_no_changed_byte_of_a_request_is_cosigned(at, byte):
    data = GOOD[:at] + bytes([GOOD[at] ^ byte]) + GOOD[at + 1 :]
    with pytest.raises(WitnessRefusal):
        asked = AddCheckpoint.parse(data)
        advance(asked, opened(asked, [KEY]), 6, reference.mth(LEAVES[:6]))


def test_requests_read_back():
    assert AddCheckpoint.parse(GOOD) == request(6, 9)
    assert AddCheckpoint.parse(GOOD).to_bytes() == GOOD
    assert WitnessRefusal(409, "stale", 7).body() == b"7\n"
    assert origin_hash(ORIGIN) == sha256(ORIGIN.encode()).hexdigest()


# -- answers ----------------------------------------------------------------------------------

TEXT = request(0, 3).note.text
ED, PQ = SecretKey(b"w" * 32), MlDsaSecretKey(b"w" * 32)
KEYS = [cosigner_key("w.test", ED), cosigner_key("w.test", PQ)]
LINES = tuple(cosign_text(TEXT, "w.test", secret, 1_700_000_000) for secret in (ED, PQ))


def test_answers_read_back_and_unknown_lines_are_ignored():
    stranger = cosign_text(TEXT, "who.test", SecretKey(b"s" * 32), 1)
    found = read_response(response_of((stranger, *LINES)), TEXT, KEYS)
    assert [line for line, _ in found] == list(LINES)
    assert [item.key for _, item in found] == KEYS
    assert len(read_response(response_of(LINES), TEXT, KEYS[:1])) == 1


@pytest.mark.parametrize(
    ("data", "error"),
    [
        (b"", MalformedError),
        (b"ok\n", MalformedError),
        (b"\xff\n", MalformedError),
        (response_of(LINES)[:-1], MalformedError),
        (response_of(LINES) + b"x" * (1 << 16), MalformedError),
        (response_of(LINES).replace("—".encode(), b"-"), MalformedError),
        (response_of((cosign_text(TEXT, "who.test", ED, 1),)), SignatureError),
        (response_of((cosign_text(request(0, 4).note.text, "w.test", ED, 1),)), SignatureError),
        (response_of((cosign_text(TEXT, "w.test", ED, 0),)), SignatureError),
        (response_of((LINES[0], cosign_text(TEXT, "w.test", PQ, 0))), SignatureError),
        (response_of((sign_text(TEXT, "w.test", ED),)), SignatureError),
    ],
)
def test_hostile_answers_are_refused(data, error):
    with pytest.raises(error):
        read_response(data, TEXT, KEYS)


@pytest.mark.parametrize(
    "data", [b"", b"7", b"07\n", b"-7\n", b"7\n\n", b"9" * 30 + b"\n", b"\xff\n"]
)
def test_a_size_is_read_strictly(data):
    assert read_size(b"7\n") == 7
    with pytest.raises(LedgerError):
        read_size(data)
