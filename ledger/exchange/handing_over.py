"""What arrived, handed to the rooms above; content that they cannot use is refused by name.

A counterparty's signature says who wrote a content, not that it has the shape that its kind has:
columns that are missing, words where numbers stand. A room that trips over it must not stop the
exchange with that counterparty for ever.
"""

import psycopg
from django import db

from ledger.core.errors import LedgerError
from ledger.exchange import problems
from ledger.exchange.problems import ParcelError
from ledger.exchange.registry import VerifiedBatch, project
from tenants.problems import Problem

#: Refused elsewhere in words of their own.
_NAMED = (LedgerError, Problem)
#: What content causes in a database; anything else of it is an outage or a slip of ours.
_CONTENT = (db.DataError, db.IntegrityError, psycopg.DataError, psycopg.IntegrityError)
_OURS = (db.Error, psycopg.Error, OSError, MemoryError)


def hand_over(batch: VerifiedBatch) -> None:
    """Project a batch; `ParcelError` (`unusable`) for whatever its content makes a room raise.

    Outages go through: the parcel stays in the mailbox and is taken when all is well again.
    """
    try:
        project(batch)
    except _NAMED:
        raise
    except Exception as error:
        if isinstance(error, _OURS) and not isinstance(error, _CONTENT):
            raise
        first = min(batch.indexes, default=0)
        name = type(error).__name__
        detail = f"{batch.kind}, entry {first}: {name}"
        if len(batch) > 1:
            detail = f"{batch.kind}, one of the {len(batch)} entries from {first}: {name}"
        raise ParcelError(problems.UNUSABLE, detail) from error
