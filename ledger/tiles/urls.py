from django.urls import re_path

from ledger.tiles import views

# the id of a log is 32 hexadecimal digits: nothing that could leave its folder
urlpatterns = [
    re_path(r"^(?P<log_id>[0-9a-f]{32})/checkpoint$", views.checkpoint, name="tiles-checkpoint"),
    re_path(r"^(?P<log_id>[0-9a-f]{32})/tile/(?P<path>.+)$", views.tile, name="tiles-tile"),
]
