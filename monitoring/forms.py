"""Forms of this room."""

from django import forms
from django.utils.translation import gettext_lazy as _

from monitoring.models import Remedy, Severity
from monitoring.selectors.alerts import OUTSIDE, AlertFilter, open_codes
from monitoring.selectors.pools import pool_names
from monitoring.texts import title_of

_ANY = ("", _("All"))


class RemedyForm(forms.Form):
    """What is to be done about a problem asset."""

    remedy = forms.ChoiceField(label=_("Remedy"), choices=Remedy.choices)
    note = forms.CharField(label=_("Note"), max_length=500, required=False)


class AlertFilterForm(forms.Form):
    """Which of the open alerts; what cannot be read asks for all."""

    notices = forms.BooleanField(required=False, widget=forms.HiddenInput)
    severity = forms.ChoiceField(label=_("Severity"), required=False)
    code = forms.ChoiceField(label=_("Kind"), required=False)
    pool = forms.ChoiceField(label=_("Pool"), required=False)

    def __init__(self, data, *, notices):
        super().__init__(data)
        self.notices = notices
        pressing = [choice for choice in Severity.choices if choice[0] != Severity.INFO]
        self.fields["severity"].choices = [_ANY, *pressing]
        codes = open_codes(notices=notices)
        self.fields["code"].choices = [_ANY, *((code, title_of(code)) for code in codes)]
        pools = [(str(pk), name) for pk, name in pool_names()]
        self.fields["pool"].choices = [_ANY, *pools, (OUTSIDE, _("Outside of any pool"))]
        if notices:
            del self.fields["severity"]

    def chosen(self):
        """The filter that was asked for."""
        self.is_valid()
        said = self.cleaned_data
        return AlertFilter(
            severity=said.get("severity", ""),
            code=said.get("code", ""),
            pool=said.get("pool", ""),
            notices=self.notices,
        )
