"""ML-DSA-44 (FIPS 204), pure, with an empty context: what C2SP cosignatures of type 0x06 use.

Keys are made from their 32-byte seed (FIPS 204 algorithm 1 with that ξ). Signatures are hedged, as
the standard recommends: two of one message differ, both verify.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import lru_cache

from Crypto.PublicKey import MLDSA
from Crypto.Signature import mldsa

from ledger.core.errors import SignatureError
from ledger.core.verifiers import Verifier

try:  # several times faster; the portable path is always there and tests compare both
    from cryptography.exceptions import UnsupportedAlgorithm
    from cryptography.hazmat.primitives.asymmetric.mldsa import (
        MLDSA44PrivateKey,
        MLDSA44PublicKey,
    )

    try:
        MLDSA44PrivateKey.from_seed_bytes(bytes(32))  # built upon an OpenSSL that has it?
        HAS_FAST = True
    except UnsupportedAlgorithm:
        HAS_FAST = False
except ImportError:
    HAS_FAST = False

SEED_SIZE, PUBLIC_SIZE, SIGNATURE_SIZE = 32, 1312, 2420


def check_public_key(public: bytes) -> None:
    """Refuse what cannot be a key: every 1312 bytes encode one (FIPS 204 algorithm 23)."""
    if len(public) != PUBLIC_SIZE:
        raise SignatureError(f"an ML-DSA-44 public key is {PUBLIC_SIZE} bytes, not {len(public)}")


def _check_signature(signature: bytes) -> None:
    if len(signature) != SIGNATURE_SIZE:
        raise SignatureError(
            f"an ML-DSA-44 signature is {SIGNATURE_SIZE} bytes, not {len(signature)}"
        )


class _MlDsaVerifier(Verifier):
    check_key = staticmethod(check_public_key)
    check_signature = staticmethod(_check_signature)


class PortableVerifier(_MlDsaVerifier):
    """Verification by pycryptodome."""

    library = "pycryptodome"

    def _load(self, public: bytes) -> Callable[[bytes, bytes], object]:
        scheme = mldsa.new(MLDSA.construct(param_set=MLDSA.ML_DSA_44, pk=public))
        return lambda signature, message: scheme.verify(message, signature)


class FastVerifier(_MlDsaVerifier):
    """Verification by `cryptography` (OpenSSL)."""

    library = "cryptography"

    def _load(self, public: bytes) -> Callable[[bytes, bytes], object]:
        return MLDSA44PublicKey.from_public_bytes(public).verify


@lru_cache(maxsize=1024)
def verifier(public: bytes, *, portable: bool = False) -> Verifier:
    """A verifier for one public key, by the fastest library at hand unless `portable`."""
    return FastVerifier(public) if HAS_FAST and not portable else PortableVerifier(public)


class MlDsaSecretKey:
    """A private key held as its 32-byte seed."""

    def __init__(self, seed: bytes, *, portable: bool = False) -> None:
        if len(seed) != SEED_SIZE:
            raise SignatureError(f"an ML-DSA-44 private key is a seed of {SEED_SIZE} bytes")
        self.seed = seed
        fast = HAS_FAST and not portable
        self._fast = MLDSA44PrivateKey.from_seed_bytes(seed) if fast else None
        self._key = None if fast else MLDSA.construct(param_set=MLDSA.ML_DSA_44, seed=seed)
        self.public: bytes = self._public()

    def _public(self) -> bytes:
        if self._fast is not None:
            return self._fast.public_key().public_bytes_raw()
        assert self._key is not None
        return bytes(self._key.public_key().pk)

    def sign(self, message: bytes) -> bytes:
        """A signature of 2420 bytes."""
        if self._fast is not None:
            return self._fast.sign(message)
        assert self._key is not None
        return bytes(mldsa.new(self._key).sign(message))

    def __repr__(self) -> str:
        return f"<MlDsaSecretKey of {self.public.hex()[:16]}…>"
