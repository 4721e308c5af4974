"""Forms about bank statements."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.models import Lease
from origination.services.statements import Part
from tenants.money import Money

_KINDS = [
    ("rent", _("Rent")),
    ("settlement", _("Settlement")),
    ("recovery", _("Recovery")),
    ("refund", _("Refund")),
    ("reversal", _("Reversal")),
]
_IN = {"rent", "settlement", "recovery"}


class StatementForm(forms.Form):
    """A statement to take."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV as the bank exports it (UTF-8 or GB 18030), or CAMT.053 XML."),
    )
    account = forms.CharField(
        label=_("Account, if the file names none"), max_length=64, required=False
    )


class AsideForm(forms.Form):
    """Why a line is of no lease."""

    reason = forms.CharField(label=_("Why it is of no lease"), max_length=200)


class PartForm(forms.Form):
    """What of a line goes to one lease."""

    contract_number = forms.CharField(label=_("Contract number"), max_length=80)
    kind = forms.ChoiceField(label=_("Kind"))
    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=14)
    reverses = forms.CharField(label=_("Reverses the line"), max_length=64, required=False)

    def __init__(self, *args, line, **kwargs):
        super().__init__(*args, **kwargs)
        self.line = line
        incoming = line.amount_minor > 0
        self.fields["kind"].choices = [row for row in _KINDS if (row[0] in _IN) == incoming]
        # else each row that is left empty would count as filled in
        self.fields["kind"].initial = self.fields["kind"].choices[0][0]
        if incoming:
            del self.fields["reverses"]

    def clean_contract_number(self):
        """The lease of that number."""
        number = self.cleaned_data["contract_number"].strip()
        lease = Lease.objects.filter(contract_number=number).first()
        if lease is None:
            raise forms.ValidationError(gettext("There is no lease with this contract number."))
        return lease

    def clean_amount(self):
        """Minor units."""
        try:
            return Money(self.cleaned_data["amount"], self.line.currency).minor
        except ValueError:
            raise forms.ValidationError(gettext("This currency has no such fraction.")) from None


class _Parts(forms.BaseFormSet):
    def __init__(self, *args, line, **kwargs):
        self.line = line
        super().__init__(*args, form_kwargs={"line": line}, **kwargs)

    def decided(self) -> list[Part]:
        """The parts that were filled in."""
        return [
            Part(
                form.cleaned_data["contract_number"],
                form.cleaned_data["amount"],
                form.cleaned_data["kind"],
                form.cleaned_data.get("reverses", "").strip(),
            )
            for form in self.forms
            if form.cleaned_data
        ]

    def clean(self):
        """The parts add up to the line."""
        if any(self.errors):
            return
        total = sum(part.amount_minor for part in self.decided())
        left = abs(self.line.amount_minor) - total
        if left:
            money = Money.from_minor(abs(left), self.line.currency)
            said = (
                _("%(money)s of the line has no lease yet.")
                if left > 0
                else _("The parts are %(money)s more than the line.")
            )
            raise forms.ValidationError(said, params={"money": money})


PartFormSet = forms.formset_factory(PartForm, formset=_Parts, extra=2, max_num=20, min_num=1)
