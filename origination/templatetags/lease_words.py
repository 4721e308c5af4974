"""Words for a lease's fields and codes, from the one list of fields."""

from decimal import Decimal

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from ledger.exchange.lost_rows import are_some_missing
from origination.domain.lease_fields import BY_NAME, Kind
from origination.domain.life.machine import State
from origination.domain.papers import Paper, Standing
from origination.domain.statements.matching import Reason
from origination.domain.tapes.mapping import ASSET_NUMBER
from origination.domain.tapes.reported import TARGETS
from origination.models import Lease
from origination.wording import register_in_words
from origination.wording_life import CODES, DONE, FACTS, MOVES, PERSONAL, STATES
from origination.wording_papers import PAPERS, STANDINGS
from tenants.formatting import full_money, percent
from tenants.money import Money

register = template.Library()
register.filter("register_name", register_in_words)

#: forms of a deal, as a trust company's decision names them
_DEAL_FORMS = {
    "loan": _("Loan secured by pledged receivables"),
    "assignment": _("Assignment of receivables"),
    "property_rights_trust": _("Property-rights trust"),
}


#: why a line of a statement may pay a lease
_REASONS = {
    Reason.CONTRACT: _("its contract number stands in the text"),
    Reason.ACCOUNT: _("this account paid it before"),
    Reason.NAME: _("the payer is called like the lessee"),
    Reason.OWED: _("the amount is what it owes"),
    Reason.RENT: _("the amount is its rental"),
    Reason.RENTS: _("the amount is several of its rentals"),
    Reason.RETURNED: _("the bank names the payment that came back"),
    Reason.SAME_AMOUNT: _("a payment of this amount by this account"),
    Reason.CREDIT: _("it has so much credit"),
    Reason.BOOKED: _("a line of this reference is booked on it"),
}


@register.filter
def match_reason(reason: str) -> str:
    """`{{ reason|match_reason }}`: why a line may pay a lease, in words."""
    return str(_REASONS.get(Reason(reason), reason))


@register.filter
def field_label(name: str) -> str:
    """The field's label in the reader's language, or its name."""
    if name == ASSET_NUMBER:
        return gettext("Record id")
    spec = TARGETS.get(name)
    return gettext(spec.label) if spec else name


@register.filter
def code_label(code: str, name: str) -> str:
    """`{{ lease.energy|code_label:"energy" }}`: the code's label, or the code."""
    spec = BY_NAME.get(name)
    label = spec.codes.get(code) if spec else None
    return gettext(label) if label else code


@register.filter
def deal_form(code: str) -> str:
    """`{{ application.form|deal_form }}`: the form of a deal in words, or the code."""
    return str(_DEAL_FORMS.get(code, code))


@register.simple_tag
def life_pill(state: str) -> str:
    """`{% life_pill lease.life %}`: a state of a lease's life."""
    tone, words = STATES[State(state)]
    return format_html('<span class="pill pill--{}">{}</span>', tone, words)


@register.filter
def move_name(move) -> str:
    """What a person calls a move."""
    return str(MOVES[move])


@register.filter
def move_done(move) -> str:
    """What was done; of None, that the lease was recorded."""
    return str(DONE[move])


@register.filter
def life_facts(row) -> list[tuple[str, str]]:
    """What a move's entry carries, as label and text."""
    return [
        (str(FACTS[name]), _fact(name, text, row.facts))
        for name, text in row.facts.items()
        if name in FACTS and name not in PERSONAL
    ]


def _fact(name: str, text: str, facts) -> str:
    if name == "annual_nominal_rate":
        return percent(Decimal(text), 4)
    if name.endswith("_minor"):
        return full_money(Money.from_minor(int(text), facts.get("currency", "CNY")))
    return str(CODES.get(name, {}).get(text, text))


@register.filter
def record_value(text: str, spec) -> str:
    """`{{ one.before|record_value:one.spec }}`: a field of a lease as a person reads it."""
    if not text:
        return "–"
    if spec.kind is Kind.MINOR:
        return full_money(Money.from_minor(int(text), "CNY"))
    if spec.kind is Kind.RATE:
        return percent(Decimal(text), 4)
    return gettext(spec.codes[text]) if text in spec.codes else text


@register.simple_tag
def books_missing() -> bool:
    """`{% books_missing as missing %}`: a ledger was restored here, and its leases were not."""
    return are_some_missing(Lease)


@register.filter
def paper_name(paper: str) -> str:
    """What a paper of a vehicle is called."""
    return str(PAPERS[Paper(paper)])


@register.simple_tag
def paper_pill(standing: str) -> str:
    """`{% paper_pill row.standing %}`: whether a paper is valid, expires or is missing."""
    tone, words = STANDINGS[Standing(standing)]
    return format_html('<span class="pill pill--{}">{}</span>', tone, words)
