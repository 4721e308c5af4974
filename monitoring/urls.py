"""A trust's monitoring pages."""

from django.urls import path

from monitoring import views

app_name = "monitoring"
urlpatterns = [
    path("", views.dashboard, name="dashboard"),
    path("alerts/", views.alerts, name="alerts"),
    path("alerts/<int:alert_id>/acknowledge/", views.acknowledge, name="acknowledge"),
    path("assets/", views.late_assets, name="late_assets"),
    path("assets/<uuid:lease_rid>/", views.asset, name="asset"),
    path("pools/<uuid:pool_id>/", views.pool, name="pool"),
    path("problems/", views.problems, name="problems"),
    path("problems/<int:problem_id>/", views.act_on_problem, name="act_on_problem"),
]
