"""The words of a deal that are keyed by a code."""

from __future__ import annotations

from typing import Final

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from pools.structure.forms import Form

FORMS: Final[dict[str, tuple[Promise, Promise]]] = {
    Form.LOAN: (
        _("Loan secured by pledged receivables"),
        _(
            "The trust company lends. The lessor owes the loan whatever its lessees pay; "
            "the receivables stay its own and are pledged."
        ),
    ),
    Form.ASSIGNMENT: (
        _("Assignment of receivables"),
        _(
            "The lessor sells the receivables. It takes one back only where it breached a "
            "warranty, never because a lessee does not pay."
        ),
    ),
    Form.PROPERTY_RIGHTS_TRUST: (
        _("Property-rights trust"),
        _(
            "The lessor puts the receivables into a trust and receives the price. It takes one "
            "back only where it breached a warranty."
        ),
    ),
}
#: Ends the id of a rule set that was changed for one deal.
ADAPTED: Final = "-adapted"
RULE_SETS: Final[dict[str, Promise]] = {
    "house-2024": _("The house's prudent rules for vehicle leases (2024)"),
    "exchange-2018-02-09": _("Exchange guide on lease ABS (9 February 2018)"),
    "yardsticks": _("Rating agency yardsticks for vehicle lease pools"),
}


def form_name(code: str) -> str:
    """A form of deal in words, or its code."""
    return str(FORMS[code][0]) if code in FORMS else code


def form_meaning(code: str) -> str:
    """What a form means for lessor and trust company."""
    return str(FORMS[code][1]) if code in FORMS else ""


def rule_set_name(code: str) -> str:
    """A rule set in words; what was changed for one deal says so. An unknown one is its id."""
    base = code.removesuffix(ADAPTED)
    name = str(RULE_SETS.get(base, base))
    return str(_("%(name)s, adapted to this deal") % {"name": name}) if base != code else name
