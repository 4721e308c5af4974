"""Forms of the assets list and of the models page."""

from django import forms
from django.utils.translation import gettext_lazy as _

from pools.models.modelling import FAMILY_NAMES
from tenants.forms import DayField

_ORDERS = {
    "-probability": _("riskiest first"),
    "probability": _("safest first"),
    "-principal_minor": _("largest first"),
    "discount_rate": _("lowest value first"),
    "-days_past_due": _("most days past due first"),
}
_STATES = {
    "": _("All"),
    "current": _("Nothing past due"),
    "late": _("Past due"),
    "default": _("In default"),
}


class AssetFilter(forms.Form):
    """Search by contract or VIN, state, and order; an unknown value falls back to the default."""

    q = forms.CharField(label=_("Contract or VIN"), required=False, max_length=80)
    state = forms.ChoiceField(label=_("State"), required=False, choices=list(_STATES.items()))
    order = forms.ChoiceField(label=_("Order"), required=False, choices=list(_ORDERS.items()))

    def narrowed(self, results):
        """The results that the form asks for, in its order (position breaks ties)."""
        asked = self.cleaned_data if self.is_valid() else {}
        if text := asked.get("q"):
            results = results.filter(asset__contract_number__icontains=text) | results.filter(
                asset__vin=text.upper()
            )
        state = asked.get("state")
        if state == "default":
            results = results.filter(defaulted=True)
        elif state == "late":
            results = results.filter(defaulted=False, days_past_due__gt=0)
        elif state == "current":
            results = results.filter(days_past_due=0)
        return results.order_by(asked.get("order") or "-probability", "position")


class TrialForm(forms.Form):
    """What model to train, and how much of the past it may know."""

    family = forms.ChoiceField(label=_("Kind of model"), choices=list(FAMILY_NAMES.items()))
    train_as_of = DayField(
        label=_("Train on history until"),
        help_text=_("The twelve months after it are the back-test's: they must be over."),
    )
