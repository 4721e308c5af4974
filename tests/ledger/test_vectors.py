"""What others published, against our core: proofs, ML-DSA-44, notes, a witness's dialogue."""

import base64
import json
from pathlib import Path

import pytest
from Crypto.PublicKey import MLDSA
from Crypto.Signature import mldsa as scheme

from ledger.core import mldsa
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError, ProofError, SignatureError
from ledger.core.notes import ED25519, Note, NoteKey, cosign_text, verify_note
from ledger.core.proofs import verify_consistency, verify_inclusion
from ledger.core.witness import AddCheckpoint, WitnessRefusal, advance, opened, unknown_log

VECTORS = Path(__file__).parent / "vectors"
PROBES = json.loads((VECTORS / "merkle_probes.json").read_text())
MLDSA44 = json.loads((VECTORS / "mldsa44.json").read_text())
LITEWITNESS = json.loads((VECTORS / "litewitness.json").read_text())
# transparency-dev/formats@0b850f1 note/note_cosigv1_test.go
REMORA_KEY = "remora.n621.de+da77ade7+BOvN63jn/bLvkieywe8R6UYAtVtNbZpXh34x7onlmtw2"
# C2SP/C2SP@5ba5ee8 signed-note.md
C2SP_KEY = "example.com/foo+530d903a+AekyeRrm56hApGFkyQR4ZCbV54Id2LKaANYcrnKv3U2k"
C2SP_NOTE = (
    "This is an example message.\n"
    "\n"
    "— example.com/foo Uw2QOkn8srV1yJGh2VYRlL1Tnagv1YEq6TfXppzi2ONncAlTgK7Ztg1ERYNZXsYjOBH3mFXmRKuw"
    "HjG1Yu72IneyaQM=\n"
)


def _hashes(probe):
    return [base64.b64decode(text or "") for text in probe["proof"]]


def _bytes(probe, name):
    return base64.b64decode(probe[name] or "")


@pytest.mark.parametrize("probe", PROBES["inclusion"], ids=lambda probe: probe["name"])
def test_inclusion_probes(probe):
    arguments = (
        probe["leafIdx"],
        probe["treeSize"],
        _bytes(probe, "leafHash"),
        _hashes(probe),
        _bytes(probe, "root"),
    )
    if probe["wantErr"]:
        with pytest.raises(ProofError):
            verify_inclusion(*arguments)
    else:
        verify_inclusion(*arguments)


# roots that are no hashes pass with theirs when they are equal; ours are 32 bytes
STRICTER = "additional/sizes-are-equal-one-and-proof-is-empty"


@pytest.mark.parametrize("probe", PROBES["consistency"], ids=lambda probe: probe["name"])
def test_consistency_probes(probe):
    arguments = (
        probe["size1"],
        probe["size2"],
        _hashes(probe),
        _bytes(probe, "root1"),
        _bytes(probe, "root2"),
    )
    if probe["wantErr"] or probe["name"] == STRICTER:
        with pytest.raises(ProofError):
            verify_consistency(*arguments)
    else:
        verify_consistency(*arguments)


@pytest.mark.parametrize("case", MLDSA44["verify"], ids=lambda case: f"{case['id']}")
@pytest.mark.parametrize("make", [mldsa.PortableVerifier, mldsa.FastVerifier])
def test_mldsa44_verification(case, make):
    public, message, signature = (_bytes(case, name) for name in ("public", "message", "signature"))
    if case["valid"]:
        make(public).verify(message, signature)
    else:
        with pytest.raises(SignatureError):
            make(public).verify(message, signature)


@pytest.mark.parametrize("case", MLDSA44["sign"], ids=lambda case: f"{case['id']}")
def test_mldsa44_keys_from_seeds(case):
    seed, message = _bytes(case, "seed"), _bytes(case, "message")
    for portable in (True, False):
        secret = mldsa.MlDsaSecretKey(seed, portable=portable)
        assert secret.public == _bytes(case, "public")
        for verifier in (mldsa.PortableVerifier, mldsa.FastVerifier):
            verifier(secret.public).verify(message, secret.sign(message))
            verifier(secret.public).verify(message, _bytes(case, "signature"))
    key = MLDSA.construct(param_set=MLDSA.ML_DSA_44, seed=seed)
    assert scheme.new(key, deterministic=True).sign(message) == _bytes(case, "signature")


@pytest.mark.parametrize("text", [C2SP_KEY, REMORA_KEY])
def test_published_verifier_keys_read_and_write_back(text):
    assert NoteKey.parse(text).vkey() == text


def test_the_example_of_signed_note():
    (verified,) = verify_note(Note.parse(C2SP_NOTE.encode()), [NoteKey.parse(C2SP_KEY)])
    assert verified.key.name == "example.com/foo"
    for at in range(len(C2SP_NOTE.encode())):
        data = bytearray(C2SP_NOTE.encode())
        data[at] ^= 1
        with pytest.raises(LedgerError):
            verify_note(Note.parse(bytes(data)), [NoteKey.parse(C2SP_KEY)])


# litewitness answers 403 where the protocol says 404, and takes base64 that is not canonical (the
# second request) as a bad signature, where we call the request malformed
OURS = [200, 400, 404, 422, 422, 200, 409, 200, 409]


def test_the_dialogue_of_litewitness():
    public = bytes.fromhex(LITEWITNESS["log_public"])
    size, root, answers = 0, b"", []
    name = "sigsum.org/v1/tree/4d6d8825a6bb689d459628312889dfbb0bcd41b5211d9e1ce768b0ff0309e562"
    log = NoteKey(name, ED25519, public)
    for request in LITEWITNESS["requests"]:
        try:
            parsed = AddCheckpoint.parse(request["body"].encode())
            assert parsed.to_bytes() == request["body"].encode()
            if parsed.claimed().origin != name:
                raise unknown_log(parsed.claimed().origin)
            checkpoint = opened(parsed, [log])
            advance(parsed, checkpoint, size, root)
            size, root = checkpoint.size, checkpoint.root
            cosign_text(parsed.note.text, "example.com/witness", SecretKey(b"w" * 32), 1)
            answers.append(200)
        except WitnessRefusal as refusal:
            answers.append(refusal.status)
            if refusal.status == 409:
                assert refusal.body() == f"{size}\n".encode()
    assert answers == OURS
    assert [
        their
        for their, ours in zip(LITEWITNESS["requests"], OURS, strict=True)
        if their["status"] != ours
    ] == LITEWITNESS["requests"][1:3]
