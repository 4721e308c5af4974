"""Whether this installation ever wrapped a secret by a root key: then no first one is made."""

from django.db import connection
from psycopg import sql

from tenants.models import PublishedKey

#: Of every schema in the database, those set aside among them: may we read it, has it any pages.
_TABLES = """
    SELECT n.nspname, c.relname, pg_relation_size(c.oid) > 0,
        has_schema_privilege(n.oid, 'USAGE') AND has_table_privilege(c.oid, 'SELECT')
    FROM pg_class AS c JOIN pg_namespace AS n ON n.oid = c.relnamespace
    WHERE c.relname IN ('ledger_kek', 'ledger_secret') AND c.relkind IN ('r', 'p')
"""


def was_ever_wrapped() -> bool:
    """Whether any institution has or had a secret: in a schema that stands, or as it published.

    A table that nobody lets us read counts as soon as anything was written to it.
    """
    secrets = (PublishedKey.COSIGNER, PublishedKey.PARCELS)  # published once they are wrapped
    if PublishedKey.objects.filter(purpose__in=secrets).exists():
        return True
    readable = []
    with connection.cursor() as cursor:
        cursor.execute(_TABLES)
        for schema, table, is_filled, may_read in cursor.fetchall():
            if is_filled and not may_read:
                return True
            if is_filled:
                row = sql.SQL("SELECT FROM {}").format(sql.Identifier(schema, table))
                readable.append(sql.SQL("EXISTS ({})").format(row))
        if not readable:
            return False
        cursor.execute(sql.SQL("SELECT {}").format(sql.SQL(" OR ").join(readable)))
        (found,) = cursor.fetchone()
    return bool(found)
