from django.urls import path

from ledger.anchoring import views

urlpatterns = [
    path("", views.anchors, name="ledger-anchors"),
    path("add/<slug:kind>/", views.add, name="ledger-anchor-add"),
    path("<uuid:pk>/switch", views.switch, name="ledger-anchor-switch"),
    path("<uuid:pk>/delete", views.delete, name="ledger-anchor-delete"),
    path("receipts/<int:pk>", views.receipt, name="ledger-anchor-receipt"),
    path("statements/<int:size>", views.statement, name="ledger-anchor-statement"),
]
