"""Moving what waits in a hot tenant's queue into the log, many entries a commit."""

import psycopg
from django.db import connection, transaction

from ledger.halting import standing
from ledger.integration import Integrated, tell_integrated
from tenants.database.bound import run_bound

BATCH = 512
"""Rows a commit: from 256 on the throughput is flat, and the head is locked the longer the more."""


def integrate_pending(*, limit: int = BATCH) -> list[Integrated]:
    """Move the oldest waiting entries into the log, one commit; empty when none waits.

    Safe beside other drainers and beside `append_entries`: all take turns at the head's lock. What
    a killed drainer did not commit waits as before, and all of it while the log stands still
    (`LogHalted`).
    """
    try:
        with transaction.atomic():
            rows = [
                Integrated(*row) for row in run_bound("SELECT * FROM ledger_integrate(%b)", [limit])
            ]
            tell_integrated(rows)
    except psycopg.errors.ObjectNotInPrerequisiteState as error:
        raise standing() from error
    return rows


def drain(*, limit: int = BATCH) -> int:
    """Integrate until nothing waits; how many entries that were."""
    done = 0
    while rows := integrate_pending(limit=limit):
        done += len(rows)
    return done


def anything_waits() -> bool:
    """Whether the queue of this tenant has an entry for the log."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT EXISTS (SELECT FROM ledger_pending WHERE refused_at IS NULL)")
        return bool(cursor.fetchone()[0])
