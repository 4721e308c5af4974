"""Pages of assets, screenings and models."""

from django.urls import path

from pools.screening import acts, views

urlpatterns = [
    path("assets/", views.assets, name="pools-assets"),
    path("assets/<uuid:rid>/", views.asset, name="pools-asset"),
    path("screenings/", views.runs, name="pools-runs"),
    path("screenings/new/", acts.screen, name="pools-screen"),
    path("screenings/<uuid:run_id>/", views.run, name="pools-run"),
    path("models/", views.models, name="pools-models"),
    path("models/new/", acts.train, name="pools-model-train"),
    path("models/<uuid:model_id>/", views.model, name="pools-model"),
    path("models/<uuid:model_id>/shadow/", acts.shadow, name="pools-model-shadow"),
    path("models/<uuid:model_id>/approve/", acts.approve, name="pools-model-approve"),
]
