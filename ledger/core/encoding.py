"""Strict base64 (RFC 4648 section 4, with padding): one text for one value."""

from __future__ import annotations

import base64
import binascii

from ledger.core.errors import MalformedError


def b64(data: bytes) -> str:
    """Standard base64 with padding."""
    return base64.b64encode(data).decode("ascii")


def unb64(text: str, size: int | None = None) -> bytes:
    """Strict inverse of `b64`: re-encoding must give the same text; `size` in bytes if given."""
    try:
        data = base64.b64decode(text.encode("ascii"), validate=True)
    except (binascii.Error, UnicodeEncodeError) as error:
        raise MalformedError(f"not base64: {text[:40]!r}") from error
    if b64(data) != text:
        raise MalformedError(f"not canonical base64: {text[:40]!r}")
    if size is not None and len(data) != size:
        raise MalformedError(f"{size} bytes expected, {len(data)} found")
    return data
