"""A trust's monitoring pages."""

from django.urls import path

from monitoring.views import alerts, boards, lessors, problems

app_name = "monitoring"
urlpatterns = [
    path("", boards.dashboard, name="dashboard"),
    path("alerts/", alerts.alerts, name="alerts"),
    path("alerts/acknowledge/", alerts.acknowledge_several, name="acknowledge_several"),
    path("alerts/<int:alert_id>/acknowledge/", alerts.acknowledge, name="acknowledge"),
    path("assets/", boards.late_assets, name="late_assets"),
    path("assets/<uuid:lease_rid>/", boards.asset, name="asset"),
    path("lessors/<uuid:source>/", lessors.lessor, name="lessor"),
    path("lessors/<uuid:source>/payments.csv", lessors.payments_file, name="payments_file"),
    path("pools/<uuid:pool_id>/", boards.pool, name="pool"),
    path("problems/", problems.problems, name="problems"),
    path("problems/<int:problem_id>/", problems.act_on_problem, name="act_on_problem"),
]
