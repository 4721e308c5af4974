"""A facility's terms in words: what a committee member reads before the vote."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal

from django.utils.translation import gettext as _

from pools.circular.words import PAYEES, word
from pools.deals.wording import form_meaning, form_name, rule_set_name
from pools.packaging.propose import PoolTerms
from pools.structure.forms import FORMS
from tenants.formatting import full_money, percent
from tenants.money import Money


@dataclass(frozen=True, slots=True)
class Clause:
    """One term: what it is called, what was agreed, and what that means."""

    label: str
    value: str
    meaning: str = ""


@dataclass(frozen=True, slots=True)
class Terms:
    """All clauses by subject, and whether the lessor owes more than the receivables pay."""

    groups: list[tuple[str, list[Clause]]]
    recourse: bool
    recourse_reason: str
    tranches: list[Tranche]


@dataclass(frozen=True, slots=True)
class Tranche:
    """A class of notes as agreed, before any pool: shares of the pool."""

    name: str
    share: Decimal
    rate: Decimal | None  # None: what is left
    support: Decimal  # what stands below it


def terms_in_words(terms: PoolTerms) -> Terms:
    """Every term with its meaning, in the active language."""
    recourse, reason = _recourse(terms)
    return Terms(
        [
            (_("Form and price"), _form_and_price(terms)),
            (_("The committee's view of the risk"), _risk(terms)),
            (_("Protection"), _protection(terms)),
        ],
        recourse,
        reason,
        tranche_shares(terms),
    )


def tranche_shares(terms: PoolTerms) -> list[Tranche]:
    """Classes by rank with their share, rate and what stands below them."""
    deal = terms.structure
    rest = 1 - deal.senior_share - deal.mezzanine_share
    names = {code: word(PAYEES, code) for code in ("senior", "mezzanine", "subordinated")}
    senior, mezzanine = deal.senior_share, deal.mezzanine_share
    found = [Tranche(names["senior"], senior, deal.senior_rate, 1 - senior)]
    if mezzanine:
        found.append(Tranche(names["mezzanine"], mezzanine, deal.mezzanine_rate, rest))
    return [*found, Tranche(names["subordinated"], rest, None, Decimal(0))]


def _recourse(terms: PoolTerms) -> tuple[bool, str]:
    deal = terms.structure
    if FORMS[deal.form].recourse:
        return True, _("It is a loan: the lessor owes it whatever the lessees pay.")
    if deal.support_minor:
        return True, _("The lessor gives shortfall support: it fills what the receivables lack.")
    return False, _("What the lessees do not pay is lost by the classes, the lowest first.")


def _form_and_price(terms: PoolTerms) -> list[Clause]:
    form = terms.structure.form
    return [
        Clause(_("Form"), form_name(form), form_meaning(form)),
        Clause(
            _("Price"),
            percent(terms.price_yield),
            _("The projected cash is discounted at this yield a year; the result is the price."),
        ),
        Clause(
            _("Rules of eligibility"),
            rule_set_name(terms.rules.id),
            _("%(criteria)s rules for each asset and %(limits)s limits for the pool.")
            % {
                "criteria": len(terms.rules.criteria),
                "limits": len(terms.rules.groups)
                + len(terms.rules.averages)
                + len(terms.rules.counts),
            },
        ),
    ]


def _risk(terms: PoolTerms) -> list[Clause]:
    return [
        Clause(
            _("Defaults a year"),
            percent(terms.annual_default),
            _("Models say which asset is likelier to default; the committee says how many."),
        ),
        Clause(_("Early settlement a year"), percent(terms.annual_prepayment)),
        Clause(
            _("Loss of a default"),
            percent(terms.severity),
            _("The rest is recovered after %(months)s months.") % {"months": terms.lag_months},
        ),
    ]


def _protection(terms: PoolTerms) -> list[Clause]:
    deal = terms.structure
    found = [
        Clause(
            _("Reserve"),
            percent(deal.reserve_share),
            _("Of the pool at its start; it pays fees and senior interest that are short."),
        )
    ]
    if deal.support_minor:
        support = full_money(Money.from_minor(deal.support_minor, deal.currency))
        found.append(
            Clause(_("Shortfall support"), support, _("Given by the lessor: this is recourse."))
        )
    if deal.call_factor is not None:
        found.append(
            Clause(
                _("Clean-up call"),
                percent(deal.call_factor),
                _("Below this share of the original pool the rest may be bought at par."),
            )
        )
    fees = deal.servicing_rate + deal.trustee_rate
    custody = full_money(Money.from_minor(deal.custody_minor, deal.currency))
    meaning = _("Servicing and trustee, a year; custody %(sum)s a month.") % {"sum": custody}
    return [*found, Clause(_("Fees"), percent(fees), meaning)]
