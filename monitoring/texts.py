"""The words of alerts: from code to title and sentence, filled in the reader's language."""

from __future__ import annotations

from collections.abc import Mapping
from decimal import Decimal
from typing import Any, Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from tenants import formatting
from tenants.money import DEFAULT_CURRENCY, Money

MEASURES: Final[dict[str, Promise]] = {
    "cumulative_default_rate": _("Cumulative default rate"),
    "cumulative_net_loss_rate": _("Cumulative net loss rate"),
    "delinquency_30": _("More than 30 days past due"),
    "delinquency_90": _("More than 90 days past due"),
    "delinquency_30_average_3m": _("More than 30 days past due, three-month average"),
    "excess_spread_average_3m": _("Excess spread, three-month average"),
}

#: code → (title, sentence). Places: plain params, `*_minor` as money, `*_rate` as per cent.
TEXTS: Final[dict[str, tuple[Promise, Promise]]] = {
    "payment_missed": (
        _("A payment was missed"),
        _("%(contract)s, days past due %(days)s: %(arrears_minor)s is overdue."),
    ),
    "delinquency_worse": (
        _("A delinquency got worse"),
        _("%(contract)s, days past due now %(days)s: %(arrears_minor)s is overdue."),
    ),
    "asset_defaulted": (
        _("An asset defaulted"),
        _("%(contract)s, days past due %(days)s: %(balance_minor)s is outstanding."),
    ),
    "many_missed": (
        _("Payments were missed"),
        _("%(count)s more leases turned delinquent; %(arrears_minor)s is overdue."),
    ),
    "many_worse": (
        _("Delinquencies got worse"),
        _("%(count)s leases fell further behind; %(arrears_minor)s is overdue."),
    ),
    "collections_stopped": (
        _("Collections stay away"),
        _(
            "No bank line of this lessor has arrived since %(day)s, for %(days)s days;"
            " %(count)s rents of %(due_minor)s have fallen due since."
        ),
    ),
    "trigger_fired": (
        _("A trigger fired"),
        _("%(measure)s of %(pool)s stands at %(figure_rate)s; the limit is %(threshold_rate)s."),
    ),
    "trigger_cured": (
        _("A trigger was cured"),
        _("%(measure)s of %(pool)s is back at %(figure_rate)s; the limit is %(threshold_rate)s."),
    ),
    "vehicle_power_cut": (
        _("A tracker lost its power"),
        _("The vehicle of %(contract)s reported a power cut on %(day)s."),
    ),
    "vehicle_left_region": (
        _("A vehicle left its region"),
        _("The vehicle of %(contract)s was seen elsewhere on %(day)s."),
    ),
    "vehicle_silent": (
        _("A vehicle fell silent"),
        _("The vehicle of %(contract)s has not reported since %(day)s."),
    ),
}


def measure_in_words(code: str) -> str:
    """What a trigger looks at."""
    return str(MEASURES.get(code, code))


def title_of(code: str) -> Promise:
    """What kind of alert a code is, in words."""
    return TEXTS[code][0]


def describe(code: str, params: Mapping[str, Any]) -> tuple[str, str]:
    """(title, sentence) of an alert in the active language. KeyError for an unknown code."""
    title, sentence = TEXTS[code]
    return str(title), str(sentence) % {name: _shown(name, params) for name in params}


def _shown(name: str, params: Mapping[str, Any]) -> str:
    value = params[name]
    if name == "measure":
        return measure_in_words(value)
    if name.endswith("_minor"):
        money = Money.from_minor(int(value), params.get("currency", DEFAULT_CURRENCY))
        return formatting.full_money(money)
    if name.endswith("_rate"):
        return formatting.percent(Decimal(str(value)))
    if name == "count":
        return f"{int(value):,}"
    return str(value)
