"""A lessor's view of its own leases."""

from django.urls import path

from monitoring.views import boards

app_name = "monitoring"
urlpatterns = [
    path("", boards.portfolio, name="portfolio"),
    path("assets/<uuid:lease_rid>/", boards.asset, name="asset"),
]
