"""A verifiable random function: ECVRF-EDWARDS25519-SHA512-TAI of RFC 9381 (suite 0x03).

Who holds the secret key turns an input into 64 bytes that nobody else can compute or guess, and
proves that they are the only ones that belong to this input under the public key. The arithmetic of
points is pycryptodome's.

Not in constant time: how often `_to_curve` tries tells of the input (which who asks knows), and the
response is computed with Python's integers. Who can time single proofs to the microsecond might
learn of the key; proofs are made by a server that limits how often, behind a network.
"""

from __future__ import annotations

from functools import lru_cache
from hashlib import sha512

from Crypto.PublicKey.ECC import EccPoint  # type: ignore[attr-defined]  # not in its stub

from ledger.core.ed25519 import FIELD, ORDER, check_public_key, decompress
from ledger.core.errors import MalformedError, ProofError, SignatureError

PROOF_SIZE = 80
OUTPUT_SIZE = 64
_SUITE = b"\x03"
_CHALLENGE = 16
_BASE = EccPoint(
    15112221349535400772501151409588531511454012693041857206046113283949847762202,
    46316835694926478169428394003475163141307993866256225615783033603165251855960,
    curve="Ed25519",
)


class VrfSecret:
    """The secret key, held as the 32-byte seed of an Ed25519 key (RFC 8032 section 5.1.5)."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise SignatureError("a private key is a seed of 32 bytes")
        hashed = sha512(seed).digest()
        scalar = int.from_bytes(hashed[:32], "little")
        self._scalar = scalar & ((1 << 254) - 8) | (1 << 254)
        self._nonces = hashed[32:]
        self.public = _encode(_BASE * self._scalar)

    def output(self, alpha: bytes) -> bytes:
        """The 64 bytes that belong to `alpha`, without a proof: three times faster."""
        return _output(_to_curve(self.public, alpha) * self._scalar)

    def prove(self, alpha: bytes) -> bytes:
        """The proof, 80 bytes: gamma || c || s (section 5.1). Deterministic."""
        point = _to_curve(self.public, alpha)
        gamma = point * self._scalar
        text = _encode(point)
        nonce = int.from_bytes(sha512(self._nonces + text).digest(), "little") % ORDER
        marks = (text, _encode(gamma), _encode(_BASE * nonce), _encode(point * nonce))
        challenge = _challenge(self.public, *marks)
        answer = (nonce + challenge * self._scalar) % ORDER
        return marks[1] + challenge.to_bytes(_CHALLENGE, "little") + answer.to_bytes(32, "little")

    def __repr__(self) -> str:
        return f"<VrfSecret of {self.public.hex()[:16]}…>"


def verify(public: bytes, alpha: bytes, proof: bytes) -> bytes:
    """The 64 bytes that belong to `alpha` under a public key; `ProofError` if they are not these.

    The key must be a canonical point of prime order, which is stricter than section 5.4.5.
    """
    gamma, challenge, answer = _split(proof)
    key, point = _public_point(public), _to_curve(public, alpha)
    first = _BASE * answer + (-key) * challenge
    second = point * answer + (-gamma) * challenge
    marks = (_encode(point), _encode(gamma), _encode(first), _encode(second))
    if _challenge(public, *marks) != challenge:
        raise ProofError("the VRF's proof does not hold for this input under this key")
    return _output(gamma)


def proof_to_hash(proof: bytes) -> bytes:
    """The 64 bytes that a proof stands for (section 5.2); only `verify` says whether it holds."""
    return _output(_split(proof)[0])


def _split(proof: bytes) -> tuple[EccPoint, int, int]:
    if len(proof) != PROOF_SIZE:
        raise MalformedError(f"a VRF's proof is {PROOF_SIZE} bytes, not {len(proof)}")
    answer = int.from_bytes(proof[48:], "little")
    if answer >= ORDER:
        raise ProofError("the VRF's proof: s is not below the group order")
    gamma = _decode(proof[:32], "the VRF's proof: gamma")
    return gamma, int.from_bytes(proof[32:48], "little"), answer


@lru_cache(maxsize=64)
def _public_point(public: bytes) -> EccPoint:
    try:
        check_public_key(public)
    except SignatureError as error:
        raise ProofError(f"the VRF's key: {error}") from error
    return _decode(public, "the VRF's key")


def _to_curve(salt: bytes, alpha: bytes) -> EccPoint:
    """Encoding to the curve by try and increment (section 5.4.1.1), `salt` being the public key."""
    for counter in range(256):
        text = _SUITE + b"\x01" + salt + alpha + bytes([counter]) + b"\x00"
        try:
            return _cleared(_decode(sha512(text).digest()[:32], "the input"))
        except ProofError:
            continue
    raise ProofError("the input has no place on the curve")  # once in 2^256 inputs


def _challenge(*marks: bytes) -> int:
    """Section 5.4.3: of the key, the input's point, gamma, and the two points of the answer."""
    digest = sha512(_SUITE + b"\x02" + b"".join(marks) + b"\x00").digest()
    return int.from_bytes(digest[:_CHALLENGE], "little")


def _output(gamma: EccPoint) -> bytes:
    return sha512(_SUITE + b"\x03" + _encode(_cleared(gamma)) + b"\x00").digest()


def _cleared(point: EccPoint) -> EccPoint:
    """Eight times a point: the cofactor's part is gone."""
    cleared = point.copy()
    for _ in range(3):
        cleared.double()
    return cleared


def _decode(encoded: bytes, what: str) -> EccPoint:
    """RFC 8032 section 5.1.3, strictly: canonical, on the curve, no zero with a sign."""
    number = int.from_bytes(encoded, "little")
    if number & (2**255 - 1) >= FIELD:
        raise ProofError(f"{what} is not canonically encoded")
    try:
        x, y, _, _ = decompress(encoded)
    except SignatureError as error:
        raise ProofError(f"{what} is not a point of the curve") from error
    if x == FIELD:
        raise ProofError(f"{what} is not canonically encoded")
    return EccPoint(x, y, curve="Ed25519")


def _encode(point: EccPoint) -> bytes:
    number = int(point.y) | (int(point.x) & 1) << 255
    return number.to_bytes(32, "little")
