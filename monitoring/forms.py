"""Forms of this room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.models import Remedy


class RemedyForm(forms.Form):
    """What is to be done about a problem asset."""

    remedy = forms.ChoiceField(label=_("Remedy"), choices=Remedy.choices)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)
