"""What failed below us (database gone, disk full), told as it is, with the mend.

When the connection breaks while COMMIT is under way nobody on this side knows whether it happened.
The honest answer is that; sending the same record again is safe, for it is kept once.
"""

import psycopg
from django.db import InterfaceError, OperationalError

from tenants.problems import Problem


class DatabaseLost(Problem):
    code = "database_lost"
    title = "The connection to the database broke."
    detail = "It is not known whether what you sent was saved."
    mend = "Send it again, or look first whether it is there: the same record is kept only once."
    status = 503


class StorageFull(Problem):
    code = "storage_full"
    title = "The database has no space left."
    detail = "What you sent was not saved."
    mend = "Have the operator free space on the database's disk, then send it again."
    status = 503


def outage_of(exception: Exception) -> Problem | None:
    """The problem that a failure of the database is; None for any other exception."""
    if isinstance(exception, OperationalError | InterfaceError):
        cause = exception.__cause__
    elif isinstance(exception, psycopg.OperationalError | psycopg.InterfaceError):
        cause = exception  # of a bound statement (database/bound.py)
    else:
        return None
    if isinstance(cause, psycopg.errors.DiskFull):
        went_down = cause.diag.severity_nonlocalized == "PANIC"  # where its own log had no space
        return DatabaseLost() if went_down else StorageFull()
    code = cause.sqlstate if isinstance(cause, psycopg.Error) else None
    if code is None or code[:2] in ("08", "57"):  # no answer, connection lost, shutting down
        return DatabaseLost()
    return None
