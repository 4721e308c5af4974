"""Contests on an institution's host."""

from django.urls import path

from origination.contests import views

urlpatterns = [
    path("", views.contests, name="contests"),
    path("open/", views.open_page, name="contest-open"),
    path("questions/<uuid:question_id>/", views.question, name="contest-question"),
    path("papers/<int:paper_id>/", views.paper, name="contest-paper"),
    path("<uuid:contest_id>/", views.contest, name="contest"),
    path("<uuid:contest_id>/withdraw/", views.withdraw, name="contest-withdraw"),
]
