"""How a socket enters its tenant.

Sockets skip Django's middleware, and a connection's schema belongs to whoever set it last. So a
consumer touches the database only through `in_tenant`, which enters and leaves within one call.
"""

from urllib.parse import urlsplit

from channels.db import database_sync_to_async
from django.conf import settings
from django.http.request import split_domain_port, validate_host
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


class SameOriginSockets:
    """Closes sockets that a page of another host opens, with 4403.

    A browser sends our cookie along whoever's page opens the socket, and institutions are
    neighbours below one domain: being one of our hosts is not enough, it must be this very one.
    """

    def __init__(self, inner):
        self.inner = inner

    async def __call__(self, scope, receive, send):
        headers = dict(scope["headers"])
        host = headers.get(b"host", b"").decode("latin-1")
        origin = headers.get(b"origin", b"").decode("latin-1")
        if not _is_same(origin, host) or not _is_allowed(host):
            await send({"type": "websocket.close", "code": 4403})
            return None
        return await self.inner(scope, receive, send)


def _is_same(origin: str, host: str) -> bool:
    """Whether an origin is a page of this host and port; ports may be left out where usual."""
    try:
        page = urlsplit(origin)
        ours = urlsplit(f"{page.scheme}://{host}")
        usual = {"http": 80, "https": 443}[page.scheme]
        return (page.hostname, page.port or usual) == (ours.hostname, ours.port or usual)
    except (ValueError, KeyError):  # no URL, or none of a page
        return False


def _is_allowed(host: str) -> bool:
    return validate_host(split_domain_port(host)[0], settings.ALLOWED_HOSTS)


async def no_such_socket(scope, receive, send):
    """What stands at every other address: closed with 4404."""
    await send({"type": "websocket.close", "code": 4404})


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
