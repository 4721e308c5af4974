"""The picture of a proof shows the subtrees of the proof, each on its side."""

from hypothesis import given
from hypothesis import strategies as st

from ledger.core.proofs import inclusion_ranges
from ledger.path_drawing import drawn_path


@given(st.integers(1, 1 << 40).flatmap(lambda n: st.tuples(st.integers(0, n - 1), st.just(n))))
def test_neighbours_and_the_entry_are_the_whole_log_once(asked):
    index, size = asked
    drawing = drawn_path(index, size)
    assert [(n.first, n.last + 1) for n in drawing.neighbours] == inclusion_ranges(index, size)
    assert sum(n.count for n in drawing.neighbours) + 1 == size
    ways = [drawing.leaf, *drawing.nodes]
    for here, above, beside in zip(ways, drawing.nodes, drawing.neighbours, strict=False):
        assert above.x * 2 == here.x + beside.x  # a parent stands between its children
        assert above.y < here.y == beside.y
        assert (beside.x > here.x) == (beside.first > index)
    for thing in (*ways, *drawing.neighbours):
        assert 0 <= thing.x <= drawing.width and 0 <= thing.y <= drawing.height
