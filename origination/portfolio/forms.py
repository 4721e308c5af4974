"""The filters of the leases' list and of the portfolio: one form, kept in the address."""

from django import forms
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from origination.domain.buckets import AGES, CURRENT, LATENESS, PAST_DUE
from origination.domain.lease_fields import BY_NAME
from origination.domain.life.machine import AT_THE_DESK, State
from origination.portfolio.filtering import AGE, LATE, OPEN
from origination.selectors.leases import LIFE
from origination.wording_life import STATES

_CODES = ("province", "product", "energy")
_ALL = ("", _("All"))


def late_words() -> dict[str, str]:
    """Days past due in words, by code."""
    days = {code: gettext("%(days)s days") % {"days": code} for code in LATENESS}
    return days | {CURRENT: gettext("Not past due"), PAST_DUE: gettext("Past due")}


def age_words() -> dict[str, str]:
    """Ages in words, by code."""
    return {code: gettext("%(months)s months") % {"months": code} for code in AGES}


class LeaseFilter(forms.Form):
    """Search and filters; what was chosen badly is left out, and the rest stands."""

    q = forms.CharField(label=_("Contract, lessee, VIN or plate"), required=False, max_length=80)
    make = forms.CharField(label=_("Make"), required=False, max_length=80)
    currency = forms.RegexField("^[A-Z]{3}$", label=_("Currency"), required=False)

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        states = [
            (state.value, str(words))
            for state, (_tone, words) in STATES.items()
            if state not in AT_THE_DESK and state is not State.NONE
        ]
        late = late_words()
        choices = {
            **{name: gettext(BY_NAME[name].label) for name in _CODES},
            LIFE: gettext("State"),
            AGE: gettext("Age"),
            LATE: gettext("Days past due"),
            OPEN: gettext("Outstanding"),
        }
        rows = {
            **{
                name: [(code, gettext(label)) for code, label in BY_NAME[name].codes.items()]
                for name in _CODES
            },
            LIFE: states,
            AGE: list(age_words().items()),
            LATE: [(code, late[code]) for code in (CURRENT, PAST_DUE, *list(LATENESS)[1:])],
            OPEN: [("yes", gettext("Something is outstanding"))],
        }
        for name, label in choices.items():
            self.fields[name] = forms.ChoiceField(
                label=label, choices=[_ALL, *rows[name]], required=False
            )

    def chosen(self) -> dict[str, str]:
        """What was asked for."""
        self.is_valid()
        return {name: value for name, value in self.cleaned_data.items() if value}
