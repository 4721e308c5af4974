"""The form of a vehicle's paper."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.wording_papers import PAPERS
from tenants.forms import DayField


class PaperForm(forms.Form):
    """What stands on the paper. What is wrong with it, the service says."""

    paper = forms.ChoiceField(label=_("Paper"))
    number = forms.CharField(label=_("Number"), max_length=60)
    party = forms.CharField(label=_("Insurer or office"), max_length=120)
    from_on = DayField(label=_("From"))
    until_on = DayField(
        label=_("Until"),
        required=False,
        help_text=_("The last day; a mortgage may have none."),
    )

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        words = [(paper.value, str(label)) for paper, label in PAPERS.items()]
        self.fields["paper"].choices = [("", gettext("Choose")), *words]

    def given(self) -> dict[str, str]:
        """The fields as the service takes them."""
        return {name: str(value) for name, value in self.cleaned_data.items() if value}
