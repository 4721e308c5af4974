"""Schemas set aside, as their comments tell: whose each was, and whether its tables still wait.

While they wait to be brought back, nothing is received from counterparties: what their logs tell
would be written into tables that are to be empty.
"""

from django.db import connection
from psycopg import sql

from tenants.models import Tenant

MARK = "set aside from tenant {}"
WAITS, SETTLED = "; its tables wait", "; its tables are settled"


def mark(schema: str, tenant: Tenant, state: str = WAITS) -> None:
    """Write it into the schema's comment: names can be alike, and dumps keep comments."""
    text = sql.SQL("COMMENT ON SCHEMA {} IS {}").format(
        sql.Identifier(schema), sql.Literal(MARK.format(tenant.pk) + state)
    )
    with connection.cursor() as cursor:
        cursor.execute(text.as_string(cursor.connection))


def is_of(schema: str, tenant: Tenant) -> bool:
    """Whether the schema was made by setting this very tenant aside, whatever it is called."""
    own = MARK.format(tenant.pk)
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT 1 FROM pg_namespace WHERE nspname = %s"
            " AND obj_description(oid, 'pg_namespace') = ANY(%s)",
            [schema, [own, own + WAITS, own + SETTLED]],
        )
        return cursor.fetchone() is not None


def waiting_asides(tenant: Tenant) -> list[str]:
    """Schemas of this tenant whose tables are neither brought back nor left where they are."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nspname FROM pg_namespace"
            " WHERE obj_description(oid, 'pg_namespace') = %s ORDER BY 1",
            [MARK.format(tenant.pk) + WAITS],
        )
        return [name for (name,) in cursor.fetchall()]


def settle(tenant: Tenant) -> list[str]:
    """Nothing more waits to be brought back: what counterparties left is received again."""
    waiting = waiting_asides(tenant)
    for schema in waiting:
        mark(schema, tenant, SETTLED)
    return waiting
