"""What every tenant's host answers."""

from django.urls import include, path, re_path
from drf_spectacular.views import SpectacularAPIView

from tenants import api_reference, failures, gallery, views
from tenants.api_errors import nothing_here
from tenants.web import open_to_all

handler500 = failures.server_error  # looked up in the module of the host's kind

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
    path("ledger/", include("ledger.urls")),
    path("witness/", include("ledger.witnessing.urls")),
    path("api/v1/ledger/", include("ledger.api_urls")),
]
# after everything else: the API answers problem details, also for what it does not have
rest_of_the_api = [re_path("^api/", nothing_here, name="api-nothing")]
