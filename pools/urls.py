"""A trust's pages of this room."""

from django.urls import include, path

urlpatterns = [
    path("", include("pools.circular.urls")),
    path("", include("pools.distributions.urls")),
    path("", include("pools.deals.urls")),
    path("", include("pools.screening.urls")),
    path("", include("pools.tapes.urls")),
]
