"""The legal form of a deal, fixed once per facility: it decides title, recourse and repurchase.

Pure. Finance page, "Form of the deal": a loan secured by pledged receivables (recourse), an
assignment (true sale, repurchase for breach only), or a property-rights trust (财产权信托).
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Final


class Form(StrEnum):
    LOAN = "loan"
    ASSIGNMENT = "assignment"
    PROPERTY_RIGHTS_TRUST = "property_rights_trust"


@dataclass(frozen=True, slots=True)
class FormRules:
    """What a form fixes.

    `title_state`: the state of each receivable in the title registry once the pledge is perfected.
    `recourse`: whether the lessor owes what the receivables do not pay.
    `repurchase_for_breach_only`: whether a default obliges the lessor to take an asset back.
    """

    title_state: str
    recourse: bool
    repurchase_for_breach_only: bool


FORMS: Final[dict[Form, FormRules]] = {
    Form.LOAN: FormRules("pledged", recourse=True, repurchase_for_breach_only=False),
    Form.ASSIGNMENT: FormRules("sold", recourse=False, repurchase_for_breach_only=True),
    Form.PROPERTY_RIGHTS_TRUST: FormRules("sold", recourse=False, repurchase_for_breach_only=True),
}
