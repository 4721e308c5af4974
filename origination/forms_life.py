"""The form of a move: its day and what its entry carries."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.domain.life.machine import Move
from origination.domain.life.moves import ASKED, MOST_TEXT, Sort
from origination.wording_life import CODES, FACTS
from tenants.forms import DayField


class MoveForm(forms.Form):
    """The fields that a move asks for. What is wrong with them, the service says."""

    on = DayField(label=_("Counts from"))
    seen = forms.IntegerField(widget=forms.HiddenInput, min_value=0)

    def __init__(self, *args, move: Move, **kwargs):
        super().__init__(*args, **kwargs)
        for spec in ASKED[move]:
            label = FACTS[spec.name] if spec.required or spec.name != "reason" else _("Remark")
            if spec.sort is Sort.CODE:
                words = [(code, str(CODES[spec.name][code])) for code in spec.codes]
                choices = [("", gettext("Choose")), *words]
                field = forms.ChoiceField(label=label, choices=choices, required=spec.required)
            elif spec.sort is Sort.RATE:
                label = gettext("%(label)s, per cent") % {"label": label}
                field = forms.DecimalField(
                    label=label, required=spec.required, min_value=0, max_value=100,
                    decimal_places=4, widget=forms.TextInput(attrs={"inputmode": "decimal"}),
                )  # fmt: skip
            else:
                numeric = {"inputmode": "numeric"} if spec.sort is Sort.WHOLE else {}
                field = forms.CharField(
                    label=label,
                    required=spec.required,
                    max_length=9 if spec.sort is Sort.WHOLE else MOST_TEXT,
                    widget=forms.TextInput(attrs=numeric),
                )
            self.fields[spec.name] = field

    def given(self) -> dict[str, str]:
        """The move's own fields."""
        return {
            name: f"{(value / 100).normalize():f}" if isinstance(value, Decimal) else str(value)
            for name, value in self.cleaned_data.items()
            if name not in ("on", "seen") and value not in (None, "")
        }
