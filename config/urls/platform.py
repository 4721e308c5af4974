"""The platform's own host: where to go, and the operator's admin."""

from django.contrib import admin
from django.urls import include, path

from config.urls.common import door, handler500
from ledger import proving
from tenants import views

__all__ = ["handler500", "urlpatterns"]

urlpatterns = [
    *door,
    path("", views.platform_home, name="home"),
    path("ledger/", include("ledger.tiles.urls")),
    path("verify/", proving.verify_for_anyone, name="verify"),
    path("contests/", include("origination.contests.platform_urls")),
    path("admin/", admin.site.urls),
    path("stories/", include("config.stories.platform_urls")),
]
