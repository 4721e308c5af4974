"""Which tenant the running code works for."""

from django.db import connection
from django_tenants.utils import tenant_context

from tenants.models import Tenant

__all__ = ["NoTenant", "current_tenant", "tenant_context"]


class NoTenant(RuntimeError):
    """Code that needs a tenant ran outside of one."""


def current_tenant() -> Tenant:
    """The tenant of the calling context; raises NoTenant on the public schema."""
    tenant = connection.tenant
    if not isinstance(tenant, Tenant) or tenant.schema_name == "public":
        raise NoTenant("This runs inside one tenant; enter it with tenant_context(tenant).")
    return tenant
