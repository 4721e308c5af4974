"""The picture of an inclusion proof: the way from a leaf up to the root, and its neighbours. Pure.

Each step goes to the parent: to the right where the neighbour stands right, else to the left. A
neighbour is drawn as the subtree it is, with the entries that its one hash stands for. Units are
those of an SVG's view box.
"""

from __future__ import annotations

from dataclasses import dataclass

from ledger.core.proofs import inclusion_ranges

_SIDE, _UP, _MARGIN, _LABEL = 30, 46, 28, 118
_TREE_WIDTH, _TREE_HEIGHT, _GAP = 13, 20, 8


@dataclass(frozen=True)
class Neighbour:
    """A subtree whose hash the proof brings: entries `first` to `last`, at a place."""

    number: int
    first: int
    last: int
    x: int
    y: int
    label_x: int
    anchor: str  # of the label: start or end
    triangle: str  # points of the subtree under it; empty: it is one entry

    @property
    def count(self) -> int:
        """Entries that the hash stands for."""
        return self.last - self.first + 1


@dataclass(frozen=True)
class Line:
    """An edge of the tree."""

    x1: int
    y1: int
    x2: int
    y2: int
    is_way: bool  # on the way up; else to a neighbour


@dataclass(frozen=True)
class Node:
    """A node that the reader computes; the last is the root."""

    number: int
    x: int
    y: int


@dataclass(frozen=True)
class Drawing:
    """What to draw, in a view box from (0, 0)."""

    width: int
    height: int
    leaf: Node
    nodes: list[Node]
    neighbours: list[Neighbour]
    lines: list[Line]


def drawn_path(index: int, size: int) -> Drawing:
    """Entry `index` of a log of `size` entries. Raises `MalformedError` if there is none."""
    ranges = inclusion_ranges(index, size)
    turns = [1 if low > index else -1 for low, _high in ranges]  # where the neighbour stands
    ways = [0]
    for turn in turns:
        ways.append(ways[-1] + turn * _SIDE)
    beside = [x + 2 * turn * _SIDE for x, turn in zip(ways, turns, strict=False)]
    left = min([*ways, *beside]) - _LABEL
    width = max([*ways, *beside]) + _LABEL - left
    height = _MARGIN + len(ranges) * _UP + _MARGIN + _TREE_HEIGHT
    bottom = height - _MARGIN - _TREE_HEIGHT
    nodes = [Node(n, x - left, bottom - n * _UP) for n, x in enumerate(ways)]
    lines, neighbours = [], []
    for number, ((low, high), turn, x) in enumerate(zip(ranges, turns, beside, strict=True), 1):
        here, above = nodes[number - 1], nodes[number]
        lines.append(Line(here.x, here.y, above.x, above.y, is_way=True))
        lines.append(Line(x - left, here.y, above.x, above.y, is_way=False))
        neighbours.append(_neighbour(number, low, high - 1, x - left, here.y, turn))
    return Drawing(width, height, nodes[0], nodes[1:], neighbours, lines)


def _neighbour(number: int, first: int, last: int, x: int, y: int, turn: int) -> Neighbour:
    foot = y + _TREE_HEIGHT
    triangle = f"{x},{y} {x - _TREE_WIDTH},{foot} {x + _TREE_WIDTH},{foot}"
    return Neighbour(
        number=number,
        first=first,
        last=last,
        x=x,
        y=y,
        label_x=x + turn * (_TREE_WIDTH + _GAP),
        anchor="start" if turn > 0 else "end",
        triangle=triangle if last > first else "",
    )
