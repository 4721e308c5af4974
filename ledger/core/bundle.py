"""The export bundle: one file, a line of magic and a sequence of records. Streamed both ways.

Record = type byte || u32 length || payload || first 8 bytes of SHA-256 of all that. The checksum
only says where a file was damaged; what proves the content are tree, checkpoints and signatures.

    H  header: canonical JSON {origin, log_key, log_id, exported_at, cosigners}
    P  the whole payload (fields and salts) of the entry that follows
    F  some fields of the entry that follows, with their proof
    E  an entry's leaf bytes, in the order of the log
    I  items of the batch entry before it, with their proof
    C  a signed checkpoint whose size is the number of entries before it
    Z  trailer: canonical JSON {entries, sha256 of every byte before it}
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from hashlib import sha256
from typing import BinaryIO

from ledger.core.canonical import canonical_bytes, parse_canonical
from ledger.core.checkpoints import parse_decimal
from ledger.core.encoding import b64, unb64
from ledger.core.errors import MalformedError
from ledger.core.fields import SALT_SIZE, Disclosure, ShownField

MAGIC = b"lease-export/1\n"
HEADER, PAYLOAD, FIELDS, ENTRY, ITEMS, CHECKPOINT, TRAILER = b"HPFEICZ"
KINDS = frozenset(b"HPFEICZ")
CHECKSUM_SIZE = 8
MAX_PAYLOAD = 1 << 28
_FRAME = struct.Struct(">BI")


@dataclass(frozen=True, slots=True)
class Record:
    """One record; `damaged` if its checksum does not hold."""

    number: int
    kind: int
    payload: bytes
    damaged: bool


class BundleWriter:
    """Writes a bundle to a binary stream, remembering the hash of all of it."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = sha256()
        self._entries = 0
        self._put(MAGIC)

    def _put(self, data: bytes) -> None:
        self._stream.write(data)
        self._hash.update(data)

    def write(self, kind: int, payload: bytes) -> None:
        """Add a record."""
        framed = _FRAME.pack(kind, len(payload)) + payload
        self._put(framed + sha256(framed).digest()[:CHECKSUM_SIZE])
        self._entries += kind == ENTRY

    def close(self) -> None:
        """Add the trailer; nothing may follow."""
        digest = b64(self._hash.digest())
        self.write(TRAILER, canonical_bytes({"entries": str(self._entries), "sha256": digest}))


class BundleReader:
    """Reads a bundle from a binary stream, record by record, in bounded memory."""

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._hash = sha256(MAGIC)
        self.size = len(MAGIC)
        if stream.read(len(MAGIC)) != MAGIC:
            raise MalformedError("this is no ledger export (its first line is another)")

    def digest_before(self) -> bytes:
        """SHA-256 of every byte before the record that was read last."""
        return self._before

    def __iter__(self) -> Iterator[Record]:
        number = 0
        while frame := self._stream.read(_FRAME.size):
            if len(frame) < _FRAME.size:
                raise MalformedError(f"record {number}: the file is cut short")
            kind, length = _FRAME.unpack(frame)
            if kind not in KINDS or length > MAX_PAYLOAD:
                raise MalformedError(f"record {number}: its type or length is damaged")
            body = self._stream.read(length + CHECKSUM_SIZE)
            if len(body) < length + CHECKSUM_SIZE:
                raise MalformedError(f"record {number}: the file is cut short")
            self._before = self._hash.digest()
            self._hash.update(frame + body)
            self.size += len(frame) + len(body)
            payload = body[:length]
            damaged = sha256(frame + payload).digest()[:CHECKSUM_SIZE] != body[length:]
            yield Record(number, kind, payload, damaged)
            number += 1


@dataclass(frozen=True, slots=True)
class Header:
    """Whose log it is. `cosigners` are verifier keys of those whose cosignatures are inside."""

    origin: str
    log_key: str
    log_id: str
    exported_at: str
    cosigners: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_bytes(
            {
                "origin": self.origin,
                "log_key": self.log_key,
                "log_id": self.log_id,
                "exported_at": self.exported_at,
                "cosigners": list(self.cosigners),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Read a header strictly."""
        members = parse_canonical(data)
        cosigners = members.pop("cosigners", None)
        names = {"origin", "log_key", "log_id", "exported_at"}
        if members.keys() != names or not isinstance(cosigners, list):
            raise MalformedError("the header is incomplete or has unknown members")
        texts = {name: value for name, value in members.items() if isinstance(value, str)}
        if len(texts) != len(names) or not all(isinstance(item, str) for item in cosigners):
            raise MalformedError("the header holds something that is not text")
        return cls(**texts, cosigners=tuple(cosigners))


def disclosure_to_bytes(disclosure: Disclosure) -> bytes:
    """Canonical JSON of shown fields and their proof."""
    return canonical_bytes(
        {
            "size": str(disclosure.size),
            "shown": [
                {
                    "place": str(field.place),
                    "name": field.name,
                    "value": field.value,
                    "salt": b64(field.salt),
                }
                for field in disclosure.shown
            ],
            "proof": b64(b"".join(disclosure.proof)),
        }
    )


def disclosure_from_bytes(data: bytes) -> Disclosure:
    """Inverse of `disclosure_to_bytes`; `fields.verify_disclosure` tells whether it is true."""
    members = parse_canonical(data)
    shown, proof = members.get("shown"), unb64(str(members.get("proof")))
    if members.keys() != {"size", "shown", "proof"} or not isinstance(shown, list):
        raise MalformedError("a disclosure is a size, fields and a proof")
    if len(proof) % 32 or not all(isinstance(item, dict) for item in shown):
        raise MalformedError("a disclosure is a size, fields and a proof")
    fields = []
    for item in shown:
        if item.keys() != {"place", "name", "value", "salt"}:
            raise MalformedError("a shown field is a place, a name, a value and a salt")
        salt = unb64(str(item["salt"]), SALT_SIZE)
        place = parse_decimal(str(item["place"]))
        fields.append(ShownField(place, str(item["name"]), str(item["value"]), salt))
    hashes = tuple(proof[at : at + 32] for at in range(0, len(proof), 32))
    return Disclosure(parse_decimal(str(members["size"])), tuple(fields), hashes)


@dataclass(frozen=True, slots=True)
class Trailer:
    """What the exporter counted."""

    entries: int
    sha256: bytes

    @classmethod
    def parse(cls, data: bytes) -> Trailer:
        """Read a trailer strictly."""
        members = parse_canonical(data)
        if members.keys() != {"entries", "sha256"}:
            raise MalformedError("the trailer is a count and a hash")
        return cls(parse_decimal(str(members["entries"])), unb64(str(members["sha256"]), 32))
