"""The registry's map on an institution's host."""

from django.urls import path

from ledger.titles import views

urlpatterns = [
    path("", views.titles, name="ledger-titles"),
    path("of/<uuid:subject_id>/", views.subject, name="ledger-title-proofs"),
    path("of/<uuid:subject_id>/ask/", views.ask, name="ledger-title-ask"),
    path("proofs/<int:pk>", views.proof, name="ledger-title-proof"),
    path("alarms/<int:pk>", views.alarm, name="ledger-title-alarm"),
]
