"""The form at the door, and fields that every room's forms share."""

from datetime import date

from django import forms
from django.contrib.auth.forms import AuthenticationForm
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
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


class DayField(forms.DateField):
    """A day in the one way that everybody reads alike, and of an age in which leases live.

    A browser's date field sends just this. Another's 01/02/2026 may be two days, so it is none.
    """

    FORM = "%Y-%m-%d"
    FIRST, LAST = date(1990, 1, 1), date(2099, 12, 31)

    def __init__(self, **kwargs):
        wrong = _("Write year, month and day, 1990 to 2099: 2024-02-29.")
        super().__init__(
            input_formats=[self.FORM],
            widget=forms.DateInput(attrs={"type": "date"}, format=self.FORM),
            error_messages={"invalid": wrong},
            validators=[MinValueValidator(self.FIRST, wrong), MaxValueValidator(self.LAST, wrong)],
            **kwargs,
        )
