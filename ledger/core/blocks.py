"""A block of a bundle: many entries of a log together, so that hashing them is one tight loop.

    u64 start, u32 n, u32 k, u32 p            big-endian, as everything
    n × u16     lengths of the leaves
    n × 4 B     how each leaf's hash begins: says where a leaf was damaged, and proves nothing
    k × u32     places of the entries that later ones rest on (`KEYS_AND_TAPES`), rising
    p × (u32 place, u8 kind, u32 length)      what is shown of entries, and checkpoints
    the leaves, then the parts, each kind concatenated

A place counts from the block's first entry. At one place stand at most one of P, F and X, then at
most one I, then at most one C (a checkpoint of all entries up to and with that place).
"""

from __future__ import annotations

import struct
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import accumulate, pairwise

from ledger.core.errors import MalformedError
from ledger.core.keyring import KINDS

PAYLOAD, FIELDS, ERASED, ITEMS, CHECKPOINT = b"PFXIC"
_RANK = {PAYLOAD: 0, FIELDS: 0, ERASED: 0, ITEMS: 1, CHECKPOINT: 2}
MAX_ENTRIES = 1 << 16
FINGERPRINT_SIZE = 4
HEAD = struct.Struct(">QIII")
_PART = struct.Struct(">IBI")


@dataclass(frozen=True, slots=True)
class Part:
    """What stands beside one entry: a payload, shown fields, an erasure, items, a checkpoint."""

    place: int
    kind: int
    data: bytes


@dataclass(frozen=True, slots=True)
class Block:
    """Entries `start`, `start` + 1, … with what is shown of them."""

    start: int
    leaves: list[bytes]
    fingerprints: bytes
    landmarks: tuple[int, ...]
    parts: list[Part]

    def to_bytes(self) -> bytes:
        """The block as a bundle holds it."""
        sizes = [len(leaf) for leaf in self.leaves]
        directory = (_PART.pack(part.place, part.kind, len(part.data)) for part in self.parts)
        return b"".join(
            (
                HEAD.pack(self.start, len(sizes), len(self.landmarks), len(self.parts)),
                struct.pack(f">{len(sizes)}H", *sizes),
                self.fingerprints,
                struct.pack(f">{len(self.landmarks)}I", *self.landmarks),
                *directory,
                *self.leaves,
                *(part.data for part in self.parts),
            )
        )

    @classmethod
    def parse(cls, body: bytes) -> Block:
        """Read a block strictly: every byte is accounted for. Its content is not believed yet."""
        if len(body) < HEAD.size:
            raise MalformedError("the block is too short for its head")
        start, count, marks, shown = HEAD.unpack_from(body)
        if not 0 < count <= MAX_ENTRIES or marks > count or shown > 3 * count:
            raise MalformedError("the block counts more than it may hold, or nothing")
        prints = HEAD.size + 2 * count
        places = prints + FINGERPRINT_SIZE * count
        directory = places + 4 * marks
        content = directory + _PART.size * shown
        if len(body) < content:
            raise MalformedError("the block is too short for what it counts")
        sizes = struct.unpack_from(f">{count}H", body, HEAD.size)
        landmarks = struct.unpack_from(f">{marks}I", body, places)
        heads = list(_PART.iter_unpack(body[directory:content]))
        _check_order(landmarks, heads, count)
        parts_at = content + sum(sizes)
        if parts_at + sum(size for _place, _kind, size in heads) != len(body):
            raise MalformedError("the lengths in the block do not add up to its size")
        ends = accumulate(sizes, initial=content)
        return cls(
            start,
            [body[low:high] for low, high in pairwise(ends)],
            body[prints:places],
            landmarks,
            list(_parts(body, parts_at, heads)),
        )


def _check_order(landmarks: Sequence[int], heads: list[tuple[int, int, int]], count: int) -> None:
    if any(right <= left for left, right in pairwise(landmarks)):
        raise MalformedError("the places of keys and tapes do not rise")
    if landmarks and landmarks[-1] >= count:
        raise MalformedError("a key or tape is placed outside the block")
    if any(kind not in _RANK for _place, kind, _size in heads):
        raise MalformedError("a part of the block has an unknown kind")
    order = [(place, _RANK[kind]) for place, kind, _size in heads]
    if any(right <= left for left, right in pairwise(order)):
        raise MalformedError("the parts of the block are not in order, each once")
    if order and order[-1][0] >= count:
        raise MalformedError("a part is placed outside the block")


def _parts(body: bytes, at: int, heads: list[tuple[int, int, int]]) -> Iterator[Part]:
    for place, kind, size in heads:
        yield Part(place, kind, body[at : at + size])
        at += size


def is_landmark(kind: str, *, has_items: bool, is_row: bool) -> bool:
    """Whether later entries may rest on this one: it tells of a key, or is a signed tape."""
    return kind in KINDS or (kind == "tape.imported" and has_items and not is_row)
