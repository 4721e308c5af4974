"""What the pure core raises, apart from `tenants.problems`: the verifier stands alone."""

from __future__ import annotations

_LONGEST = 200  # characters


def shortened(told: str, most: int = _LONGEST) -> str:
    """What a refusal repeats of a hostile file, which may be megabytes."""
    return told if len(told) <= most else f"{told[:most]}…"


class LedgerError(ValueError):
    """Bytes that are malformed, or a proof that does not hold. `str()` says what and where."""


class MalformedError(LedgerError):
    """The bytes do not follow the format."""


class ProofError(LedgerError):
    """The bytes are well formed, but the claim they carry is false."""


class SignatureError(ProofError):
    """A signature, or the key it names, is not acceptable."""


class DecryptionError(LedgerError):
    """A ciphertext does not open: wrong key, wrong record, or altered bytes."""
