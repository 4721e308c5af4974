"""Forms of the deal's pages. Rates and shares are entered in per cent and kept as fractions."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from django import forms
from django.utils.text import format_lazy
from django.utils.translation import gettext_lazy as _

from pools.deals.terms import BOUNDS, LEAST_SUBORDINATED
from pools.deals.wording import FORMS, RULE_SETS
from pools.eligibility.rulesets import RULE_SETS as RULES
from pools.packaging.propose import PoolTerms
from pools.structure.forms import Form
from pools.structure.templates import StandardTerms
from tenants.forms import DayField
from tenants.money import Money

_HUNDRED = Decimal(100)


def _per_cent(name, label, initial, *, help_text=""):
    """A rate or share of the terms, in per cent, within what terms may be."""
    low, high = (f"{(bound * _HUNDRED).normalize():f}" for bound in BOUNDS[name])
    outside = format_lazy(_("Enter from {low} to {high} per cent."), low=low, high=high)
    return forms.DecimalField(
        label=label,
        min_value=Decimal(low),
        max_value=Decimal(high),
        decimal_places=4,
        initial=initial,
        help_text=help_text,
        error_messages={"min_value": outside, "max_value": outside},
    )


class FindingForm(forms.Form):
    """A person's answer to one question of the check-list."""

    passed = forms.ChoiceField(
        label=_("Answer"),
        choices=[("yes", _("Satisfied")), ("no", _("Not satisfied"))],
        widget=forms.RadioSelect,
    )
    note = forms.CharField(
        label=_("Note"),
        max_length=400,
        widget=forms.Textarea(attrs={"rows": 2}),
        help_text=_("What was seen, and where it can be seen again."),
    )


class FacilityForm(forms.Form):
    """What an analyst proposes and the committee votes on."""

    name = forms.CharField(label=_("Name"), max_length=80)
    limit = forms.DecimalField(
        label=_("Limit"), min_value=Decimal("0.01"), max_digits=14, decimal_places=2
    )
    expires_on = DayField(label=_("Pools may be packaged until"))
    quorum = forms.IntegerField(
        label=_("Votes needed to decide"), min_value=2, max_value=9, initial=2
    )
    form = forms.ChoiceField(
        label=_("Form of the deal"), choices=[(code, words[0]) for code, words in FORMS.items()]
    )
    rules = forms.ChoiceField(label=_("Rules of eligibility"), choices=list(RULE_SETS.items()))
    senior_share = _per_cent("senior_share", _("Senior share"), "75")
    senior_rate = _per_cent("senior_rate", _("Senior rate a year"), "3.4")
    mezzanine_share = _per_cent("mezzanine_share", _("Mezzanine share"), "15")
    mezzanine_rate = _per_cent("mezzanine_rate", _("Mezzanine rate a year"), "4.8")
    reserve_share = _per_cent(
        "reserve_share", _("Reserve"), "1", help_text=_("Of the pool at its start.")
    )
    support = forms.DecimalField(
        label=_("Shortfall support by the lessor"),
        min_value=Decimal(0),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("Leave it empty for none. Support is recourse and is shown as such."),
    )
    price_yield = _per_cent("price_yield", _("Yield of the price a year"), "6.5")
    annual_default = _per_cent("annual_default", _("Defaults a year"), "1.2")
    annual_prepayment = _per_cent("annual_prepayment", _("Early settlement a year"), "6")
    severity = _per_cent("severity", _("Loss of a default"), "45")

    def __init__(self, *args, currency: str, today: date, **kwargs):
        super().__init__(*args, **kwargs)
        self.currency, self.today = currency, today

    def clean_expires_on(self):
        expires = self.cleaned_data["expires_on"]
        if expires <= self.today:
            raise forms.ValidationError(_("The day lies in the past: choose a later one."))
        return expires

    def clean(self):
        data = super().clean()
        shares = (data.get("senior_share") or 0) + (data.get("mezzanine_share") or 0)
        if shares > _HUNDRED * (1 - LEAST_SUBORDINATED):
            self.add_error(
                "mezzanine_share",
                _(
                    "Senior and mezzanine leave less than 5 % subordinated, which bears the first "
                    "loss: lower one of them."
                ),
            )
        if (data.get("support") or 0) > data.get("limit", data.get("support") or 0):
            self.add_error(
                "support", _("The support is more than the limit itself: agree at most the limit.")
            )
        rates = data.get("senior_rate"), data.get("mezzanine_rate")
        if None not in rates and data.get("mezzanine_share") and rates[1] <= rates[0]:
            self.add_error(
                "mezzanine_rate",
                _("Mezzanine notes bear more risk than senior ones: give them a higher rate."),
            )
        return data

    @property
    def limit_minor(self) -> int:
        return Money(self.cleaned_data["limit"], self.currency).minor

    def terms(self) -> PoolTerms:
        """The terms as data. Cut-off and target of a pool are set anew when it is packaged."""
        data = self.cleaned_data
        share = {
            name: data[name] / _HUNDRED
            for name in (
                "senior_share", "senior_rate", "mezzanine_share", "mezzanine_rate",
                "reserve_share", "price_yield", "annual_default", "annual_prepayment", "severity",
            )
        }  # fmt: skip
        support = Money(data["support"] or Decimal(0), self.currency).minor
        structure = StandardTerms(
            form=Form(data["form"]),
            support_minor=support,
            currency=self.currency,
            **{name: share.pop(name) for name in tuple(share)[:5]},
        )
        return PoolTerms(
            rules=RULES[data["rules"]],
            target_minor=self.limit_minor,
            structure=structure,
            cut_off=self.today,
            **share,
        )


