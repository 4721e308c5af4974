"""Leaves as records. One that cannot be read stays in its tree, and is named wherever it is met."""

from ledger.core.errors import MalformedError
from ledger.core.leaves import Leaf
from ledger.problems import EntryUnreadable
from ledger.reasons import Reason

TAPE = "tape.imported"


def read_leaf(index: int, data: bytes) -> Leaf:
    """The record in the leaf of entry `index`; `EntryUnreadable` if it holds none."""
    try:
        return Leaf.parse(data)
    except MalformedError as error:
        raise EntryUnreadable(
            params={"index": index, "reason": Reason(str(error)[:200])}
        ) from error


def has_items(data: bytes) -> bool:
    """Whether a leaf holds a batch, whose items are stored beside it; a tape's are its rows."""
    try:
        core = Leaf.parse(data).core
    except MalformedError:
        return False
    return core.items_root is not None and core.kind != TAPE


def is_record(data: bytes) -> bool:
    """Whether a leaf holds a record."""
    try:
        Leaf.parse(data)
    except MalformedError:
        return False
    return True
