"""Rotating the tenant's key-encryption key: new, re-wrap in batches, retire the old one.

Where it stands is in the rows themselves: what an older version wraps is not done. A process that
was killed is taken up again by the next run. Readers open both versions; nothing waits but, for
the length of a batch, who erases one of its rows.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from django.db import connection, transaction

from ledger import vault
from ledger.core.envelope import wrap_key
from ledger.core.errors import DecryptionError
from ledger.models import KeyEncryptionKey
from ledger.problems import KeyStillNeeded, PayloadUnreadable
from ledger.rotation.former import Keks, data_key, forget_former_keys, former_of
from ledger.rotation.holders import Holder, holders

BATCH = 2_000  # rows a commit

Progress = Callable[[str, int], None]
"""Told the table and how many rows of it are done in this run."""


class Waiting(NamedTuple):
    """Rows of one table that an older version wraps."""

    table: str
    rows: int


def waiting(version: int | None = None) -> list[Waiting]:
    """What `version` (the newest) does not wrap yet; tables that are done are left out.

    Of the next version it is what the next rotation will wrap anew.
    """
    version = version or vault.current_kek().version
    found = [(holder, holder.older(version).count()) for holder in holders()]
    return [Waiting(holder.model._meta.db_table, count) for holder, count in found if count]


def rotate_key_encryption_key(
    *,
    batch_size: int = BATCH,
    progress: Progress = lambda table, rows: None,
    cipher: str | None = None,
) -> int:
    """Make a new version, or take up the run that stopped, and wrap every data key with it.

    The new one is of `cipher`, or of the old one's; what is written from then on is sealed by it.
    Commits after each batch. Answers the version. Rows whose key does not open stay under the old
    one: `PayloadUnreadable` counts them, after everything else was done.
    """
    new = vault.current_kek()
    cipher = cipher or new.cipher
    is_done = not any(holder.older(new.version).exists() for holder in holders())
    if is_done or new.cipher != cipher:
        new = vault.new_kek(version=new.version + 1, cipher=cipher)
    damaged: dict[str, int] = {}
    while True:  # what was written under the old version while a pass ran is found by the next
        damaged = {}
        moved = sum(_pass(holder, new, batch_size, damaged, progress) for holder in holders())
        if not moved:
            break
    if damaged:
        raise PayloadUnreadable(
            title="Some keys do not open; everything else is under the new key.",
            detail="Rows whose key does not open: %(rows)s.",
            mend="The old key stays. Restore these rows from a backup, then rotate again.",
            params={"rows": ", ".join(f"{table}: {rows}" for table, rows in damaged.items())},
        )
    return new.version


def _pass(
    holder: Holder, new: vault.Kek, size: int, damaged: dict[str, int], progress: Progress
) -> int:
    table = holder.model._meta.db_table
    last, done, keks = None, 0, Keks()
    while True:
        with transaction.atomic():
            rows = holder.older(new.version)
            batch = list((rows if last is None else rows.filter(pk__gt=last))[:size])
            if not batch:
                return done
            last = batch[-1].pk
            keys, wrapped = [], []
            former = former_of(holder, [row.pk for row in batch])
            for row, aad in zip(batch, holder.aads(batch), strict=True):
                try:
                    key = data_key(row, former.get(row.pk, ()), aad, keks)
                except DecryptionError:
                    damaged[table] = damaged.get(table, 0) + 1
                    continue
                keys.append(row.pk)
                wrapped.append(wrap_key(new.key, key, aad))
            if keys:
                holder.store(keys, wrapped, new.version)
        done += len(keys)
        progress(table, done)


def retire_key_encryption_keys() -> list[int]:
    """Destroy every version but the newest; answers those destroyed.

    First what wrapped keys before is forgotten, where the new wrapping opens (`former`: as the
    owner). Then each is closed: who writes under it is waited for, nothing new comes.
    `KeyStillNeeded` while a row still uses one.
    """
    newest = vault.current_kek().version
    forget_former_keys()
    retired = []
    versions = KeyEncryptionKey.objects.filter(version__lt=newest).order_by("version")
    for version in list(versions.values_list("version", flat=True)):
        _ask("SELECT ledger_close_kek(%s)", version)
        table = _ask("SELECT ledger_retire_kek(%s)", version)
        if table is not None:
            raise KeyStillNeeded(
                detail="The key-encryption key of version %(version)s still wraps rows of "
                "%(table)s.",
                params={"version": version, "table": table},
            )
        retired.append(version)
    return retired


def _ask(query: str, version: int) -> object:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(query, [version])
        (answer,) = cursor.fetchone()
        return answer
