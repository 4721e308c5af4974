"""The map of held rights: beside a naive one, and its proofs broken in every way."""

from dataclasses import replace
from hashlib import sha256

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from ledger.core.errors import LedgerError, MalformedError, ProofError
from ledger.core.title_map import (
    EMPTY,
    MapProof,
    Opening,
    alpha,
    beside_within,
    leaf_hash,
    root_of_proof,
    subtree,
    verify_map,
)

NEAR = st.integers(0, 7).flatmap(
    lambda low: st.sampled_from([0, 1 << 255, 5 << 252, (1 << 256) - 8]).map(lambda top: top + low)
)
INDEXES = st.sets(NEAR | st.integers(0, 2**256 - 1), max_size=12)


def naive(values: dict[int, bytes], depth: int = 0, prefix: int = 0) -> bytes:
    """The tree as one would say it: whole, but for subtrees without a leaf."""
    if not any(index >> (256 - depth) == prefix for index in values):
        return EMPTY[depth]
    if depth == 256:
        index = prefix.to_bytes(32, "big")
        return sha256(b"title-map/1\0" + index + values[prefix]).digest()
    left = naive(values, depth + 1, prefix * 2)
    right = naive(values, depth + 1, prefix * 2 + 1)
    return sha256(b"title-map/1\x01" + left + right).digest()


def filled(indexes):
    values = {index: sha256(str(index).encode()).digest() for index in indexes}
    leaves = [(i, leaf_hash(i.to_bytes(32, "big"), values[i])) for i in sorted(values)]
    return values, leaves, subtree(leaves, 0)


def proven(leaves, index):
    return MapProof.of(beside_within(leaves, index, 0))


def test_empty_subtrees_are_hashed_from_below():
    below = sha256(b"title-map/1\x02").digest()
    assert EMPTY[256] == below
    assert EMPTY[255] == sha256(b"title-map/1\x01" + below + below).digest()
    assert len(set(EMPTY)) == 257


@settings(max_examples=40, deadline=None)
@given(indexes=INDEXES, other=NEAR)
def test_root_and_proofs_are_those_of_the_naive_map(indexes, other):
    values, leaves, root = filled(indexes)
    assert root == naive(values)
    for index in {*indexes, other}:
        proof, key = proven(leaves, index), index.to_bytes(32, "big")
        verify_map(root, key, values.get(index), proof)
        assert len(proof.siblings) <= len(values)
        for lie in {None, bytes(32), *values.values()} - {values.get(index)}:
            with pytest.raises(ProofError):
                verify_map(root, key, lie, proof)


@settings(max_examples=25, deadline=None)
@given(indexes=st.sets(NEAR, min_size=2, max_size=8), data=st.data())
def test_no_bit_of_index_value_or_proof_can_be_turned(indexes, data):
    values, leaves, root = filled(indexes)
    index = data.draw(NEAR)
    proof, key, value = proven(leaves, index), index.to_bytes(32, "big"), values.get(index)
    place = data.draw(st.integers(0, len(proof.siblings) - 1))

    def turned(data_bytes):
        bit = data.draw(st.integers(0, 8 * len(data_bytes) - 1))
        number = int.from_bytes(data_bytes, "big") ^ 1 << bit
        return number.to_bytes(len(data_bytes), "big")

    siblings = list(proof.siblings)
    siblings[place] = turned(siblings[place])
    broken = [
        (key, value, replace(proof, siblings=tuple(siblings))),
        (key, value, replace(proof, bitmap=turned(proof.bitmap))),
        (key, value, replace(proof, siblings=proof.siblings[:-1])),
        (key, value, replace(proof, siblings=(*proof.siblings, bytes(32)))),
        (key, value, replace(proof, bitmap=proof.bitmap[:-1])),
        (key, value, replace(proof, siblings=(*proof.siblings[:-1], b"short"))),
        (key, turned(value or bytes(32)), proof),
    ]
    if value is not None:  # the neighbour of an empty place may be empty, too, by the same proof
        broken.append((turned(key), value, proof))
    for broken_key, broken_value, broken_proof in broken:
        with pytest.raises(LedgerError):
            verify_map(root, broken_key, broken_value, broken_proof)


def test_an_empty_hash_that_is_sent_is_a_second_encoding():
    values, leaves, root = filled([0, 1 << 255])
    proof = proven(leaves, 0)
    bitmap = int.from_bytes(proof.bitmap, "big") | 1
    again = MapProof(bitmap.to_bytes(32, "big"), (*proof.siblings, EMPTY[256]))
    with pytest.raises(MalformedError, match="an empty one"):
        root_of_proof(bytes(32), values[0], again)


def test_a_leaf_binds_its_place():
    """Two neighbours exchanged are another map, though the same commitments."""
    values, _, root = filled([6, 7])
    swapped = {6: values[7], 7: values[6]}
    leaves = [(i, leaf_hash(i.to_bytes(32, "big"), swapped[i])) for i in (6, 7)]
    assert subtree(leaves, 0) != root


def test_a_commitment_opens_in_one_way():
    opening = Opening(bytes(32), "pledged", "6f1c", 7)
    others = [
        replace(opening, salt=bytes(31) + b"\x01"),
        replace(opening, state="sold"),
        replace(opening, holder="6f1d"),
        replace(opening, since=8),
    ]
    assert len({item.commitment() for item in (opening, *others)}) == 5
    with pytest.raises(MalformedError, match="32 bytes"):
        replace(opening, salt=b"").commitment()


def test_right_and_identifier_cannot_run_into_each_other():
    assert alpha("a", "b\0c") != alpha("a\x01b", "c")
    with pytest.raises(MalformedError):
        alpha("a\0b", "c")
