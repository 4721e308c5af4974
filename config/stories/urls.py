"""Stories on an institution's host."""

from django.urls import path

from config.stories import views

app_name = "stories"
urlpatterns = [
    path("", views.shelf, name="shelf"),
    path("<slug:slug>/", views.story, name="story"),
    path("<slug:slug>/<slug:name>/", views.act, name="act"),
]
