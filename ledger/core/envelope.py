"""Envelope encryption: a data key for every record, wrapped by the tenant's key-encryption key.

AES-256-GCM (NIST SP 800-38D) with a random 96-bit nonce in front of the ciphertext. The additional
data binds the record to its log, id, version and kind, never to its index, which exists only under
the head lock. Destroying the wrapped data key erases the record and breaks no proof.
"""

from __future__ import annotations

import os

from Crypto.Cipher import AES

from ledger.core.canonical import flat_bytes
from ledger.core.errors import DecryptionError

try:  # 20 to 50 times faster on records of a kilobyte; tests compare both
    from cryptography.exceptions import InvalidTag
    from cryptography.hazmat.primitives.ciphers.aead import AESGCM

    HAS_FAST = True
except ImportError:
    HAS_FAST = False

KEY_SIZE = 32
NONCE_SIZE = 12
TAG_SIZE = 16
WRAPPED_SIZE = NONCE_SIZE + KEY_SIZE + TAG_SIZE


def record_aad(*, log_id: str, rid: str, version: str, kind: str) -> bytes:
    """Additional data of a record. `version` is the record's `ts`."""
    return flat_bytes({"kind": kind, "log": log_id, "rid": rid, "version": version})


def items_aad(aad: bytes) -> bytes:
    """Additional data of the items that belong to the record with `aad`."""
    return b"items:" + aad


def encrypt_portable(key: bytes, nonce: bytes, plain: bytes, aad: bytes) -> bytes:
    """Ciphertext and tag, by pycryptodome."""
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=TAG_SIZE)
    cipher.update(aad)
    sealed, tag = cipher.encrypt_and_digest(plain)
    return sealed + tag


def decrypt_portable(key: bytes, nonce: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Plaintext, by pycryptodome; `ValueError` if the tag does not hold."""
    cipher = AES.new(key, AES.MODE_GCM, nonce=nonce, mac_len=TAG_SIZE)
    cipher.update(aad)
    return cipher.decrypt_and_verify(sealed[:-TAG_SIZE], sealed[-TAG_SIZE:])


def seal(key: bytes, plain: bytes, aad: bytes) -> bytes:
    """Nonce, ciphertext and tag under `key` (32 bytes)."""
    if len(key) != KEY_SIZE:
        raise DecryptionError(f"a key is {KEY_SIZE} bytes")
    nonce = os.urandom(NONCE_SIZE)
    if HAS_FAST:
        return nonce + AESGCM(key).encrypt(nonce, plain, aad)
    return nonce + encrypt_portable(key, nonce, plain, aad)


def unseal(key: bytes, sealed: bytes, aad: bytes) -> bytes:
    """Plaintext of `seal`; `DecryptionError` for another key, record, or altered bytes."""
    if len(key) != KEY_SIZE or len(sealed) < NONCE_SIZE + TAG_SIZE:
        raise DecryptionError("the key or the ciphertext has a wrong length")
    nonce, body = sealed[:NONCE_SIZE], sealed[NONCE_SIZE:]
    try:
        if HAS_FAST:
            return AESGCM(key).decrypt(nonce, body, aad)
        return decrypt_portable(key, nonce, body, aad)
    except ValueError as error:
        raise DecryptionError(_CLOSED) from error
    except Exception as error:
        if HAS_FAST and isinstance(error, InvalidTag):
            raise DecryptionError(_CLOSED) from error
        raise


_CLOSED = "the ciphertext does not open: wrong key, wrong record, or altered bytes"


def new_key() -> bytes:
    """A fresh data key."""
    return os.urandom(KEY_SIZE)


def seal_record(plain: bytes, aad: bytes) -> tuple[bytes, bytes]:
    """Encrypt under a fresh data key; answers (ciphertext, data key)."""
    key = os.urandom(KEY_SIZE)
    return seal(key, plain, aad), key


def wrap_key(kek: bytes, key: bytes, aad: bytes) -> bytes:
    """A data key under a key-encryption key: 60 bytes, bound to the record."""
    return seal(kek, key, b"wrap:" + aad)


def unwrap_key(kek: bytes, wrapped: bytes, aad: bytes) -> bytes:
    """Inverse of `wrap_key`."""
    if len(wrapped) != WRAPPED_SIZE:
        raise DecryptionError(f"a wrapped key is {WRAPPED_SIZE} bytes, not {len(wrapped)}")
    return unseal(kek, wrapped, b"wrap:" + aad)
