"""Going over this tenant's log and the copies it keeps, and remembering what came of it."""

from collections.abc import Callable, Iterator
from datetime import datetime
from typing import Protocol

import psycopg
import structlog
from django.db import InterfaceError, OperationalError

from ledger.checking.copy import CopyCheck
from ledger.checking.own import OwnCheck
from ledger.core.audit import AuditError
from ledger.core.stored import StoredLog
from ledger.drafts import instant
from ledger.models import Entry, Head, LedgerCheck, Replica
from ledger.problems import KeyFileDamaged
from tenants.problems import Problem

log = structlog.get_logger("ledger.checks")
_AWAY = (OperationalError, InterfaceError, psycopg.OperationalError, psycopg.InterfaceError)
#: Nothing can be said of what is stored: the database, or a key of this installation, is away.
_UNSAID = (*_AWAY, KeyFileDamaged)


class Check(Protocol):
    """Something that can be gone over; `run` raises `AuditError`."""

    walk: StoredLog | None
    unheard: str

    def run(self) -> None:
        """Go over all of it."""


def check_own(*, at: datetime | str) -> LedgerCheck | None:
    """Go over the whole log of this tenant; None while it has none.

    Entries with their signatures, tree, contents with their keys, batches' items, erasures,
    checkpoints, cosignatures, head, signing keys, and what signer, directory and published files
    hold. What is appended meanwhile is the next check's.
    """
    if not Head.objects.exists() and not Entry.objects.exists():
        return None
    return _told(OwnCheck(), None, at)


def check_copy(replica: Replica, *, at: datetime | str) -> LedgerCheck:
    """Go over the copy of another's log as it is now."""
    return _told(CopyCheck(replica), replica.source, at)


def check_stored(
    *, now: Callable[[], datetime]
) -> Iterator[tuple[Replica | None, LedgerCheck | None]]:
    """Go over this tenant's log (None), then each copy.

    One that the database does not read in time, or whose key file is missing, does not keep the
    others from being gone over; that is raised at the end.
    """
    failed: Exception | None = None
    for replica in (None, *Replica.objects.order_by("origin")):
        try:
            row = check_own(at=now()) if replica is None else check_copy(replica, at=now())
        except _UNSAID as error:
            log.exception("ledger_check_failed", what=str(replica or ""))
            failed = failed or error
            continue
        yield replica, row
    if failed is not None:
        raise failed


def latest_checks() -> dict[object, LedgerCheck]:
    """The newest check of this log (None) and of each copy (its source)."""
    rows = LedgerCheck.objects.order_by("source", "-pk").distinct("source")
    return {row.source: row for row in rows}


def _told(check: Check, source, at) -> LedgerCheck:
    found: AuditError | None = None
    try:
        check.run()
    except _UNSAID:
        raise
    except AuditError as altered:
        found = altered
    except Exception as error:  # whatever a row holds, the check says where it ended
        told = error.text("detail") if isinstance(error, Problem) else str(error)
        index = check.walk.frontier.size if check.walk else 0
        found = AuditError(index, "row", f"it cannot be read ({type(error).__name__}): {told}")
        log.exception("ledger_unreadable", source=str(source))
    if found is not None:
        log.error("ledger_altered", source=str(source), what=str(found))
    walk = check.walk
    return LedgerCheck.objects.create(
        source=source,
        entries=walk.frontier.size if walk else 0,
        contents=walk.contents if walk else 0,
        checkpoints=walk.checkpoints if walk else 0,
        part=found.part if found else "",
        index=found.index if found else None,
        detail=_storable(found.detail) if found else "",
        unheard=_storable(check.unheard),
        checked_at=instant(at),
    )


def _storable(text: str) -> str:
    """Whatever a row held, as text that the database takes."""
    return text.encode("utf-8", "replace").decode().replace("\0", "?")[:300]
