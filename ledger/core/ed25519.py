"""Ed25519 (RFC 8032) under one strict acceptance rule, the same in phone, server and verifier.

Libraries disagree on edge signatures (cofactored or not, canonical or not). The rule: a public key
is a canonical encoding of a point of prime order; a signature has S < L, and R canonical and not of
small order; the equation is cofactorless. What this accepts, every library accepts.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from Crypto.PublicKey import ECC
from Crypto.Signature import eddsa

from ledger.core.errors import SignatureError
from ledger.core.verifiers import Verifier

try:  # three times faster; the portable path is always there and tests compare both
    from cryptography.hazmat.primitives.asymmetric.ed25519 import (
        Ed25519PrivateKey,
        Ed25519PublicKey,
    )

    HAS_FAST = True
except ImportError:
    HAS_FAST = False

FIELD = 2**255 - 19
ORDER = 2**252 + 27742317777372353535851937790883648493
_D = -121665 * pow(121666, -1, FIELD) % FIELD
_SQRT_M1 = pow(2, (FIELD - 1) // 4, FIELD)

# Encodings of the eight points of small order, and of the two with x = 0 under a set sign bit.
_ORDER_8 = (
    "26e8958fc2b227b045c3f489f2ef98f0d5dfac05d3c63339b13802886d53fc05",
    "c7176a703d4dd84fba3c0b760d10670f2a2053fa2c39ccc64ec7fd7792ac037a",
)
_REFUSED_POINTS = frozenset(
    bytes.fromhex(text)[:31] + bytes([bytes.fromhex(text)[31] | sign])
    for text in ("01" + "00" * 31, "ec" + "ff" * 30 + "7f", "00" * 32, *_ORDER_8)
    for sign in (0, 0x80)
)

_Point = tuple[int, int, int, int]  # extended coordinates X, Y, Z, T


def _check_point(encoded: bytes, what: str) -> None:
    if len(encoded) != 32:
        raise SignatureError(f"{what} is 32 bytes, not {len(encoded)}")
    if int.from_bytes(encoded, "little") & (2**255 - 1) >= FIELD:
        raise SignatureError(f"{what} is not canonically encoded")
    if encoded in _REFUSED_POINTS:
        raise SignatureError(f"{what} has small order")


def decompress(encoded: bytes) -> _Point:
    """The point of an encoding (RFC 8032 section 5.1.3), or `SignatureError`."""
    number = int.from_bytes(encoded, "little")
    sign, y = number >> 255, number & (2**255 - 1)
    top, bottom = (y * y - 1) % FIELD, (_D * y * y + 1) % FIELD
    x = top * pow(bottom, 3, FIELD) * pow(top * pow(bottom, 7, FIELD), (FIELD - 5) // 8, FIELD)
    x %= FIELD
    if (bottom * x * x - top) % FIELD:
        x = x * _SQRT_M1 % FIELD
    if (bottom * x * x - top) % FIELD:
        raise SignatureError("the public key is not a point of the curve")
    if x & 1 != sign:
        x = FIELD - x  # FIELD itself for x = 0: such encodings are refused before
    return x, y, 1, x * y % FIELD


def _add(p: _Point, q: _Point) -> _Point:
    """Unified addition in extended twisted Edwards coordinates (Hisil et al. 2008)."""
    a = (p[1] - p[0]) * (q[1] - q[0]) % FIELD
    b = (p[1] + p[0]) * (q[1] + q[0]) % FIELD
    c, d = 2 * p[3] * q[3] * _D % FIELD, 2 * p[2] * q[2] % FIELD
    e, f, g, h = b - a, d - c, d + c, b + a
    return e * f % FIELD, g * h % FIELD, f * g % FIELD, e * h % FIELD


def check_public_key(public: bytes) -> None:
    """Refuse a key that is not a canonical point of prime order. Public data: not constant time."""
    _check_point(public, "the public key")
    point, total, scalar = decompress(public), (0, 1, 1, 0), ORDER
    while scalar:
        if scalar & 1:
            total = _add(total, point)
        point = _add(point, point)
        scalar >>= 1
    if total[0] or (total[1] - total[2]) % FIELD:
        raise SignatureError("the public key is not in the prime-order group")


def _check_signature(signature: bytes) -> None:
    if len(signature) != 64:
        raise SignatureError(f"a signature is 64 bytes, not {len(signature)}")
    if int.from_bytes(signature[32:], "little") >= ORDER:
        raise SignatureError("the signature's S is not below the group order")
    _check_point(signature[:32], "the signature's R")


class _Ed25519Verifier(Verifier):
    check_key = staticmethod(check_public_key)
    check_signature = staticmethod(_check_signature)


class PortableVerifier(_Ed25519Verifier):
    """Verification by pycryptodome."""

    library = "pycryptodome"

    def _load(self, public: bytes) -> Callable[[bytes, bytes], object]:
        scheme = eddsa.new(eddsa.import_public_key(public), "rfc8032")
        return lambda signature, message: scheme.verify(message, signature)


class FastVerifier(_Ed25519Verifier):
    """Verification by `cryptography` (OpenSSL)."""

    library = "cryptography"

    def _load(self, public: bytes) -> Callable[[bytes, bytes], object]:
        return Ed25519PublicKey.from_public_bytes(public).verify


@lru_cache(maxsize=4096)
def verifier(public: bytes, *, portable: bool = False) -> Verifier:
    """A verifier for one public key, by the fastest library at hand unless `portable`."""
    return FastVerifier(public) if HAS_FAST and not portable else PortableVerifier(public)


class SecretKey:
    """A private key held as its 32-byte seed (RFC 8032 section 5.1.5)."""

    def __init__(self, seed: bytes) -> None:
        if len(seed) != 32:
            raise SignatureError("a private key is a seed of 32 bytes")
        self.seed = seed
        self._fast = Ed25519PrivateKey.from_private_bytes(seed) if HAS_FAST else None
        self._key = ECC.construct(curve="Ed25519", seed=seed)
        self.public: bytes = self._key.public_key().export_key(format="raw")

    def sign(self, message: bytes) -> bytes:
        """The 64-byte deterministic signature."""
        if self._fast is not None:
            return self._fast.sign(message)
        return bytes(eddsa.new(self._key, "rfc8032").sign(message))

    def __repr__(self) -> str:
        return f"<SecretKey of {self.public.hex()[:16]}…>"
