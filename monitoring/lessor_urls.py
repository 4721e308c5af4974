"""A lessor's view of its own leases."""

from django.urls import path

from monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("", views.portfolio, name="portfolio"),
    path("assets/<uuid:lease_rid>/", views.asset, name="asset"),
]
