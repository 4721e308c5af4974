"""What wrapped data keys before they were wrapped anew: the way back, until the new one opened.

The served role may wrap a key anew (`ledger_rewrap`), and the database cannot open what it is
given. So the database keeps what was there before; the oldest that is kept is what the owner saw
open last, or what was written first. Only the owner forgets, after each new one opened to the same
key.
"""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any

from django.db import connection, transaction
from django.db.utils import ProgrammingError

from ledger import vault
from ledger.core.envelope import unwrap_key
from ledger.core.errors import DecryptionError
from ledger.models import FormerKey
from ledger.problems import KeyStillNeeded, PayloadUnreadable
from ledger.rotation.holders import Holder, holders
from ledger.sql import WRAPPED

BATCH = 2_000  # rows of one table that are opened at once


class Keks:
    """Key-encryption keys by version, each opened once."""

    def __init__(self) -> None:
        self._open: dict[int, bytes] = {}

    def unwrap(self, version: int, wrapped: bytes, aad: bytes) -> bytes:
        """A data key; `DecryptionError` if it does not open."""
        if version not in self._open:
            self._open[version] = vault.kek_of(version).key
        return unwrap_key(self._open[version], wrapped, aad)


def former_of(holder: Holder, places: Sequence[Any]) -> dict[int, list[FormerKey]]:
    """By primary key what wrapped the keys of these rows before, oldest first."""
    table = holder.model._meta.db_table
    found: dict[int, list[FormerKey]] = defaultdict(list)
    if table in WRAPPED:
        kept = FormerKey.objects.filter(holder=table, place__in=places)
        for former in kept.order_by("pk"):
            found[former.place].append(former)
    return found


def data_key(row: Any, former: Sequence[FormerKey], aad: bytes, keks: Keks) -> bytes:
    """The key of a row, by the oldest wrapping that opens; `DecryptionError` if none does."""
    for kept in former:
        try:
            return keks.unwrap(kept.kek_version or 0, bytes(kept.wrapped_key), aad)
        except DecryptionError:
            continue
    return keks.unwrap(row.kek_version, bytes(row.wrapped_key), aad)


def forget_former_keys() -> int:
    """Forget what wrapped keys before, of every row whose new wrapping opens to the same key.

    As the owner; answers how many. Raises `PayloadUnreadable` where a new one does not open, and
    `KeyStillNeeded` for who is not the owner, where there is anything to forget.
    """
    done, damaged, keks = 0, {}, Keks()
    for holder in holders():
        table, after = holder.model._meta.db_table, -1
        kept = FormerKey.objects.filter(holder=table)
        while True:
            # those of before each row, a whole row at a time
            places = kept.filter(place__gt=after).order_by("place").values_list("place", flat=True)
            chosen = list(places.distinct()[:BATCH])
            if not chosen:
                break
            after = chosen[-1]
            # read before the rows: what is pushed out of a row that was read would count as seen
            former = former_of(holder, chosen)
            rows = list(
                holder.model._default_manager.filter(pk__in=chosen, wrapped_key__isnull=False)
                .order_by("pk")
                .defer("ciphertext")
            )
            seen: list[int] = []
            for row, aad in zip(rows, holder.aads(rows), strict=True):
                if _opens(row, former[row.pk], aad, keks):
                    seen += [item.pk for item in former[row.pk]]
                else:
                    damaged[table] = damaged.get(table, 0) + 1
            _forget(seen)
            done += len(seen)
    if damaged:
        raise PayloadUnreadable(
            title="Some keys were wrapped anew and do not open; no old key was destroyed.",
            detail="Rows whose key does not open: %(rows)s.",
            mend="Rotate the key-encryption key again: what wrapped these keys before is still "
            "here, and is taken. Find out who wrapped them.",
            params={"rows": ", ".join(f"{table}: {rows}" for table, rows in damaged.items())},
        )
    return done


def _opens(row: Any, former: Sequence[FormerKey], aad: bytes, keks: Keks) -> bool:
    try:
        now = keks.unwrap(row.kek_version, bytes(row.wrapped_key), aad)
    except DecryptionError:
        return False
    return now == data_key(row, former, aad, keks)


def _forget(seen: list[int]) -> None:
    if not seen:
        return
    try:
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute("SELECT ledger_forget_former(%s)", [seen])
    except ProgrammingError as error:
        raise KeyStillNeeded(
            detail="What wrapped keys before is forgotten by the database's owner alone.",
            mend="Run manage.py rotate_keys kek --retire, which connects as the owner.",
        ) from error