class VoteForm(forms.Form):
    """One member's vote."""

    approves = forms.ChoiceField(
        label=_("Vote"),
        choices=[("yes", _("For")), ("no", _("Against"))],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Reason"), max_length=400, required=False, widget=forms.Textarea(attrs={"rows": 3})
    )

    def clean(self):
        data = super().clean()
        if data.get("approves") == "no" and not data.get("reason"):
            self.add_error("reason", _("Say why you vote against it."))
        return data


class PoolForm(forms.Form):
    """The name of a pool to be packaged, and the balance that it should reach."""

    name = forms.CharField(label=_("Name"), max_length=80)
    target = forms.DecimalField(
        label=_("Balance to reach"),
        min_value=Decimal("0.01"),
        max_digits=14,
        decimal_places=2,
        required=False,
        help_text=_("Leave it empty to take what is left of the limit."),
    )

    def target_minor(self, currency: str) -> int | None:
        """The wish in minor units; None where there is none."""
        target = self.cleaned_data["target"]
        return None if target is None else Money(target, currency).minor


class CashForm(forms.Form):
    """What the bank says of a payment."""

    bank_reference = forms.CharField(
        label=_("Bank reference"),
        max_length=64,
        help_text=_("As it stands on the bank's statement; it goes on the ledger."),
    )


class MemberFilter(forms.Form):
    """Search and order of a pool's assets."""

    q = forms.CharField(label=_("Contract or VIN"), required=False, max_length=80)
    order = forms.ChoiceField(
        label=_("Order"),
        required=False,
        choices=[
            ("-balance_minor", _("largest first")),
            ("balance_minor", _("smallest first")),
            ("-net_value_minor", _("highest net value first")),
            ("asset__contract_number", _("by contract")),
        ],
    )

    def narrowed(self, members):
        """The members that are asked for, in order."""
        asked = self.cleaned_data if self.is_valid() else {}
        if text := asked.get("q"):
            members = members.filter(asset__contract_number__icontains=text) | members.filter(
                asset__vin=text.upper()
            )
        return members.order_by(asked.get("order") or "-balance_minor", "pk")
