"""Signatures of notes: plain Ed25519, and the two cosignatures of C2SP tlog-cosignature v1.1."""

from __future__ import annotations

import struct
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

from ledger.core import ed25519, mldsa
from ledger.core.ed25519 import SecretKey
from ledger.core.errors import MalformedError, SignatureError
from ledger.core.mldsa import MlDsaSecretKey
from ledger.core.notes.keys import (
    ED25519,
    ED25519_COSIGNATURE,
    MLDSA44_COSIGNATURE,
    NoteKey,
)
from ledger.core.notes.text import Note, SignatureLine
from ledger.core.tree_heads import Checkpoint
from ledger.core.verifiers import Verifier

MAX_TIMESTAMP = 2**63 - 1
SUBTREE_LABEL = b"subtree/v1\n\0"
_SIZES = {ED25519_COSIGNATURE: 8 + 64, MLDSA44_COSIGNATURE: 8 + mldsa.SIGNATURE_SIZE}


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds: by which key, and when, for a cosignature (POSIX seconds)."""

    key: NoteKey
    time: int | None = None


# -- what is signed ---------------------------------------------------------------------------


def cosigned_message(text: str, time: int) -> bytes:
    """What an Ed25519 cosignature (type 0x04) signs."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def subtree_message(
    name: str, origin: str, root: bytes, *, start: int = 0, end: int, time: int = 0
) -> bytes:
    """What an ML-DSA-44 cosignature (type 0x06) signs: the tree of leaves [start, end).

    A checkpoint is start = 0 and end = its size. Only those carry a time; 0 states none.
    """
    if not is_subtree(start, end):
        raise MalformedError(f"there is no subtree of leaves {start} to {end}")
    if start and time:
        raise MalformedError("a subtree that does not start at 0 is cosigned without a time")
    if len(root) != 32:
        raise MalformedError("a root is 32 bytes")
    numbers = struct.pack(">QQ", start, end)
    stamp = struct.pack(">Q", _checked_time(time))
    return SUBTREE_LABEL + _opaque(name) + stamp + _opaque(origin) + numbers + root


def is_subtree(start: int, end: int) -> bool:
    """Whether [start, end) is a subtree (draft-ietf-plants-merkle-tree-certs section 4.1)."""
    width = 1 << max(end - start - 1, 0).bit_length()  # smallest power of two not below it
    return 0 <= start <= end <= MAX_TIMESTAMP and (start == end or start % width == 0)


def _opaque(text: str) -> bytes:
    data = text.encode()
    if not 1 <= len(data) <= 255:
        raise MalformedError("the name of a cosigner or log is 1 to 255 bytes")
    return bytes([len(data)]) + data


def _checked_time(time: int) -> int:
    if not 0 <= time <= MAX_TIMESTAMP:
        raise MalformedError("the cosignature's time is out of range")
    return time


def _message(key: NoteKey, text: str, time: int) -> bytes:
    if key.kind == ED25519_COSIGNATURE:
        return cosigned_message(text, time)
    head = Checkpoint.parse(text)
    return subtree_message(key.name, head.origin, head.root, end=head.size, time=time)


# -- verifying --------------------------------------------------------------------------------


def _verifier(key: NoteKey, portable: bool) -> Verifier:
    made = mldsa.verifier if key.kind == MLDSA44_COSIGNATURE else ed25519.verifier
    return made(key.public, portable=portable)


def _split(key: NoteKey, signature: bytes) -> tuple[int, bytes]:
    """The time and the raw signature of a cosignature."""
    if len(signature) != _SIZES[key.kind]:
        raise SignatureError(f"a cosignature is {_SIZES[key.kind]} bytes, not {len(signature)}")
    (time,) = struct.unpack(">Q", signature[:8])
    if time > MAX_TIMESTAMP:
        raise SignatureError("the cosignature's time is out of range")
    return time, signature[8:]


