"""Tiles: C2SP tlog-tiles, the static and cacheable read side of a log.

A full tile of level L holds 256 hashes; hash i of tile n is the root of the 256^L leaves from
(n * 256 + i) * 256^L on. A partial tile holds the complete hashes there are, 1 to 255. Entry
bundles are cut like the tiles of level 0. Nothing here touches files or a database.
"""

from __future__ import annotations

import re
import struct
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass

from ledger.core.errors import MalformedError, ProofError
from ledger.core.hashing import HASH_SIZE, leaf_hash, parent_level
from ledger.core.tree import NodeGetter, range_hash

HEIGHT = 8
WIDTH = 1 << HEIGHT
MAX_LEVEL = 63 // HEIGHT  # levels that a log of fewer than 2^63 entries can have
ENTRIES = -1
"""The level that stands for entry bundles."""
MAX_ENTRY = 65_535
_PATH = re.compile(
    r"tile/(entries|0|[1-9][0-9]?)/((?:x[0-9]{3}/)*[0-9]{3})(?:\.p/([1-9][0-9]{0,2}))?"
)


@dataclass(frozen=True, slots=True)
class Tile:
    """One tile, or one entry bundle (`level` = ENTRIES), with the width that it has."""

    level: int
    index: int
    width: int = WIDTH

    def __post_init__(self) -> None:
        if not (ENTRIES <= self.level <= 63 and self.index >= 0 and 1 <= self.width <= WIDTH):
            raise MalformedError(
                f"there is no tile {self.level}/{self.index} of width {self.width}"
            )

    @property
    def is_full(self) -> bool:
        """Whether nothing will be added to it."""
        return self.width == WIDTH

    def path(self) -> str:
        """Where it stands below the log's prefix, such as `tile/0/x001/x234/067.p/112`."""
        rest = self.index
        groups: list[str] = []
        while True:
            rest, group = divmod(rest, 1000)
            groups.append(f"x{group:03d}" if groups else f"{group:03d}")
            if not rest:
                break
        level = "entries" if self.level == ENTRIES else str(self.level)
        part = "" if self.is_full else f".p/{self.width}"
        return f"tile/{level}/{'/'.join(reversed(groups))}{part}"

    @classmethod
    def parse(cls, path: str) -> Tile:
        """Inverse of `path`; refuses every other spelling."""
        found = _PATH.fullmatch(path)
        if found is None:
            raise MalformedError(f"not a tile: {path[:60]!r}")
        level = ENTRIES if found[1] == "entries" else int(found[1])
        tile = cls(level, int(re.sub("[x/]", "", found[2])), int(found[3] or WIDTH))
        if tile.path() != path:  # leading groups of zeros, a width of 256, a level above 63
            raise MalformedError(f"not a tile: {path[:60]!r}")
        return tile

    def nodes(self) -> range:
        """Indexes of its hashes among the nodes of tree level `8 * level` (or of its entries)."""
        return range(self.index * WIDTH, self.index * WIDTH + self.width)


def tile_of(level: int, index: int, size: int) -> Tile:
    """Tile `index` of a level as wide as a log of `size` entries makes it."""
    hashes = size if level == ENTRIES else size >> (HEIGHT * level)
    width = min(hashes - index * WIDTH, WIDTH)
    if width < 1:
        raise MalformedError(f"a log of {size} has no tile {level}/{index}")
    return Tile(level, index, width)


