"""The witness's own addresses, as the protocol names them: no slash at the end."""

from django.urls import path, re_path

from ledger.witnessing import server

urlpatterns = [
    path("add-checkpoint", server.add_checkpoint, name="witness-add-checkpoint"),
    re_path(
        "^(?P<hashed_origin>[0-9a-f]{64})/checkpoint$", server.checkpoint, name="witness-checkpoint"
    ),
]