def _verify_line(text: str, line: SignatureLine, key: NoteKey, portable: bool) -> Verified:
    try:
        if key.kind == ED25519:
            _verifier(key, portable).verify(text.encode(), line.signature)
            return Verified(key)
        time, signature = _split(key, line.signature)
        _verifier(key, portable).verify(_message(key, text, time), signature)
        return Verified(key, time)
    except (SignatureError, MalformedError) as error:
        raise SignatureError(f"the signature of {key.name} does not hold: {error}") from error


def verify_note(
    note: Note, keys: Iterable[NoteKey], *, portable: bool = False
) -> tuple[Verified, ...]:
    """Signatures by known keys, in the note's order.

    Unknown lines are ignored; a known one that fails refuses the note, and so does a note that
    no known key signed (`SignatureError`). `portable` uses pycryptodome only.
    """
    known = {(key.name, key.id): key for key in keys}
    found = tuple(
        _verify_line(note.text, line, known[line.name, line.id], portable)
        for line in note.lines
        if (line.name, line.id) in known
    )
    if not found:
        raise SignatureError("no known key signed the note")
    return found


def holding(
    text: str, lines: Iterable[SignatureLine], keys: Iterable[NoteKey]
) -> tuple[SignatureLine, ...]:
    """Lines under a note's text by these keys, without those that do not hold."""
    known = {(key.name, key.id): key for key in keys}
    found = []
    for line in lines:
        with suppress(SignatureError, KeyError):
            _verify_line(text, line, known[line.name, line.id], False)
            found.append(line)
    return tuple(found)


def verify_subtree(
    key: NoteKey, line: SignatureLine, *, origin: str, root: bytes, start: int, end: int
) -> Verified:
    """Check an ML-DSA-44 cosignature of the tree of leaves [start, end)."""
    if key.kind != MLDSA44_COSIGNATURE or (line.name, line.id) != (key.name, key.id):
        raise SignatureError(f"it is no ML-DSA-44 cosignature of {key.name}")
    time, signature = _split(key, line.signature)
    if start and time:
        raise SignatureError("a subtree that does not start at 0 is cosigned without a time")
    message = subtree_message(key.name, origin, root, start=start, end=end, time=time)
    _verifier(key, False).verify(message, signature)
    return Verified(key, time)


# -- signing ----------------------------------------------------------------------------------


def sign_text(text: str, name: str, secret: SecretKey) -> SignatureLine:
    """A plain Ed25519 signature line (type 0x01) over a note's text."""
    if not text.endswith("\n"):
        raise MalformedError("a note's text ends with a newline")
    return SignatureLine(name, NoteKey(name, ED25519, secret.public).id, secret.sign(text.encode()))


def cosigner_key(name: str, secret: SecretKey | MlDsaSecretKey) -> NoteKey:
    """The public key of a secret that cosigns under `name`."""
    pq = isinstance(secret, MlDsaSecretKey)
    return NoteKey(name, MLDSA44_COSIGNATURE if pq else ED25519_COSIGNATURE, secret.public)


def cosign_text(
    text: str, name: str, secret: SecretKey | MlDsaSecretKey, time: int
) -> SignatureLine:
    """A timestamped cosignature (0x04, or 0x06 by an ML-DSA key) of a checkpoint's text.

    `time` in POSIX seconds.
    """
    key = cosigner_key(name, secret)
    stamp = struct.pack(">Q", _checked_time(time))
    return SignatureLine(name, key.id, stamp + secret.sign(_message(key, text, time)))


def cosign_subtree(
    name: str, secret: MlDsaSecretKey, *, origin: str, root: bytes, start: int, end: int
) -> SignatureLine:
    """An ML-DSA-44 cosignature (0x06), without a time, of the tree of leaves [start, end)."""
    message = subtree_message(name, origin, root, start=start, end=end)
    return SignatureLine(name, cosigner_key(name, secret).id, bytes(8) + secret.sign(message))
