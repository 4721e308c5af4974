"""The registry's map on an institution's host."""

from django.urls import path

from ledger.titles import views

urlpatterns = [
    path("", views.titles, name="ledger-titles"),
    path("leases/<uuid:claim_id>/", views.lease, name="ledger-title-lease"),
    path("leases/<uuid:claim_id>/ask/", views.ask, name="ledger-title-ask"),
    path("proofs/<int:pk>", views.proof, name="ledger-title-proof"),
    path("alarms/<int:pk>", views.alarm, name="ledger-title-alarm"),
]
