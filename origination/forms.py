"""Forms of the lessor's back office."""

from decimal import Decimal

from django import forms
from django.utils.translation import gettext_lazy as _

from tenants.forms import DayField
from tenants.money import DEFAULT_CURRENCY, Money

UPLOAD_BYTES = 2 * 1024**3


class TapeForm(forms.Form):
    """A tape to import."""

    file = forms.FileField(
        label=_("File"),
        help_text=_("CSV, XLSX, Parquet or EX-102 XML with a header, also gzipped; up to 2 GiB."),
    )
    source = forms.CharField(
        label=_("Source"),
        max_length=80,
        required=False,
        help_text=_("Where it comes from: its columns are remembered, its tapes compared."),
    )
    keep_good = forms.BooleanField(
        label=_("Keep the good rows of a tape that has wrong ones"), required=False
    )
    confirm_warnings = forms.BooleanField(
        label=_("The rows with warnings were compared with the vehicles and are right"),
        required=False,
    )

    def clean_file(self):
        file = self.cleaned_data["file"]
        if file.size > UPLOAD_BYTES:
            raise forms.ValidationError(_("The file is too large. Send it in parts."))
        return file


class PaymentForm(forms.Form):
    """One bank line."""

    contract_number = forms.CharField(label=_("Contract number"), max_length=80)
    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[
            ("rent", _("Rent")),
            ("settlement", _("Settlement")),
            ("recovery", _("Recovery")),
            ("refund", _("Refund")),
        ],
    )
    amount = forms.DecimalField(label=_("Amount"), min_value=Decimal("0.01"), max_digits=14)
    effective_on = DayField(label=_("Booked by the bank on"))
    bank_reference = forms.CharField(label=_("Bank reference"), max_length=60)

    def amount_minor(self, currency: str) -> int | None:
        """Minor units, or None with an error where the currency has no such fraction."""
        try:
            return Money(self.cleaned_data["amount"], currency).minor
        except ValueError:
            self.add_error("amount", _("This currency has no such fraction."))
            return None


class GrantForm(forms.Form):
    """Whom to let read."""

    to_tenant = forms.ChoiceField(label=_("Institution"))

    def __init__(self, *args, institutions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to_tenant"].choices = institutions


class FinancingForm(forms.Form):
    """How much is asked for, of whom, for how long and what for."""

    to_tenant = forms.ChoiceField(label=_("Trust company"))
    amount = forms.DecimalField(
        label=_("Amount"), min_value=Decimal("0.01"), max_digits=14, decimal_places=2
    )
    term_months = forms.IntegerField(label=_("Term in months"), min_value=1, max_value=120)
    purpose = forms.CharField(
        label=_("Purpose"),
        max_length=200,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("In a sentence: what the money is for."),
    )

    def __init__(self, *args, institutions=(), **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["to_tenant"].choices = institutions

    def asked(self) -> dict:
        """The request as its service takes it, in the house's currency."""
        data = self.cleaned_data
        return {
            "amount_minor": Money(data["amount"], DEFAULT_CURRENCY).minor,
            "currency": DEFAULT_CURRENCY,
            "term_months": data["term_months"],
            "purpose": data["purpose"],
        }


class RefusalForm(forms.Form):
    """Why a pledge is refused."""

    reason = forms.CharField(label=_("Reason, if you refuse"), max_length=200, required=False)
