"""Keys that sign notes: their names, types and ids (C2SP signed-note v1.0.0)."""

from __future__ import annotations

from dataclasses import dataclass
from hashlib import sha256

from ledger.core import mldsa
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError

ED25519 = 0x01
ED25519_COSIGNATURE = 0x04
MLDSA44_COSIGNATURE = 0x06
KEY_SIZES = {ED25519: 32, ED25519_COSIGNATURE: 32, MLDSA44_COSIGNATURE: mldsa.PUBLIC_SIZE}
COSIGNATURES = frozenset((ED25519_COSIGNATURE, MLDSA44_COSIGNATURE))


def check_name(name: str) -> None:
    """Refuse what cannot be a key's name: empty, with a plus, white space or control characters.

    The signed-note format forbids the first three; a note holds no control character, and is
    UTF-8, so that bytes of a command line which are none (lone surrogates here) name no key.
    """
    if not name or "+" in name or any(c.isspace() or c < " " or _is_lone(c) for c in name):
        raise MalformedError(f"not a key name: {name[:60]!r}")


def _is_lone(sign: str) -> bool:
    return "\ud800" <= sign <= "\udfff"


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that may sign notes, under its name and signature type."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        check_name(self.name)
        size = KEY_SIZES.get(self.kind)
        if size is None:
            raise MalformedError(f"signature type 0x{self.kind:02x} is not supported")
        if len(self.public) != size:
            what = "an ML-DSA-44" if self.kind == MLDSA44_COSIGNATURE else "an Ed25519"
            raise MalformedError(f"{what} public key is {size} bytes, not {len(self.public)}")

    @property
    def id(self) -> bytes:
        """Key ID: SHA-256(name || 0x0A || type || public key)[:4]."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    @property
    def algorithm(self) -> str:
        """Its algorithm's name."""
        return "ML-DSA-44" if self.kind == MLDSA44_COSIGNATURE else "Ed25519"

    def vkey(self) -> str:
        """Text form: name+hex id+base64(type || public key)."""
        return f"{self.name}+{self.id.hex()}+{b64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """Inverse of `vkey`; the id must match."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise MalformedError(f"not a verifier key: {text[:60]!r}")
        data = unb64(parts[2])
        if not data:
            raise MalformedError(f"the verifier key {parts[0][:60]!r} holds no key")
        key = cls(parts[0], data[0], data[1:])
        if key.id.hex() != parts[1]:
            raise MalformedError(f"the id of verifier key {parts[0]!r} does not match its key")
        return key
