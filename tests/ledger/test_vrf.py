"""The VRF: RFC 9381's own vectors, and proofs broken in every way."""

import json
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core import vrf
from ledger.core.ed25519 import FIELD, ORDER
from ledger.core.errors import LedgerError, ProofError

VECTORS = json.loads((Path(__file__).parent / "vectors/ecvrf_ed25519_tai.json").read_text())
SECRET = vrf.VrfSecret(bytes(range(32)))
PROOF = SECRET.prove(b"an input")
NO_POINT = (2).to_bytes(32, "little")


@pytest.mark.parametrize("vector", VECTORS["vectors"], ids=lambda vector: vector["alpha"] or "none")
def test_the_published_vectors(vector):
    want = {name: bytes.fromhex(text) for name, text in vector.items()}
    secret = vrf.VrfSecret(want["sk"])
    assert secret.public == want["pk"]
    assert secret.prove(want["alpha"]) == want["pi"]
    assert vrf.verify(want["pk"], want["alpha"], want["pi"]) == want["beta"]
    assert secret.output(want["alpha"]) == vrf.proof_to_hash(want["pi"]) == want["beta"]


@settings(max_examples=15, deadline=None)
@given(seed=st.binary(min_size=32, max_size=32), alpha=st.binary(max_size=80))
def test_what_is_proven_is_what_is_put_out(seed, alpha):
    secret = vrf.VrfSecret(seed)
    proof = secret.prove(alpha)
    assert vrf.verify(secret.public, alpha, proof) == secret.output(alpha)
    with pytest.raises(ProofError):
        vrf.verify(secret.public, alpha + b"\0", proof)


@settings(max_examples=60, deadline=None)
@given(bit=st.integers(0, 8 * vrf.PROOF_SIZE - 1))
def test_no_bit_of_a_proof_can_be_turned(bit):
    broken = bytearray(PROOF)
    broken[bit // 8] ^= 1 << bit % 8
    with pytest.raises(LedgerError):
        vrf.verify(SECRET.public, b"an input", bytes(broken))


def _with(start, part):
    return PROOF[:start] + part + PROOF[start + len(part) :]


def _later(number):
    """s and gamma's y, moved by the order of their group: the same value in another encoding."""
    return number.to_bytes(32, "little")


@pytest.mark.parametrize(
    ("proof", "said"),
    [
        (PROOF[:-1], "is 80 bytes, not 79"),
        (PROOF + b"\0", "is 80 bytes, not 81"),
        (_with(48, _later(int.from_bytes(PROOF[48:], "little") + ORDER)), "not below the group"),
        (_with(0, _later(FIELD + 1)), "gamma is not canonically encoded"),
        (_with(0, _later(1 | 1 << 255)), "gamma is not canonically encoded"),  # -0
        (_with(0, NO_POINT), "gamma is not a point of the curve"),
        (_with(0, _later(1)), "does not hold"),  # the neutral point
        (vrf.VrfSecret(bytes(32)).prove(b"an input"), "does not hold"),
        (SECRET.prove(b"another input"), "does not hold"),
    ],
)
def test_each_way_to_break_a_proof_is_named(proof, said):
    with pytest.raises(LedgerError, match=said):
        vrf.verify(SECRET.public, b"an input", proof)


@pytest.mark.parametrize("public", [bytes(32), _later(1), _later(FIELD + 1), NO_POINT, bytes(31)])
def test_a_key_that_is_no_point_of_prime_order_proves_nothing(public):
    """Under a key of small order one proof would hold for every input."""
    with pytest.raises(ProofError, match="the VRF's key"):
        vrf.verify(public, b"an input", PROOF)


def test_the_secret_does_not_print_itself():
    assert SECRET.public.hex()[:16] in repr(SECRET) and bytes(range(32)).hex() not in repr(SECRET)
