"""Where an institution's tables are gone: its pages say so, and whom to tell."""

import psycopg
from django.db import ProgrammingError, connection

from tenants.problems import Problem

_GONE = psycopg.errors.UndefinedTable | psycopg.errors.InvalidSchemaName
_TABLES = (
    "SELECT 1 FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace"
    " WHERE nspname = %s AND relname = 'django_migrations'"
)


class BooksLost(Problem):
    code = "books_lost"
    title = "The books and the ledger of this institution are gone from the database."
    detail = "Its schema %(schema)s holds no tables. Nothing was written."
    mend = (
        "Tell your operator: restore the backup; without one run provision_tenant %(schema)s, then "
        "ask a counterparty for its copy of the ledger: docs/operating.md, Restoring a ledger. "
        "Phones keep what they signed and send it again."
    )
    status = 503


class BooksDamaged(BooksLost):
    code = "books_damaged"
    title = "A part of this institution's books is gone from the database."
    detail = "A table that this page needs is missing in %(schema)s. Nothing was written."
    mend = (
        "Tell your operator: run the migrations if the server was just updated; else restore the "
        "backup, or set the schema aside: docs/operating.md, Restoring a ledger. Phones keep what "
        "they signed and send it again."
    )


def loss_of(exception: Exception, schema: str) -> Problem | None:
    """The problem that a missing table of this schema is; None for any other exception."""
    cause = exception.__cause__ if isinstance(exception, ProgrammingError) else exception
    if not isinstance(cause, _GONE):
        return None
    with connection.cursor() as cursor:
        cursor.execute(_TABLES, [schema])
        is_there = cursor.fetchone() is not None
    return (BooksDamaged if is_there else BooksLost)(params={"schema": schema})
