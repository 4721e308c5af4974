"""The ASGI application: HTTP by Django, websockets by Channels inside their tenant."""

import os

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

from django.core.asgi import get_asgi_application

http = get_asgi_application()

from channels.auth import AuthMiddlewareStack  # noqa: E402  (after the apps are loaded)
from channels.routing import ProtocolTypeRouter, URLRouter  # noqa: E402
from django.urls import re_path  # noqa: E402

from monitoring.routing import websocket_urlpatterns  # noqa: E402
from tenants.arrival import BoundedBodies  # noqa: E402
from tenants.websockets import (  # noqa: E402
    SameOriginSockets,
    TenantSocketMiddleware,
    no_such_socket,
)

sockets = URLRouter([*websocket_urlpatterns, re_path("", no_such_socket)])

application = ProtocolTypeRouter(
    {
        "http": BoundedBodies(http),
        "websocket": SameOriginSockets(TenantSocketMiddleware(AuthMiddlewareStack(sockets))),
    }
)
