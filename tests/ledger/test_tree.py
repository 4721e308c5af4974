"""Tree and proofs against RFC 6962's definition, published roots, and broken proofs."""

import contextlib

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core.errors import LedgerError, ProofError
from ledger.core.hashing import EMPTY_ROOT, leaf_hash, leaf_hashes, root_of_hashes
from ledger.core.leaves import row_paths
from ledger.core.partial import partial_proof, root_from_partial
from ledger.core.proofs import (
    consistency_proof,
    inclusion_proof,
    verify_consistency,
    verify_inclusion,
)
from ledger.core.tree import Frontier, frontier_at, node_row, nodes_of_leaves
from tests.ledger import reference

# Certificate Transparency's own test tree (google/certificate-transparency, merkle_tree_test)
INPUTS = [
    bytes.fromhex(text)
    for text in (
        "",
        "00",
        "10",
        "2021",
        "3031",
        "40414243",
        "5051525354555657",
        "606162636465666768696a6b6c6d6e6f",
    )
]
ROOTS = [
    "6e340b9cffb37a989ca544e6bb780a2c78901d3fb33738768511a30617afa01d",
    "fac54203e7cc696cf0dfcb42c92a1d9dbaf70ad9e621f4bd8d98662f00e3c125",
    "aeb6bcfe274b70a14fb067a5e5578264db0fa9b51af5e0ba159158f329e06e77",
    "d37ee418976dd95753c1c73862b9398fa2a2cf9b4ff0fdfe8b30cd95209614b7",
    "4e3bbb1f7b478dcfe71fb631631519a3bca12c9aefca1612bfce4c13a86264d4",
    "76e67dadbcdf1e10e1b74ddc608abd2f98dfb16fbce75277b5232a127f2087ef",
    "ddb89be403809e325750d3d263cd78929c2942b7942a34b77e122c9594a74c8c",
    "5dc9da79a70659a9ad559cb701ded9a2ab9d823aad2f4960cfe370eff4604328",
]
LEAVES = [f"entry {number}".encode() for number in range(70)]


@pytest.mark.parametrize("size", range(1, 9))
def test_published_roots(size):
    assert root_of_hashes(leaf_hashes(INPUTS[:size])).hex() == ROOTS[size - 1]


def test_empty_tree():
    assert root_of_hashes([]) == Frontier().root() == EMPTY_ROOT == reference.mth([])


def test_frontier_root_and_stored_nodes_are_those_of_the_definition():
    frontier, rows = Frontier(), []
    for leaf in LEAVES:
        rows.append(frontier.append(leaf_hash(leaf)))
        assert frontier.root() == reference.mth(LEAVES[: frontier.size])
    for level in range(7):
        for index in range(len(LEAVES) >> level):
            row = rows[node_row(level, index)]
            node = reference.mth(LEAVES[index << level : (index + 1) << level])
            assert row[32 * level : 32 * level + 32] == node


@given(st.integers(1, 70), st.data())
@settings(max_examples=60, deadline=None)
def test_proofs_equal_the_reference_and_verify(size, data):
    leaves = LEAVES[:size]
    get, root = nodes_of_leaves(leaf_hashes(leaves)), reference.mth(leaves)
    index = data.draw(st.integers(0, size - 1))
    found = inclusion_proof(index, size, get)
    assert found == reference.path(index, leaves)
    verify_inclusion(index, size, leaf_hash(leaves[index]), found, root)
    first = data.draw(st.integers(1, size))
    found = consistency_proof(first, size, get)
    assert found == reference.proof(first, leaves)
    verify_consistency(first, size, found, reference.mth(leaves[:first]), root)
    assert frontier_at(first, get).root() == reference.mth(leaves[:first])


