"""Signing in by e-mail address, in any case."""

from django.contrib.auth.backends import ModelBackend
from django.contrib.auth.hashers import check_password, make_password

from tenants.models import User


class EmailBackend(ModelBackend):
    """E-mail addresses are compared without regard to case; inactive people are refused."""

    def authenticate(self, request, username=None, password=None, **kwargs):
        email = username or kwargs.get("email")
        if not email or password is None:
            return None
        user = User.objects.filter(email__iexact=email).first()
        if user is None:
            make_password(password)  # the same work, so that timing names nobody
            return None
        if check_password(password, user.password) and self.user_can_authenticate(user):
            return user
        return None
