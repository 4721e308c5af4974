"""The ledger's read API."""

from django.urls import path

from ledger import api

urlpatterns = [
    path("checkpoint", api.LatestCheckpoint.as_view(), name="api-ledger-checkpoint"),
    path("consistency", api.Consistency.as_view(), name="api-ledger-consistency"),
    path("entries/<int:index>/proof", api.EntryProof.as_view(), name="api-ledger-proof"),
]
