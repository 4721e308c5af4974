"""Pages of distributions and units."""

from django.urls import path

from pools.distributions import views

urlpatterns = [
    path("distributions/", views.pools, name="distributions"),
    path("distributions/<uuid:pool_id>/", views.pool, name="pool-distributions"),
    path("distributions/<uuid:pool_id>/make/", views.make, name="distribution-make"),
    path("distributions/<uuid:pool_id>/units/", views.subscribe, name="units-subscribe"),
    path("distributions/<uuid:pool_id>/<int:period>/", views.distribution, name="distribution"),
    path(
        "distributions/<uuid:pool_id>/<int:period>/correct/",
        views.correct,
        name="distribution-correct",
    ),
    path(
        "distributions/<uuid:pool_id>/<int:period>/payments/",
        views.payments,
        name="distribution-payments",
    ),
    path("distributions/<uuid:pool_id>/<int:period>/trace/", views.trace, name="payment-trace"),
    path("units/", views.units, name="units"),
]
