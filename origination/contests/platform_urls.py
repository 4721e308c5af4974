"""Contests on the platform's host, for its operators."""

from django.urls import path

from origination.contests import desk

urlpatterns = [
    path("", desk.cases, name="contest-cases"),
    path("papers/<int:paper_id>/", desk.paper, name="contest-case-paper"),
    path("<uuid:contest_id>/", desk.case, name="contest-case"),
    path("<uuid:contest_id>/propose/", desk.propose, name="contest-propose"),
    path("<uuid:contest_id>/confirm/", desk.confirm, name="contest-confirm"),
]
