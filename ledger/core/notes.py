"""Signed notes: C2SP signed-note v1.0.0, and the Ed25519 cosignature of tlog-cosignature v1.

A note is text that ends in a newline, a blank line, and one or more signature lines.
"""

from __future__ import annotations

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from hashlib import sha256

from ledger.core.ed25519 import SecretKey, verifier
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError, SignatureError

ED25519 = 0x01
ED25519_COSIGNATURE = 0x04
MAX_SIGNATURES = 100
MAX_TIMESTAMP = 2**63 - 1
_DASH = "\u2014 "


def _check_name(name: str) -> None:
    if not name or "+" in name or any(character.isspace() for character in name):
        raise MalformedError(f"not a key name: {name!r}")


@dataclass(frozen=True, slots=True)
class NoteKey:
    """A public key that may sign notes, under its name and signature type."""

    name: str
    kind: int
    public: bytes

    def __post_init__(self) -> None:
        _check_name(self.name)
        if self.kind not in (ED25519, ED25519_COSIGNATURE):
            raise MalformedError(f"signature type 0x{self.kind:02x} is not supported")
        if len(self.public) != 32:
            raise MalformedError("an Ed25519 public key is 32 bytes")

    @property
    def id(self) -> bytes:
        """Key ID: SHA-256(name || 0x0A || type || public key)[:4]."""
        return sha256(self.name.encode() + b"\n" + bytes([self.kind]) + self.public).digest()[:4]

    def vkey(self) -> str:
        """Text form: name+hex id+base64(type || public key)."""
        return f"{self.name}+{self.id.hex()}+{b64(bytes([self.kind]) + self.public)}"

    @classmethod
    def parse(cls, text: str) -> NoteKey:
        """Inverse of `vkey`; the id must match."""
        parts = text.split("+", 2)
        if len(parts) != 3:
            raise MalformedError(f"not a verifier key: {text[:60]!r}")
        data = unb64(parts[2], 33)
        key = cls(parts[0], data[0], data[1:])
        if key.id.hex() != parts[1]:
            raise MalformedError(f"the id of verifier key {parts[0]!r} does not match its key")
        return key


@dataclass(frozen=True, slots=True)
class SignatureLine:
    """One line under a note: who, and the raw signature after the 4-byte key id."""

    name: str
    id: bytes
    signature: bytes

    def text(self) -> str:
        """The line, with its newline."""
        return f"{_DASH}{self.name} {b64(self.id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> SignatureLine:
        """Read one line without its newline."""
        name, space, data = line.removeprefix(_DASH).rpartition(" ")
        if not line.startswith(_DASH) or not space:
            raise MalformedError(f"not a signature line: {line[:60]!r}")
        _check_name(name)
        raw = unb64(data)
        if len(raw) < 5:
            raise MalformedError(f"the signature of {name!r} is too short")
        return cls(name, raw[:4], raw[4:])


@dataclass(frozen=True, slots=True)
class Note:
    """Text and signature lines, not yet believed."""

    text: str
    lines: tuple[SignatureLine, ...]

    def to_bytes(self) -> bytes:
        """The note as it is stored and sent."""
        return (self.text + "\n" + "".join(line.text() for line in self.lines)).encode()

    @classmethod
    def parse(cls, data: bytes) -> Note:
        """Read a note strictly; says nothing about its signatures."""
        try:
            whole = data.decode()
        except UnicodeDecodeError as error:
            raise MalformedError("a note is UTF-8") from error
        if any(character < " " and character != "\n" for character in whole):
            raise MalformedError("a note holds no control characters")
        text, blank, tail = whole.rpartition("\n\n")
        if not blank or not tail.endswith("\n"):
            raise MalformedError("a note is text, a blank line and signature lines")
        lines = tail[:-1].split("\n")
        if len(lines) > MAX_SIGNATURES:
            raise MalformedError(f"more than {MAX_SIGNATURES} signatures")
        return cls(text + "\n", tuple(SignatureLine.parse(line) for line in lines))


@dataclass(frozen=True, slots=True)
class Verified:
    """A signature that holds: by which key, and when, for a cosignature (POSIX seconds)."""

    key: NoteKey
    time: int | None = None


def cosigned_message(text: str, time: int) -> bytes:
    """What an Ed25519 cosignature (type 0x04) signs."""
    return f"cosignature/v1\ntime {time}\n{text}".encode()


def _verify_line(text: str, line: SignatureLine, key: NoteKey) -> Verified:
    try:
        if key.kind == ED25519:
            verifier(key.public).verify(text.encode(), line.signature)
            return Verified(key)
        if len(line.signature) != 72:
            raise SignatureError(f"a cosignature is 72 bytes, not {len(line.signature)}")
        (time,) = struct.unpack(">Q", line.signature[:8])
        if time > MAX_TIMESTAMP:
            raise SignatureError("the cosignature's time is out of range")
        verifier(key.public).verify(cosigned_message(text, time), line.signature[8:])
        return Verified(key, time)
    except SignatureError as error:
        raise SignatureError(f"the signature of {key.name} does not hold: {error}") from error


def verify_note(note: Note, keys: Iterable[NoteKey]) -> tuple[Verified, ...]:
    """Signatures by known keys, in the note's order.

    Unknown lines are ignored; a known one that fails refuses the note, and so does a note that
    no known key signed (`SignatureError`).
    """
    known = {(key.name, key.id): key for key in keys}
    found = tuple(
        _verify_line(note.text, line, known[line.name, line.id])
        for line in note.lines
        if (line.name, line.id) in known
    )
    if not found:
        raise SignatureError("no known key signed the note")
    return found


def sign_text(text: str, name: str, secret: SecretKey) -> SignatureLine:
    """A plain Ed25519 signature line (type 0x01) over a note's text."""
    if not text.endswith("\n"):
        raise MalformedError("a note's text ends with a newline")
    return SignatureLine(name, NoteKey(name, ED25519, secret.public).id, secret.sign(text.encode()))


def cosign_text(text: str, name: str, secret: SecretKey, time: int) -> SignatureLine:
    """A timestamped cosignature (type 0x04) of a checkpoint text; time in POSIX seconds."""
    if not 0 <= time <= MAX_TIMESTAMP:
        raise MalformedError("the cosignature's time is out of range")
    signature = struct.pack(">Q", time) + secret.sign(cosigned_message(text, time))
    return SignatureLine(name, NoteKey(name, ED25519_COSIGNATURE, secret.public).id, signature)
