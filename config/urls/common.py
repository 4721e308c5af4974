"""What every tenant's host answers."""

from importlib.util import find_spec

from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView

from tenants import api_reference, gallery, views
from tenants.web import open_to_all


def room(prefix: str, module: str) -> list:
    """The URLs of a room under `prefix`, where that room has any."""
    return [path(prefix, include(module))] if find_spec(module) else []


door = [
    path("sign-in/", views.SignIn.as_view(), name="sign_in"),
    path("sign-out/", views.SignOut.as_view(), name="sign_out"),
    path("i18n/", include("django.conf.urls.i18n")),
    path("design/", gallery.gallery, name="design"),
    path("healthz", views.healthz, name="healthz"),
    path("readyz", views.readyz, name="readyz"),
]
api = [
    path("api/schema", open_to_all(SpectacularAPIView.as_view()), name="api-schema"),
    path("api/docs", api_reference.reference, name="api-docs"),
]
tenant_patterns = [
    *door,
    *api,
    path("", views.tenant_home, name="home"),
    *room("ledger/", "ledger.urls"),
    *room("api/v1/ledger/", "ledger.api_urls"),
]
