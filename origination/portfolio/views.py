"""The portfolio's page: every figure leads to the list that makes it up."""

from urllib.parse import urlencode

from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext as _

from origination.domain.lease_fields import BY_NAME
from origination.lists.views import beside
from origination.portfolio.figures import GROUPED, portfolios
from origination.portfolio.forms import LeaseFilter, age_words, late_words
from tenants import clock
from tenants.permissions import Permission
from tenants.web import require


@require(Permission.VIEW_LEASES)
def portfolio(request):
    """The filtered book by product, make, province, age and days past due, in each currency.

    At first only what is outstanding: leases that are over would fill every group.
    """
    asked = request.GET if request.GET else {"open": "yes"}
    form = LeaseFilter(asked)
    chosen = form.chosen()
    found = portfolios(chosen, as_of=clock.today(), known_at=clock.now())
    context = {
        "form": form,
        "as_of": clock.today(),
        "portfolios": [_shown(one, chosen) for one in found],
        **beside(request, "portfolio", chosen),
    }
    return render(request, "origination/portfolio/portfolio.html", context)


def _shown(one, chosen):
    """A currency's figures with their words and the addresses of their lists."""
    here = chosen | {"currency": one.currency}
    titles = {
        "product": _("Product"), "make": _("Make"), "province": _("Province"), "age": _("Age"),
        "late": _("Days past due"),
    }  # fmt: skip
    return {
        "currency": one.currency,
        "total": _row(one.total, here, ""),
        "groups": [
            {
                "title": titles[name],
                "rows": [
                    _row(row, here | {name: row.value}, _word(name, row.value))
                    for row in one.groups[name]
                ],
            }
            for name in GROUPED
        ],
    }


def _row(figures, chosen, label):
    late = chosen if chosen.get("late") else chosen | {"late": "past-due"}
    return {
        "label": label,
        "figures": figures,
        "url": _list(chosen),
        "late_url": _list(late),
    }


def _list(chosen) -> str:
    return f"{reverse('leases')}?{urlencode(chosen)}"


def _word(name: str, value: str) -> str:
    if name == "age":
        return age_words()[value]
    if name == "late":
        return late_words()[value]
    if name == "make":
        return value
    label = BY_NAME[name].codes.get(value)
    return _(label) if label else value
