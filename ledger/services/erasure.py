"""Erasing a payload by destroying its key, and rotating the key-encryption key."""

from datetime import datetime

from django.db import connection, transaction

from ledger import vault
from ledger.core.envelope import items_aad, record_aad, unwrap_key, wrap_key
from ledger.drafts import instant
from ledger.models import Entry, Head, Items, Payload
from ledger.problems import NoSuchEntry, PayloadErased


@transaction.atomic
def erase_payload(*, index: int, at: datetime | str) -> None:
    """Crypto-shred an entry's payload and items; the entry and every proof stay as they are."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_erase(%s, %s)", [index, instant(at)])
        (done,) = cursor.fetchone()
    if not done:
        if Entry.objects.filter(index=index).exists():
            raise PayloadErased
        raise NoSuchEntry


@transaction.atomic
def rotate_key_encryption_key(*, batch_size: int = 2_000) -> int:
    """Make a new key-encryption key and wrap every data key with it; answers its version."""
    old = vault.current_kek()
    new = vault.new_kek(version=old.version + 1)
    log_id = Head.objects.get().log_id
    for model, of_items in ((Payload, False), (Items, True)):
        waiting = model.objects.filter(
            kek_version__lt=new.version, erased_at=None, wrapped_key__isnull=False
        )
        while batch := list(waiting.order_by("index").defer("ciphertext")[:batch_size]):
            _rewrap(batch, of_items=of_items, new=new, log_id=log_id)
    return new.version


def _rewrap(batch: list, *, of_items: bool, new: vault.Kek, log_id: str) -> None:
    entries = Entry.objects.only("index", "rid", "ts", "kind").in_bulk([row.index for row in batch])
    opened = {version: vault.kek_of(version) for version in {row.kek_version for row in batch}}
    wrapped = []
    for row in batch:
        entry = entries[row.index]
        aad = record_aad(log_id=log_id, rid=str(entry.rid), version=entry.ts, kind=entry.kind)
        aad = items_aad(aad) if of_items else aad
        key = unwrap_key(opened[row.kek_version].key, bytes(row.wrapped_key), aad)
        wrapped.append(wrap_key(new.key, key, aad))
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT ledger_rewrap(%s::bigint[], %s::bytea[], %s, %s)",
            [[row.index for row in batch], wrapped, new.version, of_items],
        )
