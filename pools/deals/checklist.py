"""The check-list of due diligence as data: what the system measures and what people answer.

Pure. Questions are English and marked for translation; figures are `Decimal`, kept as exact text.
A figure that cannot be measured (no run, no search yet) fails its question.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from decimal import Decimal
from enum import StrEnum
from typing import Final


def gettext_noop(text: str) -> str:
    """Mark for translation, as Django's function of that name."""
    return text


class Unit(StrEnum):
    """What a figure counts."""

    SHARE = "share"
    DAYS = "days"
    TIMES = "times"
    COUNT = "count"


@dataclass(frozen=True, slots=True)
class Measured:
    """A question that a figure answers: it passes at least or at most at `bound`.

    `mend` says what makes a figure that fails better.
    """

    code: str
    question: str
    unit: Unit
    bound: Decimal
    mend: str
    at_least: bool = True

    def passes(self, figure: Decimal | None) -> bool:
        if figure is None:
            return False
        return figure >= self.bound if self.at_least else figure <= self.bound


@dataclass(frozen=True, slots=True)
class Asked:
    """A question that a person answers after looking."""

    code: str
    question: str


MEASURED: Final = (
    Measured("copy-refused",
             gettext_noop("Parcels of the lessor that did not verify in the last 30 days"),
             Unit.COUNT, Decimal(0),
             gettext_noop("Have the parcels sent again; a refusal counts for 30 days."),
             at_least=False),
    Measured("copy-proved",
             gettext_noop("Share of its leases under a checkpoint that we cosigned"),
             Unit.SHARE, Decimal(1),
             gettext_noop("Wait for the next checkpoint of the lessor's ledger that we cosign.")),
    Measured("screened",
             gettext_noop("Share of its leases seen by the newest run of a proven model"),
             Unit.SHARE, Decimal("0.95"),
             gettext_noop("Screen every asset with a proven model.")),
    Measured("screening-age",
             gettext_noop("Days since the day of that run"),
             Unit.DAYS, Decimal(45),
             gettext_noop("Screen every asset anew."),
             at_least=False),
    Measured("searched",
             gettext_noop("Share of its open leases searched in outside registers"),
             Unit.SHARE, Decimal("0.90"),
             gettext_noop("Have the lessor search its open leases in the registers.")),
    Measured("encumbered",
             gettext_noop("Share of the searched leases that a register shows encumbered"),
             Unit.SHARE, Decimal("0.02"),
             gettext_noop("Have the encumbrances deleted, or those leases settled."),
             at_least=False),
    Measured("bank-line-age",
             gettext_noop("Days since the newest bank line"),
             Unit.DAYS, Decimal(15),
             gettext_noop("Ask the lessor for its newest bank lines."),
             at_least=False),
    Measured("past-due",
             gettext_noop("Share of the open principal not in default that is over 30 days late"),
             Unit.SHARE, Decimal("0.05"),
             gettext_noop("The lessor collects what is late; or decline, and it asks again."),
             at_least=False),
    Measured("defaulted",
             gettext_noop("Principal in default, as a share of everything that was lent"),
             Unit.SHARE, Decimal("0.03"),
             gettext_noop("Nothing mends it soon: decline, or wait until the book has grown."),
             at_least=False),
    Measured("collateral",
             gettext_noop("Open principal that is not past due, in times the amount asked for"),
             Unit.TIMES, Decimal(1),
             gettext_noop("Have the lessor ask for less, or wait until its book has grown.")),
)  # fmt: skip

ASKED: Final = (
    Asked("accounts",
          gettext_noop("Audited accounts, licence and owners were read and hold no surprise.")),
    Asked("paper-originals",
          gettext_noop("A sample of paper originals agrees with the ledger, lease by lease.")),
    Asked("certificates",
          gettext_noop("Vehicle registration certificates and spare keys are in custody.")),
    Asked("servicer",
          gettext_noop("Collection, reminders and repossession were reviewed at the servicer.")),
    Asked("site-visit",
          gettext_noop("The lessor's offices were visited and vehicles seen.")),
)  # fmt: skip

MEASURED_BY_CODE: Final[Mapping[str, Measured]] = {item.code: item for item in MEASURED}
ASKED_BY_CODE: Final[Mapping[str, Asked]] = {item.code: item for item in ASKED}
CODES: Final = (*MEASURED_BY_CODE, *ASKED_BY_CODE)


def outstanding(answers: Mapping[str, bool]) -> list[str]:
    """Codes that stand in the way of a clearance: not answered, or answered with no."""
    return [code for code in CODES if not answers.get(code, False)]


def questions() -> Iterable[Measured | Asked]:
    """All questions in their order."""
    return (*MEASURED, *ASKED)
