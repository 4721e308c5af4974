"""How a socket enters its tenant.

Sockets skip Django's middleware, and a connection's schema belongs to whoever set it last. So a
consumer touches the database only through `in_tenant`, which enters and leaves within one call.
"""

from channels.db import database_sync_to_async
from django_tenants.utils import get_tenant_domain_model, tenant_context

from tenants.access import has_permission
from tenants.permissions import Permission


async def in_tenant(tenant, function, *args, **kwargs):
    """Run a synchronous `function` on a database thread inside `tenant`."""

    def enter():
        with tenant_context(tenant):
            return function(*args, **kwargs)

    return await database_sync_to_async(enter)()


def _tenant_of_host(host: str):
    domain = get_tenant_domain_model().objects.select_related("tenant").filter(domain=host).first()
    return domain.tenant if domain and domain.tenant.provisioned_at else None


class TenantSocketMiddleware:
    """Puts `tenant` into the scope by the Host header; unknown hosts are closed with 4404."""

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1").rpartition(":")[0]
        host = host or headers.get(b"host", b"").decode("latin-1")
        tenant = await database_sync_to_async(_tenant_of_host)(host)
        if tenant is None:
            await send({"type": "websocket.close", "code": 4404})
            return None
        return await self.inner({**scope, "tenant": tenant}, receive, send)


async def may(scope, permission: Permission) -> bool:
    """Does the socket's person hold `permission` in the socket's tenant? Asked afresh each time."""
    user, tenant = scope.get("user"), scope["tenant"]
    if user is None or not user.is_authenticated:
        return False

    def ask():
        user.__dict__.pop("_permissions_in", None)  # a role may have been withdrawn since
        return has_permission(user, tenant, permission)

    return await database_sync_to_async(ask)()
