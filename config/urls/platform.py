"""The platform's own host: where to go, and the operator's admin."""

from django.contrib import admin
from django.urls import path

from config.urls.common import door, room
from tenants import views

urlpatterns = [
    *door,
    path("", views.platform_home, name="home"),
    path("admin/", admin.site.urls),
    *room("stories/", "config.stories.platform_urls"),
]
