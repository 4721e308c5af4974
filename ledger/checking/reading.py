"""Rows of a stored log in order, a chunk at a time."""

from collections.abc import Iterator
from typing import NamedTuple
from uuid import UUID

from ledger.core.stored import StoredEntry
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


def chunks(size: int) -> Iterator[tuple[int, int]]:
    """Bounds of the chunks of so many entries: from, and to before."""
    return ((start, min(start + CHUNK, size)) for start in range(0, size, CHUNK))


def own_rows(start: int, end: int) -> Iterator[tuple[StoredEntry, Content | None]]:
    """This log's entries from `start` to before `end`."""
    return _entries(run_bound(_OWN, [start, end], binary=True))


def copy_rows(source: UUID, start: int, end: int) -> Iterator[tuple[StoredEntry, Content | None]]:
    """The same of a copy; contents only where they are shared."""
    return _entries(run_bound(_COPY, [source, start, end], binary=True))


def own_content(index: int) -> Content | None:
    """The content's row of one entry, as it is now."""
    return next((held for _, held in own_rows(index, index + 1)), None)


def copy_content(source: UUID, index: int) -> Content | None:
    """The same of a copy."""
    return next((held for _, held in copy_rows(source, index, index + 1)), None)


def _entries(rows) -> Iterator[tuple[StoredEntry, Content | None]]:
    for index, kind, rid, ts, kid, leaf, nodes, *content in rows:
        columns = (kind, str(rid)) if ts is None else (kind, str(rid), ts, kid)
        held = Content(*content) if content[0] is not None else None
        ciphertext = None if held is None or held.ciphertext is None else bytes(held.ciphertext)
        yield StoredEntry(index, columns, bytes(leaf), bytes(nodes), ciphertext), held
