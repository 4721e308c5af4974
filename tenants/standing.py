"""The institutions whose schemas are there: one that is gone must hold up no other's jobs."""

import structlog
from django.db import connection

from tenants.models import Tenant
from tenants.permissions import Kind

log = structlog.get_logger("tenants")
_SCHEMAS = """
    SELECT nspname FROM pg_class JOIN pg_namespace ON pg_namespace.oid = relnamespace
    WHERE relname = 'django_migrations'
"""


def standing(**of: object) -> list[Tenant]:
    """Provisioned institutions, of these columns, whose schema holds tables; the others are logged.

    In the order of their schemas' names, and without the platform.
    """
    there, gone = told_apart(**of)
    for tenant in gone:
        log.error("schema_gone", tenant=tenant.schema_name)
    return there


def told_apart(**of: object) -> tuple[list[Tenant], list[Tenant]]:
    """Provisioned institutions with tables in their schema, and those without."""
    found = Tenant.objects.filter(provisioned_at__isnull=False, **of).exclude(kind=Kind.PLATFORM)
    with connection.cursor() as cursor:
        cursor.execute(_SCHEMAS)
        schemas = {name for (name,) in cursor.fetchall()}
    there: list[Tenant] = []
    gone: list[Tenant] = []
    for tenant in found.order_by("schema_name"):
        (there if tenant.schema_name in schemas else gone).append(tenant)
    return there, gone
