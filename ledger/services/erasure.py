"""Erasing a payload by destroying its key."""

from datetime import datetime

from django.db import connection, transaction

from ledger.core.erasures import SHOWN
from ledger.drafts import instant
from ledger.models import Entry
from ledger.problems import NoSuchEntry, NotErasable, PayloadErased


@transaction.atomic
def erase_payload(*, index: int, at: datetime | str) -> None:
    """Crypto-shred an entry's payload and items; the entry and every proof stay as they are.

    Raises `NoSuchEntry`, `PayloadErased`, or `NotErasable` for what every export must show.
    """
    if Entry.objects.filter(index=index, kind__in=SHOWN).exists():
        raise NotErasable
    with connection.cursor() as cursor:
        cursor.execute("SELECT ledger_erase(%s, %s)", [index, instant(at)])
        (done,) = cursor.fetchone()
    if not done:
        if Entry.objects.filter(index=index).exists():
            raise PayloadErased
        raise NoSuchEntry
