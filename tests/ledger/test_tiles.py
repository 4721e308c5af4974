"""Tiles (C2SP tlog-tiles): paths, what is fresh, proofs out of them, and what is refused."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from ledger.core.errors import LedgerError, MalformedError, ProofError
from ledger.core.hashing import leaf_hash
from ledger.core.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from ledger.core.tiles import (
    ENTRIES,
    Tile,
    bundle_entries,
    check_tiles,
    entry_bundle,
    fresh_tiles,
    nodes_of_tiles,
)
from ledger.core.tree import nodes_of_leaves
from tests.ledger.reference import mth


def entries_of(size):
    return [b"entry %d" % number for number in range(size)]


def tiles_of(size, old=0):
    """Every fresh tile's bytes by path, straight from the definition."""
    entries = entries_of(size)
    found = {}
    for tile in fresh_tiles(old, size):
        if tile.level == ENTRIES:
            found[tile.path()] = entry_bundle([entries[at] for at in tile.nodes()])
            continue
        span = 256**tile.level
        found[tile.path()] = b"".join(
            mth(entries[at * span : (at + 1) * span]) for at in tile.nodes()
        )
    return found


def reader(tiles):
    return lambda tile: tiles[tile.path()]


@pytest.mark.parametrize(
    ("tile", "path"),
    [
        (Tile(0, 1234067), "tile/0/x001/x234/067"),
        (Tile(0, 273, 112), "tile/0/273.p/112"),
        (Tile(1, 0, 1), "tile/1/000.p/1"),
        (Tile(ENTRIES, 1000), "tile/entries/x001/000"),
        (Tile(63, 0, 255), "tile/63/000.p/255"),
    ],
)
def test_paths_are_those_of_the_specification(tile, path):
    assert tile.path() == path
    assert Tile.parse(path) == tile


@given(st.integers(-1, 63), st.integers(0, 10**13), st.integers(1, 256))
def test_a_path_is_read_back(level, index, width):
    tile = Tile(level, index, width)
    assert Tile.parse(tile.path()) == tile


@pytest.mark.parametrize(
    "path",
    [
        "tile/0/67", "tile/0/x000/067", "tile/00/067", "tile/64/000", "tile/0/067.p/0",
        "tile/0/067.p/256", "tile/0/067.p/01", "tile/0/067/", "/tile/0/067", "tile/0/001/067",
        "tile/entry/000", "tile/-1/000", "tile/0/x001", "tile/0/../000", "tile/0/000\n",
    ],
)  # fmt: skip
def test_every_other_spelling_is_refused(path):
    with pytest.raises(MalformedError):
        Tile.parse(path)


def test_the_example_of_the_specification():
    """70,000 entries: 273 full tiles and 112 at level 0, one full and 17 at level 1, 1 at 2."""
    tiles = list(fresh_tiles(0, 70_000, entries=False))
    assert sum(tile.level == 0 and tile.is_full for tile in tiles) == 273
    assert Tile(0, 273, 112) in tiles
    assert Tile(1, 0) in tiles
    assert Tile(1, 1, 17) in tiles
    assert Tile(2, 0, 1) in tiles
    assert len(tiles) == 273 + 1 + 1 + 1 + 1
    assert list(fresh_tiles(0, 256, entries=False)) == [Tile(0, 0), Tile(1, 0, 1)]


@given(st.integers(0, 200_000), st.integers(0, 200_000))
def test_what_is_published_step_by_step_is_what_is_published_at_once(first, more):
    """Whatever stops there are, every tile of the last size was written at one of them."""
    size = first + more
    steps = {tile.path() for tile in [*fresh_tiles(0, first), *fresh_tiles(first, size)]}
    assert {tile.path() for tile in fresh_tiles(0, size)} <= steps


@given(st.integers(1, 1200), st.data())
def test_tiles_give_the_proofs_of_the_tree(size, data):
    tiles = tiles_of(size)
    leaves = [leaf_hash(entry) for entry in entries_of(size)]
    index = data.draw(st.integers(0, size - 1))
    first = data.draw(st.integers(1, size))
    get, plain = nodes_of_tiles(size, reader(tiles)), nodes_of_leaves(leaves)
    inclusion = inclusion_proof(index, size, get)
    assert inclusion == inclusion_proof(index, size, plain)
    root = mth(entries_of(size))
    verify_inclusion(index, size, leaves[index], inclusion, root)
    consistency = consistency_proof(first, size, get)
    verify_consistency(first, size, consistency, mth(entries_of(first)), root)
    check_tiles(size, root, reader(tiles))


def test_two_levels_up():
    size = 65_536 + 300
    tiles = tiles_of(size)
    root = mth(entries_of(size))
    check_tiles(size, root, reader(tiles))
    leaf = leaf_hash(entries_of(size)[65_540])
    proof = inclusion_proof(65_540, size, nodes_of_tiles(size, reader(tiles)))
    verify_inclusion(65_540, size, leaf, proof, root)
    for path in ("tile/1/000", "tile/2/000.p/1", "tile/0/256", "tile/0/007", "tile/1/001.p/1"):
        altered = dict(tiles)
        altered[path] = bytes([altered[path][0] ^ 1]) + altered[path][1:]
        with pytest.raises(ProofError):
            check_tiles(size, root, reader(altered), entries=False)


@given(st.integers(1, 600), st.data())
def test_any_altered_byte_of_any_tile_is_found(size, data):
    tiles = tiles_of(size)
    path = data.draw(st.sampled_from(sorted(tiles)))
    at = data.draw(st.integers(0, len(tiles[path]) - 1))
    torn = data.draw(st.booleans())
    content = tiles[path]
    tiles[path] = (
        content[:at] if torn else content[:at] + bytes([content[at] ^ 4]) + content[at + 1 :]
    )
    with pytest.raises(LedgerError):
        check_tiles(size, mth(entries_of(size)), reader(tiles))


@given(st.lists(st.binary(max_size=50), min_size=1, max_size=256))
def test_a_bundle_is_read_back(entries):
    data = entry_bundle(entries)
    assert bundle_entries(data, len(entries)) == entries
    for wrong in (data[:-1], data + b"\0", data + b"\0\0"):
        with pytest.raises(MalformedError):
            bundle_entries(wrong, len(entries))


def test_what_no_bundle_can_hold_is_refused():
    for entries in ([], [b""] * 257, [bytes(65_536)]):
        with pytest.raises(MalformedError):
            entry_bundle(entries)
