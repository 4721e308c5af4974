"""The export bundle: one file that proves itself offline. `docs/bundle-format.md`, to the byte.

A line of magic, then records: u8 kind || u32 length || body.

    H  header, first and once: canonical JSON {cosigners, log_id, log_keys, origin}
    B  a block of entries with what is shown of them, and checkpoints (`core.blocks`)
    Z  the end, last and once: canonical JSON {checkpoints, entries}, as counted

Nothing is hashed twice: the tree proves the entries, they prove what is shown, and the end says
that nothing was cut off. Blocks stand for themselves, so that several processes can share them.
"""

from __future__ import annotations

import struct
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from ledger.core.blocks import CHECKPOINT, Block, Part, is_landmark
from ledger.core.blocks import FINGERPRINT_SIZE as _PRINT
from ledger.core.canonical import canonical_bytes, parse_canonical
from ledger.core.checkpoints import parse_decimal
from ledger.core.errors import MalformedError
from ledger.core.hashing import leaf_hash
from ledger.core.leaves import Leaf

MAGIC = b"lease-export/2\n"
HEADER, BLOCK, END = b"HBZ"
#: Two thousand keys; 4 MiB of entries with one more that is shown whole; two numbers.
MAX_BODY = {HEADER: 1 << 23, BLOCK: 1 << 28, END: 1 << 10}
MAX_KEYS = 1_000
#: A block is closed at so many entries or bytes: enough for a tight loop, little to hold.
BLOCK_ENTRIES, BLOCK_BYTES = 4_096, 4 << 20
FRAME = struct.Struct(">BI")


@dataclass(frozen=True, slots=True)
class Header:
    """Whose log it is: its keys, oldest first, and the verifier keys of those who cosigned."""

    origin: str
    log_id: str
    log_keys: tuple[str, ...]
    cosigners: tuple[str, ...] = ()

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        return canonical_bytes(
            {
                "origin": self.origin,
                "log_id": self.log_id,
                "log_keys": list(self.log_keys),
                "cosigners": list(self.cosigners),
            }
        )

    @classmethod
    def parse(cls, data: bytes) -> Header:
        """Read a header strictly."""
        members = parse_canonical(data)
        if members.keys() != {"origin", "log_id", "log_keys", "cosigners"}:
            raise MalformedError("the header is incomplete or has unknown members")
        origin, log_id = members["origin"], members["log_id"]
        if not isinstance(origin, str) or not isinstance(log_id, str):
            raise MalformedError("the header holds something that is not text")
        keys, cosigners = _texts(members["log_keys"]), _texts(members["cosigners"])
        if not keys:
            raise MalformedError("the header names no key of the log")
        return cls(origin, log_id, keys, cosigners)


def _texts(value: object) -> tuple[str, ...]:
    if not isinstance(value, list) or len(value) > MAX_KEYS:
        raise MalformedError(f"the header's keys are lists of at most {MAX_KEYS}")
    if not all(isinstance(item, str) for item in value) or len(set(value)) != len(value):
        raise MalformedError("the header's keys are texts, each once")
    return tuple(value)


@dataclass(frozen=True, slots=True)
class End:
    """What the exporter counted."""

    entries: int
    checkpoints: int

    def to_bytes(self) -> bytes:
        """Canonical JSON."""
        counts = {"entries": str(self.entries), "checkpoints": str(self.checkpoints)}
        return canonical_bytes(counts)

    @classmethod
    def parse(cls, data: bytes) -> End:
        """Read the end strictly."""
        members = parse_canonical(data)
        if members.keys() != {"entries", "checkpoints"}:
            raise MalformedError("the end is two counts")
        entries, checkpoints = members["entries"], members["checkpoints"]
        if not isinstance(entries, str) or not isinstance(checkpoints, str):
            raise MalformedError("a count is text")
        return cls(parse_decimal(entries), parse_decimal(checkpoints))


class BundleWriter:
    """Writes a bundle to a binary stream, holding one block of it."""

    def __init__(
        self, stream: BinaryIO, header: Header, *, block_entries: int = BLOCK_ENTRIES
    ) -> None:
        self._stream, self._limit = stream, block_entries
        self._entries = self._checkpoints = self._held = 0
        self._leaves: list[bytes] = []
        self._landmarks: list[int] = []
        self._parts: list[Part] = []
        stream.write(MAGIC)
        self._record(HEADER, header.to_bytes())

    def _record(self, kind: int, body: bytes) -> None:
        self._stream.write(FRAME.pack(kind, len(body)) + body)

    def entry(self, leaf: bytes) -> None:
        """Add the next entry; what `show` and `checkpoint` then say belongs to it."""
        if len(self._leaves) >= self._limit or self._held >= BLOCK_BYTES:
            self._flush()
        if _is_landmark(leaf):
            self._landmarks.append(len(self._leaves))
        self._leaves.append(leaf)
        self._held += len(leaf)
        self._entries += 1

    def show(self, kind: int, data: bytes = b"") -> None:
        """Add a part (`blocks.PAYLOAD`, …) of the entry that was added last."""
        self._parts.append(Part(len(self._leaves) - 1, kind, data))
        self._held += len(data)

    def checkpoint(self, note: bytes) -> None:
        """Add a signed checkpoint of all entries so far."""
        self.show(CHECKPOINT, note)
        self._checkpoints += 1

    def _flush(self) -> None:
        if not self._leaves:
            return
        prints = b"".join(leaf_hash(leaf)[:_PRINT] for leaf in self._leaves)
        start = self._entries - len(self._leaves)
        block = Block(start, self._leaves, prints, tuple(self._landmarks), self._parts)
        self._record(BLOCK, block.to_bytes())
        self._leaves, self._landmarks, self._parts, self._held = [], [], [], 0

    def close(self) -> None:
        """Write what is held, and the end; nothing may follow."""
        self._flush()
        self._record(END, End(self._entries, self._checkpoints).to_bytes())


def _is_landmark(data: bytes) -> bool:
    """Nothing rests on a leaf that is no record; whoever verifies the bundle names it."""
    try:
        leaf = Leaf.parse(data)
    except MalformedError:
        return False
    has_items = leaf.core.items_root is not None
    return is_landmark(leaf.core.kind, has_items=has_items, is_row=leaf.row is not None)


def open_bundle(stream: BinaryIO) -> int:
    """Read the first line; answers its size."""
    if stream.read(len(MAGIC)) != MAGIC:
        raise MalformedError("this is no ledger export (its first line is another)")
    return len(MAGIC)


def read_frame(stream: BinaryIO) -> tuple[int, int] | None:
    """Kind and length of the next record; None at the end of the file."""
    frame = stream.read(FRAME.size)
    if not frame:
        return None
    if len(frame) < FRAME.size:
        raise MalformedError("the file is cut short")
    kind, length = FRAME.unpack(frame)
    if length > MAX_BODY.get(kind, -1):
        raise MalformedError("a record's kind or length is damaged")
    return kind, length


def read_body(stream: BinaryIO, length: int) -> bytes:
    """The body of a record."""
    body = stream.read(length)
    if len(body) < length:
        raise MalformedError("the file is cut short")
    return body


def records(stream: BinaryIO) -> Iterator[tuple[int, bytes]]:
    """Every (kind, body) after the first line."""
    while (frame := read_frame(stream)) is not None:
        yield frame[0], read_body(stream, frame[1])
