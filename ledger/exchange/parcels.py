"""The bytes of a parcel. Pure.

A parcel is a header (canonical JSON) and four lists of byte strings, length-prefixed: leaves,
payload ciphertexts, item ciphertexts, and the data keys sealed to the receiver. Nothing in it is
plaintext; leaves hold hashes only. A notice is canonical JSON alone.
"""

from __future__ import annotations

import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise

from ledger.core.canonical import canonical_bytes, parse_canonical
from ledger.core.checkpoints import parse_decimal
from ledger.core.encoding import b64, unb64
from ledger.core.envelope import KEY_SIZE
from ledger.core.errors import MalformedError
from ledger.core.hashing import HASH_SIZE

MAGIC = b"lease-parcel/2\n"
MAX_PARTS = 1 << 20
MAX_BODY_BYTES = 1 << 27  # a receiver does not even load more; a sender stays far below


@dataclass(frozen=True, slots=True)
class EntriesParcel:
    """Entries [start, start + len(leaves)) of a log, payloads and items that the receiver may read.

    `checkpoint` is a signed note of size ≥ the parcel's end; `consistency` proves that its tree
    extends the tree of the parcel's end (empty when the sizes are equal). `base_root` is the root
    of the first `start` entries (32 bytes; empty for none) and `base_proof` its consistency with
    the checkpoint: a sender whose history is not the receiver's convicts itself by them.
    Payloads and items may belong to earlier entries too.
    """

    origin: str
    start: int
    leaves: Sequence[bytes]
    checkpoint: bytes
    consistency: Sequence[bytes] = ()
    base_root: bytes = b""
    base_proof: Sequence[bytes] = ()
    payload_indexes: Sequence[int] = ()
    payloads: Sequence[bytes] = ()
    item_indexes: Sequence[int] = ()
    items: Sequence[bytes] = ()
    sealed_keys: bytes = b""

    @property
    def end(self) -> int:
        """Size of the log after this parcel's entries."""
        return self.start + len(self.leaves)

    def context(self, receiver: str) -> bytes:
        """What the sealed keys are bound to."""
        return f"{self.origin}\n{receiver}\n{self.start}\n{self.end}".encode()

    def to_bytes(self) -> bytes:
        """The parcel as it is posted."""
        header = canonical_bytes(
            {
                "origin": self.origin,
                "start": str(self.start),
                "checkpoint": b64(self.checkpoint),
                "consistency": b64(b"".join(self.consistency)),
                "base_root": b64(self.base_root),
                "base_proof": b64(b"".join(self.base_proof)),
                "payload_indexes": [str(index) for index in self.payload_indexes],
                "item_indexes": [str(index) for index in self.item_indexes],
            }
        )
        lists = ([header], self.leaves, self.payloads, self.items, [self.sealed_keys])
        return MAGIC + b"".join(_packed(parts) for parts in lists)

    @classmethod
    def parse(cls, data: bytes) -> EntriesParcel:
        """Read a parcel strictly; nothing in it is believed yet."""
        if not data.startswith(MAGIC):
            raise MalformedError("not a parcel of this version")
        at, lists = len(MAGIC), []
        for _ in range(5):
            parts, at = _unpacked(data, at)
            lists.append(parts)
        if at != len(data) or len(lists[0]) != 1 or len(lists[4]) != 1:
            raise MalformedError("the parcel is cut short or followed by something")
        return _assembled(parse_canonical(lists[0][0]), lists)


def _assembled(header: Mapping[str, object], lists: list[list[bytes]]) -> EntriesParcel:
    try:
        parcel = EntriesParcel(
            origin=str(header["origin"]),
            start=parse_decimal(str(header["start"])),
            leaves=lists[1],
            checkpoint=unb64(str(header["checkpoint"])),
            consistency=_hashes(header["consistency"]),
            base_root=unb64(str(header["base_root"])),
            base_proof=_hashes(header["base_proof"]),
            payload_indexes=_indexes(header["payload_indexes"]),
            payloads=lists[2],
            item_indexes=_indexes(header["item_indexes"]),
            items=lists[3],
            sealed_keys=lists[4][0],
        )
    except KeyError as error:
        raise MalformedError(f"the parcel's header lacks {error}") from error
    if len(parcel.payload_indexes) != len(parcel.payloads):
        raise MalformedError("payloads and their indexes differ in number")
    if len(parcel.item_indexes) != len(parcel.items):
        raise MalformedError("items and their indexes differ in number")
    return parcel


def _hashes(value: object) -> list[bytes]:
    data = unb64(str(value))
    if len(data) % HASH_SIZE:
        raise MalformedError("a proof holds whole hashes")
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def _indexes(value: object) -> list[int]:
    if not isinstance(value, list):
        raise MalformedError("indexes are a list")
    indexes = [parse_decimal(str(item)) for item in value]
    if any(right <= left for left, right in pairwise(indexes)):
        raise MalformedError("indexes come in rising order, each once")
    return indexes


def _packed(parts: Sequence[bytes]) -> bytes:
    lengths = struct.pack(f">I{len(parts)}I", len(parts), *map(len, parts))
    return lengths + b"".join(parts)


def _unpacked(data: bytes, at: int) -> tuple[list[bytes], int]:
    try:
        (count,) = struct.unpack_from(">I", data, at)
        if count > MAX_PARTS:
            raise MalformedError("the parcel claims too many parts")
        lengths = struct.unpack_from(f">{count}I", data, at + 4)
    except struct.error as error:
        raise MalformedError("the parcel is cut short") from error
    at += 4 + 4 * count
    if at + sum(lengths) > len(data):
        raise MalformedError("the parcel is cut short")
    parts = []
    for length in lengths:
        parts.append(data[at : at + length])
        at += length
    return parts, at


def split_keys(blob: bytes, count: int) -> list[bytes]:
    """The data keys of a parcel, payloads' first, then items'."""
    if len(blob) != KEY_SIZE * count:
        raise MalformedError(f"{count} data keys expected, {len(blob)} bytes found")
    return [blob[at : at + KEY_SIZE] for at in range(0, len(blob), KEY_SIZE)]


@dataclass(frozen=True, slots=True)
class Notice:
    """A short answer of a receiver: a cosignature, or a refusal with the size it holds."""

    origin: str
    size: int
    members: Mapping[str, str] = field(default_factory=dict)

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        own = {"origin": self.origin, "size": str(self.size)}
        return canonical_bytes({**self.members, **own})

    @classmethod
    def parse(cls, data: bytes) -> Notice:
        """Read a notice strictly."""
        members = parse_canonical(data)
        if not all(isinstance(value, str) for value in members.values()):
            raise MalformedError("a notice holds text only")
        texts = {name: str(value) for name, value in members.items()}
        if not {"origin", "size"} <= texts.keys():
            raise MalformedError("a notice names a log and a size")
        return cls(texts.pop("origin"), parse_decimal(texts.pop("size")), texts)
