"""Who keeps data keys that the tenant's key-encryption key wraps: one `Holder` a table.

Rooms above register theirs once, when an app is ready. Retiring asks the database which tables
have such a column, so that a table that nobody registered stops it and is never locked out.
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

from django.db.models import Model, QuerySet

from ledger.core.envelope import items_aad, record_aad
from ledger.core.leaves import Leaf
from ledger.models import (
    Entry,
    Head,
    Items,
    Payload,
    Pending,
    ReplicaEntry,
    ReplicaItems,
    ReplicaPayload,
)
from ledger.reading import is_record
from tenants.database.bound import run_bound

Store = Callable[[Sequence[Any], Sequence[bytes], int], None]
"""Takes primary keys, data keys wrapped anew, and the version that wraps them."""


class Holder(NamedTuple):
    """A table with `wrapped_key` and `kek_version`."""

    model: type[Model]
    aads: Callable[[Sequence[Any]], list[bytes]]
    """The additional data of each row, as it was when its key was wrapped."""
    store: Store

    def older(self, version: int) -> QuerySet:
        """Rows whose data key an older version wraps, in order of their primary key."""
        found = self.model._default_manager.filter(
            kek_version__lt=version, wrapped_key__isnull=False
        )
        return found.order_by("pk").defer("ciphertext")


_others: list[Holder] = []


def register(holder: Holder) -> None:
    """Take in the table of a room above."""
    if holder.model not in [known.model for known in _others]:
        _others.append(holder)


def holders() -> list[Holder]:
    """Every holder. What waits comes before the log that it moves into."""
    return [*_OWN, *_others]


def store_directly(model: type[Model], key_type: str) -> Store:
    """A `Store` for a table that the served role may write."""
    table, key = model._meta.db_table, model._meta.pk.column

    def store(keys: Sequence[Any], wrapped: Sequence[bytes], version: int) -> None:
        run_bound(
            f"UPDATE {table} AS s SET wrapped_key = t.wrapped, kek_version = %b "
            f"FROM unnest(%b::{key_type}[], %b::bytea[]) AS t(key, wrapped) WHERE s.{key} = t.key "
            "AND s.kek_version < %b AND s.wrapped_key IS NOT NULL",
            [version, list(keys), list(wrapped), version],
        )

    return store


def _stored_by(call: str, *more: object) -> Store:
    def store(keys: Sequence[Any], wrapped: Sequence[bytes], version: int) -> None:
        run_bound(f"SELECT {call}", [list(keys), list(wrapped), version, *more])

    return store


def _of_records(rows: Sequence[Any]) -> list[bytes]:
    """Rows that name their record themselves: entries, and those that wait."""
    log_id = Head.objects.get().log_id
    return [
        record_aad(log_id=log_id, rid=str(row.rid), version=row.ts, kind=row.kind) for row in rows
    ]


def _of_entries(rows: Sequence[Any]) -> list[bytes]:
    found = Entry.objects.defer("leaf", "nodes").in_bulk([row.pk for row in rows])
    return _of_records([found[row.pk] for row in rows])


def _of_copies(rows: Sequence[Any]) -> list[bytes]:
    leaves = ReplicaEntry.objects.filter(
        source__in={row.source for row in rows}, index__in={row.index for row in rows}
    )
    found = {
        (source, index): _of_leaf(bytes(leaf))
        for source, index, leaf in leaves.values_list("source", "index", "leaf")
    }
    return [found[row.source, row.index] for row in rows]


def _of_leaf(data: bytes) -> bytes:
    """Nothing for a leaf that is no record: its content does not open, which is counted."""
    if not is_record(data):
        return b""
    return Leaf.parse(data).core.aad()


def _items(of: Callable[[Sequence[Any]], list[bytes]]) -> Callable[[Sequence[Any]], list[bytes]]:
    return lambda rows: [items_aad(aad) for aad in of(rows)]


_REWRAP = "ledger_rewrap(%b::bigint[], %b::bytea[], %b, %b)"
_OWN = [
    Holder(
        Pending, _of_records, _stored_by("ledger_rewrap_pending(%b::bigint[], %b::bytea[], %b)")
    ),
    Holder(Payload, _of_entries, _stored_by(_REWRAP, False)),
    Holder(Items, _items(_of_entries), _stored_by(_REWRAP, True)),
    Holder(ReplicaPayload, _of_copies, store_directly(ReplicaPayload, "bigint")),
    Holder(ReplicaItems, _items(_of_copies), store_directly(ReplicaItems, "bigint")),
]
