"""What commands share: whose ledger they work on, and errors told in a line instead of a trace."""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager

from django.core.management import CommandError
from django.db import connection
from django.db.models import QuerySet

from ledger.models import Head
from ledger.problems import LogLost
from ledger.services.published_keys import is_log_lost
from tenants.context import tenant_context
from tenants.models import Tenant
from tenants.permissions import Kind
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


def each(tenants: Iterable[Tenant], work: Callable[[Tenant], object]) -> None:
    """Work inside of each, whatever fails in another; then one `CommandError` names those."""
    failed = []
    for tenant in tenants:
        try:
            with inside(tenant):
                work(tenant)
        except CommandError as error:
            failed.append(f"{tenant.schema_name}: {error}")
    if failed:
        raise CommandError("\n".join(failed))


def institutions() -> QuerySet[Tenant]:
    """Every institution that was provisioned, also where its schema is gone."""
    found = Tenant.objects.exclude(provisioned_at=None).exclude(kind=Kind.PLATFORM)
    return found.order_by("schema_name")


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
