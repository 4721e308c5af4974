"""What verifiers of both algorithms and both libraries share: checks before, one error after."""

from __future__ import annotations

from abc import ABC, abstractmethod
from collections.abc import Callable
from typing import ClassVar

from ledger.core.errors import SignatureError

_MISMATCH: tuple[type[Exception], ...] = (ValueError,)  # pycryptodome's
try:
    from cryptography.exceptions import InvalidSignature

    _MISMATCH = (*_MISMATCH, InvalidSignature)
except ImportError:  # the portable path needs it not
    pass


class Verifier(ABC):
    """Checks signatures of one public key by one library; the key is checked when this is made."""

    library: ClassVar[str]

    def __init__(self, public: bytes) -> None:
        self.check_key(public)
        self.public = public
        self._library_verify = self._load(public)

    def verify(self, message: bytes, signature: bytes) -> None:
        """Raise `SignatureError` unless the signature is this key's, of this message."""
        self.check_signature(signature)
        try:
            self._library_verify(signature, message)
        except _MISMATCH as error:
            raise SignatureError("the signature does not match") from error

    @staticmethod
    @abstractmethod
    def check_key(public: bytes) -> None:
        """Refuse what is no acceptable public key."""

    @staticmethod
    @abstractmethod
    def check_signature(signature: bytes) -> None:
        """Refuse what cannot be an acceptable signature of any message."""

    @abstractmethod
    def _load(self, public: bytes) -> Callable[[bytes, bytes], object]:
        """The library's function of signature and message, which raises when they do not match."""
