"""Forms about units."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pools.distributions.wording import payee_word
from tenants.money import Money, exponent


class SubscriptionForm(forms.Form):
    """Units of one class for one holder."""

    tranche = forms.ChoiceField(label=_("Class"))
    holder = forms.CharField(label=_("Holder"), max_length=80)
    investor = forms.ChoiceField(label=_("Who may look at them"), required=False)
    units = forms.DecimalField(label=_("Units, at par"), min_value=0, max_digits=18)

    def __init__(self, *args, tranches, investors, currency, **kwargs):
        super().__init__(*args, **kwargs)
        self._currency = currency
        self.fields["tranche"].choices = [(name, payee_word(name)) for name in tranches]
        self.fields["investor"].choices = [("", _("Nobody")), *investors]

    def clean_units(self):
        """As whole minor units."""
        units = self.cleaned_data["units"]
        if -units.as_tuple().exponent > exponent(self._currency):
            raise forms.ValidationError(_("This is finer than the currency's minor unit."))
        return Money(units, self._currency).minor
