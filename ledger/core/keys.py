"""Signing keys of a log, as the leaf names them."""

from __future__ import annotations

from enum import StrEnum
from hashlib import sha256

from ledger.core.errors import SignatureError


class KeyRole(StrEnum):
    """Who holds a key and what it may sign."""

    DEVICE = "device"  # one officer's phone: single records
    BACK_OFFICE = "back_office"  # a lessor's office: tapes
    SERVICE = "service"  # the tenant's own server: bank and telematics batches, events


def key_id(public: bytes) -> str:
    """The `kid` of a public key: 128 bits of its hash, so that a leaf binds the key it names."""
    if len(public) != 32:
        raise SignatureError("a public key is 32 bytes")
    return sha256(b"lease-key/1\n" + public).hexdigest()[:32]
