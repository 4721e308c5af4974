"""Tapes are issued from a period's page."""

from django.urls import path

from pools.tapes import views

urlpatterns = [
    path("distributions/<uuid:pool_id>/<int:period>/tape/", views.issue, name="tape-issue"),
]
