"""A lessor's host."""

from django.urls import include, path

from config.urls.common import handler500, rest_of_the_api, tenant_patterns

__all__ = ["handler500", "urlpatterns"]

urlpatterns = [
    *tenant_patterns,
    path("", include("origination.urls")),
    path("", include("mobile_api.urls")),
    path("contests/", include("origination.contests.urls")),
    path("stories/", include("config.stories.urls")),
    *rest_of_the_api,
]
