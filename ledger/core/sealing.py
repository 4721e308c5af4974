"""Data keys sealed to a counterparty's X25519 key (RFC 7748), one seal for a whole parcel.

An ephemeral key agrees a secret with the recipient's; HKDF-SHA256 (RFC 5869) over it, bound to
both public keys and the parcel's context, gives the AES-256-GCM key. As in RFC 9180's base mode:
who sent it is proven by the log's signatures inside, not here.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from Crypto.Hash import SHA256
from Crypto.Protocol.DH import import_x25519_private_key, import_x25519_public_key, key_agreement
from Crypto.Protocol.KDF import HKDF
from Crypto.PublicKey import ECC

from ledger.core.envelope import KEY_SIZE, seal, unseal
from ledger.core.errors import DecryptionError

PUBLIC_SIZE = 32


def new_secret() -> bytes:
    """A fresh X25519 private key (32-byte seed)."""
    return bytes(ECC.generate(curve="Curve25519").seed)


def public_of(secret: bytes) -> bytes:
    """The X25519 public key of a private one."""
    return bytes(import_x25519_private_key(secret).public_key().export_key(format="raw"))


def _agree(secret: Any, public: Any, ephemeral: bytes, recipient: bytes, context: bytes) -> bytes:
    def derive(shared: bytes) -> bytes:
        info = b"lease-parcel/1\n" + ephemeral + recipient + context
        return bytes(HKDF(shared, KEY_SIZE, b"", SHA256, 1, info))  # type: ignore[arg-type]

    return bytes(key_agreement(eph_priv=secret, eph_pub=public, kdf=derive))


def seal_to(recipient: bytes, plain: bytes, context: bytes) -> bytes:
    """Encrypt to the holder of `recipient`'s private key: ephemeral public key || sealed bytes."""
    secret = ECC.generate(curve="Curve25519")
    ephemeral = bytes(secret.public_key().export_key(format="raw"))
    try:
        public = import_x25519_public_key(recipient)
        key = _agree(secret, public, ephemeral, recipient, context)
    except ValueError as error:
        raise DecryptionError("the recipient's key is not an acceptable X25519 key") from error
    return ephemeral + seal(key, plain, context)


def open_sealed(secret: bytes, sealed: bytes, context: bytes) -> bytes:
    """Inverse of `seal_to`; `DecryptionError` for another recipient, context or altered bytes."""
    ephemeral, body = sealed[:PUBLIC_SIZE], sealed[PUBLIC_SIZE:]
    try:
        public = import_x25519_public_key(ephemeral)
        private = import_x25519_private_key(secret)
        recipient = bytes(private.public_key().export_key(format="raw"))
        key = _agree(private, public, ephemeral, recipient, context)
    except ValueError as error:
        raise DecryptionError("the sealed keys carry no acceptable X25519 key") from error
    return unseal(key, body, context)


def open_by_any(secrets: Sequence[bytes], sealed: bytes, context: bytes) -> bytes:
    """`open_sealed` by the first of several private keys that opens it."""
    for secret in secrets[:-1]:
        try:
            return open_sealed(secret, sealed, context)
        except DecryptionError:
            continue
    return open_sealed(secrets[-1], sealed, context)
