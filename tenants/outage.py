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
    if not isinstance(exception, OperationalError | InterfaceError):
        return None
    cause = exception.__cause__
    if isinstance(cause, psycopg.errors.DiskFull):
        return StorageFull()
    is_answered = isinstance(cause, psycopg.Error) and cause.sqlstate is not None
    going_down = is_answered and cause.sqlstate[:2] in ("08", "57")  # connection, shutdown
    return DatabaseLost() if going_down or not is_answered else None
