"""Forms beside a filtered list."""

from django import forms
from django.utils.translation import gettext_lazy as _


class SaveForm(forms.Form):
    """A name for the filters of the address."""

    name = forms.CharField(label=_("Name of the filter"), max_length=60)
    is_shared = forms.BooleanField(label=_("Share with colleagues"), required=False)
