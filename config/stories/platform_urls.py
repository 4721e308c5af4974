"""Stories on the platform's host: open, as everything in a demo is made up."""

from django.urls import path

from config.stories import views

app_name = "stories"
urlpatterns = [
    path("", views.open_shelf, name="shelf"),
    path("<slug:slug>/", views.open_story, name="story"),
    path("<slug:slug>/<slug:name>/", views.open_act, name="act"),
]