def fresh_tiles(old: int, new: int, *, entries: bool = True) -> Iterator[Tile]:
    """Tiles that a log of `new` entries has and the log of `old` had not: bundles first."""
    for level in range(ENTRIES if entries else 0, MAX_LEVEL + 1):
        shift = HEIGHT * max(level, 0)
        before, after = old >> shift, new >> shift
        if after == before:
            if shift:
                return  # the levels above have not moved either
            continue
        for index in range(before // WIDTH, -(-after // WIDTH)):
            yield tile_of(level, index, new)


def entry_bundle(entries: Sequence[bytes]) -> bytes:
    """u16 length || bytes of each entry, 1 to 256 of them."""
    if not 1 <= len(entries) <= WIDTH:
        raise MalformedError(f"a bundle holds 1 to {WIDTH} entries, not {len(entries)}")
    for entry in entries:
        if len(entry) > MAX_ENTRY:
            raise MalformedError(f"an entry of a bundle has at most {MAX_ENTRY} bytes")
    return b"".join(struct.pack(">H", len(entry)) + entry for entry in entries)


def bundle_entries(data: bytes, width: int) -> list[bytes]:
    """Inverse of `entry_bundle`; there must be exactly `width`."""
    entries, at = [], 0
    while at < len(data):
        if at + 2 > len(data):
            raise MalformedError("the bundle is cut short")
        (length,) = struct.unpack_from(">H", data, at)
        entry = data[at + 2 : at + 2 + length]
        if len(entry) < length:
            raise MalformedError("the bundle is cut short")
        entries.append(entry)
        at += 2 + length
    if len(entries) != width:
        raise MalformedError(f"the bundle holds {len(entries)} entries, not {width}")
    return entries


ReadTile = Callable[[Tile], bytes]
"""Answers the bytes of a tile; not believed."""


def tile_hashes(tile: Tile, data: bytes) -> list[bytes]:
    """The hashes of a tile of hashes."""
    if len(data) != HASH_SIZE * tile.width:
        raise MalformedError(
            f"{tile.path()} has {len(data)} bytes, not {HASH_SIZE * tile.width}: torn or another's"
        )
    return [data[at : at + HASH_SIZE] for at in range(0, len(data), HASH_SIZE)]


def nodes_of_tiles(size: int, read: ReadTile) -> NodeGetter:
    """A getter over the tiles of a log of `size`, for the proofs of `ledger.core.proofs`.

    What it answers is what the tiles say: check the proof that comes out of it.
    """

    def get(level: int, index: int) -> bytes:
        floor, rise = divmod(level, HEIGHT)
        first = index << rise
        tile = tile_of(floor, first // WIDTH, size)
        at = first % WIDTH
        below = tile_hashes(tile, read(tile))[at : at + (1 << rise)]
        if len(below) != 1 << rise:
            raise MalformedError(f"node ({level}, {index}) is not complete in a log of {size}")
        for _ in range(rise):
            below = parent_level(below)
        return below[0]

    return get


def check_tiles(size: int, root: bytes, read: ReadTile, *, entries: bool = True) -> None:
    """Read every tile of a log once and raise `ProofError` naming the first that is wrong.

    A tile must lead to the hash that the tile above it holds, entries to the hashes of level 0,
    and what stands at the top to `root`. Memory: one hash of each full tile, level by level.
    """
    if entries:
        for index in range(-(-size // WIDTH)):
            _check_bundle(tile_of(ENTRIES, index, size), size, read)
    below: list[bytes] | None = None  # roots of the full tiles one level down
    for level in range(MAX_LEVEL + 1):
        count = size >> (HEIGHT * level)
        if not count:
            break
        roots = []
        for index in range(-(-count // WIDTH)):
            tile = tile_of(level, index, size)
            hashes = tile_hashes(tile, read(tile))
            if below is not None and below[index * WIDTH : index * WIDTH + len(hashes)] != hashes:
                raise ProofError(f"{tile.path()} is not what the tiles below it lead to")
            if tile.is_full:
                roots.append(_root(hashes))
        below = roots
    if size and range_hash(0, size, nodes_of_tiles(size, read)) != root:
        raise ProofError(f"the tiles do not lead to the root of size {size}")


def _check_bundle(bundle: Tile, size: int, read: ReadTile) -> None:
    found = [leaf_hash(entry) for entry in bundle_entries(read(bundle), bundle.width)]
    tile = tile_of(0, bundle.index, size)
    if found != tile_hashes(tile, read(tile)):
        raise ProofError(f"{bundle.path()} does not hold the entries of {tile.path()}")


def _root(hashes: list[bytes]) -> bytes:
    while len(hashes) > 1:
        hashes = parent_level(hashes)
    return hashes[0]
