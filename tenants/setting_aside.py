"""A damaged schema is set aside under another name, and an empty one stands in its place.

Nothing is deleted. A ledger then comes back from a counterparty's copy into the empty schema, and
the tables of the other rooms, where they are sound, from the one that was set aside.
"""

from collections.abc import Iterable
from datetime import datetime
from graphlib import TopologicalSorter

from django.db import connection, transaction
from django_tenants.utils import schema_context
from psycopg import sql

from tenants.asides import is_of, mark, settle
from tenants.models import Tenant
from tenants.problems import Refused
from tenants.provisioning import provision_tenant

#: Come back from a copy of the log alone, or are made by provisioning.
OWN = ("ledger_", "django_migrations")
NAME_SIZE = 63  # bytes of an identifier; a schema's name is ASCII


class NotSetAside(Refused):
    code = "not_set_aside"
    title = "The schema was not set aside."
    mend = "Name an institution's schema that exists; end all processes that use it first."


class NotBroughtBack(Refused):
    code = "not_brought_back"
    title = "The tables were not brought back; nothing was changed."
    mend = "Name the schema that was set aside, and bring its tables back into empty ones, once."


def name_aside(schema: str, at: datetime) -> str:
    """What a schema is called that is set aside: the time whole, its name as far as it fits."""
    ending = f"_aside_{at:%Y%m%d%H%M%S}"
    return schema[: NAME_SIZE - len(ending)] + ending


def set_aside(*, tenant: Tenant, at: datetime) -> str:
    """Rename the tenant's schema and provision an empty one; answers the old one's new name."""
    old, aside = tenant.schema_name, name_aside(tenant.schema_name, at)
    with schema_context("public"):
        if old not in _schemas():
            raise NotSetAside(detail="There is no schema %(name)s.", params={"name": old})
        with transaction.atomic():
            _run("ALTER SCHEMA {} RENAME TO {}", old, aside)
            mark(aside, tenant)
        provision_tenant(tenant=tenant)
    return aside


@transaction.atomic
def bring_back(*, tenant: Tenant, aside: str) -> dict[str, int]:
    """Copy every table that is no ledger's from the schema set aside; rows by table.

    Raises `NotBroughtBack` where a table here holds rows already, and for any schema that was not
    made by setting this very tenant aside: whatever it is called. From then on what counterparties
    left is received again (`asides`).
    """
    to = tenant.schema_name
    with schema_context("public"):
        if aside not in _schemas():
            raise NotBroughtBack(detail="There is no schema %(name)s.", params={"name": aside})
        owned = Tenant.objects.filter(schema_name=aside).exists()
        if owned or not is_of(aside, tenant):
            detail = "%(name)s was not made by setting this institution's schema aside."
            raise NotBroughtBack(detail=detail, params={"name": aside})
        tables = [table for table in _tables(aside) if not table.startswith(OWN)]
        known = [table for table in _in_order(to, tables) if table in _tables(to)]
        brought = {table: rows for table in known if (rows := _copy(table, aside, to))}
        settle(tenant)
        return brought


def _run(statement: str, *names: str) -> int:
    with connection.cursor() as cursor:
        text = sql.SQL(statement).format(*map(sql.Identifier, names))
        cursor.execute(text.as_string(cursor.connection))
        return cursor.rowcount


def _column(query: str, *values: object) -> list:
    with connection.cursor() as cursor:
        cursor.execute(query, values)
        return [row[0] if len(row) == 1 else row for row in cursor.fetchall()]


def _schemas() -> set[str]:
    return set(_column("SELECT nspname FROM pg_namespace"))


def _tables(schema: str) -> list[str]:
    return _column("SELECT tablename FROM pg_tables WHERE schemaname = %s ORDER BY 1", schema)


def _in_order(schema: str, tables: Iterable[str]) -> list[str]:
    """Tables after those that they point to."""
    pairs = _column(
        "SELECT c.relname, t.relname FROM pg_constraint AS f"
        " JOIN pg_class AS c ON c.oid = f.conrelid JOIN pg_class AS t ON t.oid = f.confrelid"
        " WHERE f.contype = 'f' AND f.connamespace = %s::regnamespace AND c.oid <> t.oid",
        f'"{schema}"',
    )
    graph: dict[str, set[str]] = {table: set() for table in tables}
    for table, target in pairs:
        if table in graph and target in graph:
            graph[table].add(target)
    return list(TopologicalSorter(graph).static_order())


def _copy(table: str, aside: str, to: str) -> int:
    if _column(f'SELECT 1 FROM "{to}"."{table}" LIMIT 1'):
        raise NotBroughtBack(detail="%(table)s holds rows already.", params={"table": table})
    names = _column(
        "SELECT column_name FROM information_schema.columns WHERE table_schema = %s"
        " AND table_name = %s AND is_generated = 'NEVER' ORDER BY ordinal_position",
        aside,
        table,
    )
    listed = ", ".join(f'"{name}"' for name in names)
    with connection.cursor() as cursor:
        cursor.execute(
            f'INSERT INTO "{to}"."{table}" ({listed}) OVERRIDING SYSTEM VALUE'
            f' SELECT {listed} FROM "{aside}"."{table}"'
        )
        rows = cursor.rowcount
        for name in names:
            if _has_sequence(to, table, name):
                cursor.execute(
                    "SELECT setval(pg_get_serial_sequence(%s, %s), coalesce(max(held), 0) + 1,"
                    f' false) FROM (SELECT "{name}" AS held FROM "{to}"."{table}") AS rows',
                    [f'"{to}"."{table}"', name],
                )
    return rows


def _has_sequence(schema: str, table: str, name: str) -> bool:
    found = _column("SELECT pg_get_serial_sequence(%s, %s)", f'"{schema}"."{table}"', name)
    return found != [None]
