"""The form of a move: its day and what its entry carries."""

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
            name: str(value)
            for name, value in self.cleaned_data.items()
            if name not in ("on", "seen") and value
        }
