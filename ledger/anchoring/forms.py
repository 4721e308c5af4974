"""One form a kind; what is typed is judged by `targets.terms_of`, here only named and shown."""

from django import forms
from django.utils.translation import gettext_lazy as _

from ledger.models import AnchorKind


class _TargetForm(forms.Form):
    name = forms.CharField(label=_("Name"), max_length=80)
    url = forms.CharField(label=_("Address"), max_length=300)
    every_hours = forms.CharField(label=_("At most every so many hours"), initial="24")

    kind: AnchorKind

    def typed(self) -> dict[str, str]:
        """What was typed, as `add_target` takes it."""
        return {"kind": self.kind.value} | self.cleaned_data


class TimestampForm(_TargetForm):
    """A time-stamping authority."""

    kind = AnchorKind.TIMESTAMP
    roots = forms.CharField(
        label=_("Root certificates (PEM)"),
        widget=forms.Textarea(attrs={"rows": 6}),
        help_text=_("Of the authority; a stamp that does not lead to one of them is refused."),
    )


class EvmForm(_TargetForm):
    """The anchor contract on a chain."""

    kind = AnchorKind.EVM
    chain_id = forms.CharField(label=_("Chain id"))
    contract = forms.CharField(
        label=_("Address of the contract"),
        required=False,
        help_text=_("Leave it empty if it has still to be deployed; the operator does that."),
    )
    confirmations = forms.CharField(label=_("Confirmations until it counts"), initial="12")
    max_fee_gwei = forms.CharField(label=_("Highest fee paid, in gwei a gas"), initial="100")


FORMS = {form.kind.value: form for form in (TimestampForm, EvmForm)}
