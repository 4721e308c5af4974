"""What commands share: whose ledger they work on, and errors told in a line instead of a trace."""

from collections.abc import Iterator
from contextlib import contextmanager

from django.core.management import CommandError
from django.db import connection

from ledger.models import Head
from ledger.problems import LogLost
from ledger.services.published_keys import is_log_lost
from tenants.context import tenant_context
from tenants.models import Tenant
from tenants.problems import Problem

_HAS_TABLES = """
    SELECT EXISTS (
        SELECT FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
        WHERE nspname = %s AND relname = 'ledger_head'
    )
"""


def tenant_named(schema: str) -> Tenant:
    """The tenant of a schema, or an error that names it."""
    found = Tenant.objects.filter(schema_name=schema).first()
    if found is None:
        raise CommandError(f"There is no tenant {schema!r}.")
    return found


@contextmanager
def inside(tenant: Tenant) -> Iterator[None]:
    """Work inside of a tenant; what is refused, or a schema that is gone, is a `CommandError`."""
    with connection.cursor() as cursor:
        cursor.execute(_HAS_TABLES, [tenant.schema_name])
        (has_tables,) = cursor.fetchone()
    if not has_tables:
        raise CommandError(
            f"The schema {tenant.schema_name!r} is gone or holds no ledger's tables: run "
            f"provision_tenant {tenant.schema_name} first (docs/operating.md, Restoring a ledger)."
        )
    try:
        with tenant_context(tenant):
            yield
    except Problem as problem:
        raise CommandError(str(problem)) from problem


def has_log() -> bool:
    """Whether the tenant at hand has a log; `LogLost` if it had one and its database has none."""
    if Head.objects.exists():
        return True
    if is_log_lost():
        raise LogLost
    return False


def need_log(tenant: Tenant) -> None:
    """Raise unless the tenant at hand has a log."""
    if not has_log():
        raise CommandError(f"The ledger of {tenant.schema_name!r} is empty.")
