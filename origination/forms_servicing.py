"""Forms about servicing."""

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.forms import DayField


class TermsForm(forms.Form):
    """All versions of the terms of servicing, as JSON."""

    versions = forms.CharField(
        label=_("All versions, as JSON"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 24, "spellcheck": "false", "class": "mono"}),
        help_text=_(
            "A version governs, for life, the leases originated from its day until the next"
            " version's. Rates are decimals as text, amounts whole minor units."
        ),
    )


class DayForm(forms.Form):
    """A day to look at."""

    day = DayField(label=_("Day"))


class PeriodForm(forms.Form):
    """The period of a journal, both days included, and the kind of file."""

    first = DayField(label=_("From"))
    last = DayField(label=_("To"))
    form = forms.ChoiceField(
        label=_("File"), choices=[("xlsx", "XLSX"), ("csv", _("CSV, in an archive"))]
    )

    def clean(self):
        data = super().clean()
        first, last = data.get("first"), data.get("last")
        if first and last and first > last:
            self.add_error("last", _("The period ends before it begins."))
        return data