def broken(proof: list[bytes]):
    """Every way to spoil a list of hashes that a careless verifier could let pass."""
    yield [*proof, bytes(32)]
    yield [bytes(32), *proof]
    if proof:
        yield proof[:-1]
        yield proof[1:]
        yield [*proof, proof[-1]]
        yield [*proof[:-1], b""]
        yield [*proof[:-1], proof[-1] + b"\x00"]
    for place in range(len(proof)):
        spoilt = bytearray(proof[place])
        spoilt[place % 32] ^= 1 << (place % 8)
        yield [*proof[:place], bytes(spoilt), *proof[place + 1 :]]
    if len(proof) > 1:
        yield proof[::-1]
        yield [proof[1], proof[0], *proof[2:]]


@pytest.mark.parametrize("size", [1, 2, 3, 7, 8, 9, 33, 64, 65])
def test_broken_inclusion_proofs_are_refused(size):
    leaves = LEAVES[:size]
    get, root = nodes_of_leaves(leaf_hashes(leaves)), reference.mth(leaves)
    for index in {0, size // 2, size - 1}:
        leaf, good = leaf_hash(leaves[index]), inclusion_proof(index, size, get)
        attempts = [(index, size, leaf, bad, root) for bad in broken(good) if bad != good]
        attempts += [(index, size, leaf_hash(b"other"), good, root)]
        attempts += [(index, size, leaf, good, EMPTY_ROOT), (index, size, leaf[:31], good, root)]
        attempts += [(-1, size, leaf, good, root), (size, size, leaf, good, root)]
        attempts += [(index ^ 1, size, leaf, good, root)] if size > 1 else []
        for attempt in attempts:
            with pytest.raises(ProofError):
                verify_inclusion(*attempt)


@pytest.mark.parametrize(
    ("first", "second"), [(1, 1), (1, 2), (3, 7), (4, 8), (6, 8), (8, 8), (32, 65), (33, 64)]
)
def test_broken_consistency_proofs_are_refused(first, second):
    get = nodes_of_leaves(leaf_hashes(LEAVES[:second]))
    old, new = reference.mth(LEAVES[:first]), reference.mth(LEAVES[:second])
    good = consistency_proof(first, second, get)
    attempts = [(first, second, bad, old, new) for bad in broken(good) if bad != good]
    attempts += [(first, second, good, new if first != second else EMPTY_ROOT, new)]
    attempts += [(first, second, good, old, EMPTY_ROOT), (0, second, good, old, new)]
    attempts += [(second + 1, second, good, old, new), (first, second, good, old[:31], new)]
    for attempt in attempts:
        with pytest.raises(ProofError):
            verify_consistency(*attempt)


@given(st.integers(1, 70), st.data())
@settings(max_examples=60, deadline=None)
def test_partial_trees_rebuild_the_root_and_broken_ones_do_not(size, data):
    hashes = leaf_hashes(LEAVES[:size])
    root = root_of_hashes(hashes)
    places = sorted(data.draw(st.sets(st.integers(0, size - 1), min_size=1)))
    chosen = [hashes[place] for place in places]
    proof = partial_proof(hashes, places)
    assert root_from_partial(size, places, chosen, proof) == root
    if len(places) == 1:
        assert proof == reference.path(places[0], LEAVES[:size])
    for bad in broken(proof):
        with contextlib.suppress(ProofError):
            assert root_from_partial(size, places, chosen, bad) != root
    others = [leaf_hash(b"other"), *chosen[1:]]
    assert root_from_partial(size, places, others, proof) != root


@pytest.mark.parametrize("places", [[], [1, 0], [0, 0], [-1], [4]])
def test_places_of_a_partial_tree_are_rising_and_inside(places):
    with pytest.raises(ProofError):
        root_from_partial(4, places, [bytes(32)] * len(places), [])


@given(st.integers(1, 40))
@settings(max_examples=20, deadline=None)
def test_all_row_paths_at_once_are_the_inclusion_proofs(size):
    leaves = LEAVES[:size]
    paths = row_paths(leaf_hashes(leaves))
    assert [list(found) for found in paths] == [reference.path(n, leaves) for n in range(size)]


@pytest.mark.parametrize(("size", "peaks"), [(-1, []), (1, []), (2, [bytes(32)] * 2), (1, [b""])])
def test_impossible_frontiers_are_refused(size, peaks):
    with pytest.raises(LedgerError):
        Frontier(size, peaks)
