"""Documents, under `documents/` of a trust's host."""

from django.urls import path

from pools.circular import views

urlpatterns = [
    path("documents/", views.document_list, name="documents"),
    path("documents/circular/", views.issue, name="circular-issue"),
    path("documents/check/", views.check, name="check_document"),
    path("documents/<uuid:document_id>/", views.download, name="download_document"),
]
