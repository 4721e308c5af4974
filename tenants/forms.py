"""The form at the door."""

from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from tenants.access import is_stranger


class SignInForm(AuthenticationForm):
    """The right password of somebody without a role here opens nothing, and says so."""

    def confirm_login_allowed(self, user):
        super().confirm_login_allowed(user)
        if is_stranger(user, self.request.tenant):
            raise ValidationError(
                _(
                    "You have no role at this institution. Sign in at your own institution's"
                    " address, or ask the platform's operator for a role here."
                ),
                code="no_role",
            )
