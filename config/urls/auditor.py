"""An auditor's host: the ledgers that were shared with it."""

from django.urls import include, path

from config.urls.common import handler500, rest_of_the_api, tenant_patterns

__all__ = ["handler500", "urlpatterns"]

urlpatterns = [
    *tenant_patterns,
    path("stories/", include("config.stories.urls")),
    *rest_of_the_api,
]
