"""What others published, against our core: proofs, ML-DSA-44, JCS, notes, a witness's dialogue."""

import base64
import json
from pathlib import Path

import pytest
from Crypto.PublicKey import MLDSA
from Crypto.Signature import mldsa as scheme
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.mldsa import MLDSA44PublicKey

from ledger.core import mldsa
from ledger.core.canonical import canonical_bytes, parse, parse_canonical
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import LedgerError, MalformedError, ProofError, SignatureError
from ledger.core.notes import ED25519, Note, NoteKey, cosign_text, verify_note
from ledger.core.proofs import verify_consistency, verify_inclusion
from ledger.core.witness import AddCheckpoint, WitnessRefusal, advance, opened, unknown_log

VECTORS = Path(__file__).parent / "vectors"
PROBES = json.loads((VECTORS / "merkle_probes.json").read_text())
MLDSA44 = json.loads((VECTORS / "mldsa44.json").read_text())
ACVP = json.loads((VECTORS / "acvp_mldsa44.json").read_text())
JCS = json.loads((VECTORS / "jcs.json").read_text())["cases"]
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


@pytest.mark.parametrize("case", ACVP["keys"], ids=lambda case: f"{case['id']}")
@pytest.mark.parametrize("portable", [True, False])
def test_nist_keys_from_seeds(case, portable):
    secret = mldsa.MlDsaSecretKey(_bytes(case, "seed"), portable=portable)
    assert secret.public == _bytes(case, "public")


@pytest.mark.parametrize("case", ACVP["verify"], ids=lambda case: f"{case['id']} {case['reason']}")
def test_nist_signatures_hold_under_their_context_only(case):
    """Each names a context and ours is empty: what holds under theirs is no signature of ours."""
    public, message, signature = (_bytes(case, name) for name in ("public", "message", "signature"))
    context = _bytes(case, "context")
    portable = scheme.new(MLDSA.construct(param_set=MLDSA.ML_DSA_44, pk=public), context=context)
    fast = MLDSA44PublicKey.from_public_bytes(public)
    if case["valid"]:
        portable.verify(message, signature)
        fast.verify(signature, message, context)
    else:
        with pytest.raises(ValueError):
            portable.verify(message, signature)
        with pytest.raises(InvalidSignature):
            fast.verify(signature, message, context)
    for make in (mldsa.PortableVerifier, mldsa.FastVerifier):
        with pytest.raises(SignatureError):
            make(public).verify(message, signature)


#: They hold numbers and truth values, which are never signed here.
NUMBERED = {"arrays", "structures", "values"}


def _as_text(value):
    """The value with every number and truth value as text."""
    if isinstance(value, dict):
        return {name: _as_text(item) for name, item in value.items()}
    if isinstance(value, list):
        return [_as_text(item) for item in value]
    return f"{value:g}" if isinstance(value, (bool, int, float)) else value


@pytest.mark.parametrize("case", JCS, ids=lambda case: case["name"])
def test_the_files_of_json_canonicalization(case):
    given, wanted = case["input"].encode(), case["output"].encode()
    if case["name"] in NUMBERED:
        for data in (given, wanted):
            with pytest.raises(MalformedError):
                parse(data)
        # the order of names and what strings look like apply all the same
        wanted = json.dumps(
            _as_text(json.loads(wanted)), ensure_ascii=False, separators=(",", ":")
        ).encode()
        given = json.dumps(_as_text(json.loads(given))).encode()
    assert canonical_bytes(parse(given)) == wanted
    if wanted.startswith(b"{"):
        assert parse_canonical(wanted) == json.loads(given)
        with pytest.raises(MalformedError):
            parse_canonical(given)


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
