"""Rows of a stored log in order, a chunk at a time."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from ledger.core.stored import Altered, StoredEntry
from tenants.database.bound import run_bound

CHUNK = 2_000

_OWN = (
    "SELECT e.index, e.kind, e.rid, e.ts, e.kid, e.leaf, e.nodes, p.index, p.ciphertext,"
    " p.wrapped_key, p.kek_version, p.erased_at"
    " FROM ledger_entry AS e LEFT JOIN ledger_payload AS p USING (index)"
    " WHERE e.index >= %b AND e.index < %b ORDER BY e.index"
)
_COPY = (
    "SELECT e.index, e.kind, e.rid, NULL, NULL, e.leaf, e.nodes, p.index, p.ciphertext,"
    " p.wrapped_key, p.kek_version, p.erased_at"
    " FROM ledger_replica_entry AS e LEFT JOIN ledger_replica_payload AS p USING (source, index)"
    " WHERE e.source = %b AND e.index >= %b AND e.index < %b ORDER BY e.index"
)


class Content(NamedTuple):
    """The ciphertext row beside an entry, with the names that `Opener` reads."""

    index: int
    ciphertext: bytes | None
    wrapped_key: bytes | None
    kek_version: int
    erased_at: object


def own_rows(size: int) -> Iterator[tuple[StoredEntry, Content | None]]:
    """This log's first `size` entries."""
    for start in range(0, size, CHUNK):
        yield from _entries(run_bound(_OWN, [start, min(start + CHUNK, size)], binary=True))


def copy_rows(source: UUID, size: int) -> Iterator[tuple[StoredEntry, Content | None]]:
    """A copy's first `size` entries; contents only where they are shared."""
    for start in range(0, size, CHUNK):
        bounds = [source, start, min(start + CHUNK, size)]
        yield from _entries(run_bound(_COPY, bounds, binary=True))


def own_content(index: int) -> Content | None:
    """The content's row of one entry, as it is now."""
    return next(_entries(run_bound(_OWN, [index, index + 1], binary=True)))[1]


def copy_content(source: UUID, index: int) -> Content | None:
    """The same of a copy."""
    return next(_entries(run_bound(_COPY, [source, index, index + 1], binary=True)))[1]


def _entries(rows) -> Iterator[tuple[StoredEntry, Content | None]]:
    for index, kind, rid, ts, kid, leaf, nodes, *content in rows:
        columns = (kind, str(rid)) if ts is None else (kind, str(rid), ts, kid)
        held = Content(*content) if content[0] is not None else None
        ciphertext = None if held is None or held.ciphertext is None else bytes(held.ciphertext)
        yield StoredEntry(index, columns, bytes(leaf), bytes(nodes), ciphertext), held


def need_content(index: int, held: Content | None) -> Content:
    """The content's row, which every entry of one's own has."""
    if held is None:
        raise Altered(index, "content", "its row is missing")
    return held
