"""Contents and items beside the entries: what is there opens, what is gone is told to be gone."""

from collections.abc import Callable
from typing import Any, TypeVar

from ledger.checking.reading import Content
from ledger.core.audit import AuditError
from ledger.core.envelope import items_aad
from ledger.core.erasures import SHOWN, Erasure, parse_erasure
from ledger.core.errors import LedgerError
from ledger.core.items import ItemShare, share_from_bytes
from ledger.core.leaves import Leaf
from ledger.core.payloads import Payload
from ledger.selectors import Opener
from tenants.problems import Problem

Read = TypeVar("Read")
NO_ROW = "its row is missing"


def opened(
    index: int, row: Any, do: Callable[[Any], Read], fresh: Callable[[], Any]
) -> Read | None:
    """What `do` reads of a row, or of the row as it is now; None where it was erased meanwhile.

    While this goes on contents are erased, and keys are wrapped anew and retired. Raises
    `AuditError`.
    """
    try:
        return do(row)
    except (Problem, LedgerError):
        again = fresh()
        if again is None:
            raise AuditError(index, "content", NO_ROW) from None
        if again.erased_at is not None:
            return None
        try:
            return do(again)
        except (Problem, LedgerError) as error:
            detail = error.text("detail") if isinstance(error, Problem) else str(error)
            raise AuditError(index, "key", detail) from error


def is_there(index: int, row: Any, part: str) -> bool:
    """Whether a row holds its ciphertext; `AuditError` where it is erased and kept at once."""
    if row.ciphertext is not None and row.erased_at is not None:
        raise AuditError(index, part, "it is marked as erased, and is still there")
    return row.ciphertext is not None


def look(opening: Opener, leaf: Leaf, row: Content, fresh: Callable[[], Any]) -> Payload | None:
    """Open the key beside a content; of entries that everybody reads the content itself."""
    aad = leaf.core.aad()
    opened(row.index, row, lambda one: leaf.check_key(opening.data_key(one, aad)), fresh)
    if leaf.core.kind not in SHOWN:
        return None
    return opened(row.index, row, lambda one: Payload.parse(opening.plain(one, aad)), fresh)


def look_at_items(
    opening: Opener, index: int, leaf: Leaf, row: Any, fresh: Callable[[], Any]
) -> ItemShare | None:
    """Open items and compare them with the root that was signed."""
    aad = items_aad(leaf.core.aad())
    share = opened(index, row, lambda one: share_from_bytes(opening.plain(one, aad)), fresh)
    if share is not None:
        try:
            share.verify(leaf.core.items_root or b"", leaf.core.items_count)
        except LedgerError as error:
            raise AuditError(index, "items", str(error)) from error
    return share


class Erasures:
    """What is gone, and what entries say was erased: at the end each must be the other."""

    def __init__(self, still_there: Callable[[int], bool]) -> None:
        self._still_there = still_there
        self._gone: set[int] = set()
        self._told: dict[int, Erasure] = {}

    def gone(self, index: int) -> None:
        """The content or the items of an entry are marked as erased."""
        self._gone.add(index)

    def is_gone(self, index: int) -> bool:
        """Whether that was met."""
        return index in self._gone

    def learn(self, index: int, payload: Payload) -> None:
        """A `payload.erased` entry: what it names is not here any more."""
        try:
            told = parse_erasure(index, payload.fields)
        except LedgerError as error:
            raise AuditError(index, "erasure", str(error)) from error
        self._told.setdefault(told.entry, told)
        if self._still_there(told.entry):
            detail = "an entry says that it was erased, and it is still there"
            raise AuditError(told.entry, "content", detail)

    def end(self, size: int, rows: Any, says: Callable[[int, int], bool]) -> None:
        """`rows`: the table of erasures. `says`: whether a later entry erases one, as it does now.

        What was erased since the walk began stands in entries from `size` on.
        """
        kept = {row.index: row for row in rows}
        for index in sorted(self._gone - self._told.keys()):
            row = kept.get(index)
            if row is None or row.told_by < size or not says(row.told_by, index):
                raise AuditError(index, "content", "it was erased, and no entry says so")
        now = {i: (row.told_by, row.reason) for i, row in kept.items() if row.told_by < size}
        told = {i: (one.told_by, one.reason) for i, one in self._told.items()}
        for index in sorted(now.keys() | told.keys()):
            if now.get(index) != told.get(index):
                detail = "what is kept of its erasure is not what an entry says"
                raise AuditError(index, "erasure", detail)
