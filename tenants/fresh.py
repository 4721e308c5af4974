"""How long ago a person proved who they are: what a session alone may not do asks for it."""

from datetime import timedelta
from typing import Any

from django.contrib.auth.signals import user_logged_in
from django.http import HttpRequest
from django.utils import timezone

_SIGNED_IN_AT = "signed_in_at"


def _remember(request: HttpRequest, **_kwargs: Any) -> None:
    request.session[_SIGNED_IN_AT] = timezone.now().timestamp()


def start() -> None:
    """Every session says from now on when its person signed in."""
    user_logged_in.connect(_remember, dispatch_uid="tenants.fresh")


def is_fresh(request: HttpRequest, within: timedelta) -> bool:
    """Whether the person of this session signed in at most so long ago."""
    at = request.session.get(_SIGNED_IN_AT)
    return at is not None and 0 <= timezone.now().timestamp() - at <= within.total_seconds()
