"""Changes of a running contract: what they come to, and whether they may be made."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime
from decimal import Decimal

from origination.domain.schedule import PERIODS_A_YEAR, RATE_SCALE, terms_of
from origination.domain.servicing.agreed import change_from, newest_version
from origination.domain.servicing.amending import BadChange, Version, revise
from origination.models import Lease
from origination.problems import CostAboveCap, MoveInvalid
from origination.selectors.servicing import changes_of
from origination.services.quotes import cap_params, quote_rules
from tenants.problems import FieldError

_SAID = {
    "nothing_left": (
        "No rental falls due after this day.",
        "Choose an earlier day, or close the lease.",
    ),
    "before_first": (
        "The first rental has not fallen due: rentals in advance are changed after it.",
        "Choose the day on which it fell due, or a later one.",
    ),
    "flat_fee": (
        "A flat fee has no rate that could be changed.",
        "Extend the lease, or settle it and make a new contract.",
    ),
    "too_long": ("The lease would have more than 120 rentals.", "Add fewer months."),
    "does_not_fit": (
        "The rentals left cannot repay what is left at this rate and term.",
        "Choose another term or rate.",
    ),
    "nothing_asked": ("Nothing is changed.", "Fill in what was agreed."),
    "same": ("It stands so already.", "Fill in what was agreed."),
    "interest_missing": (
        "What becomes of the interest of these months is left out.",
        "Choose one of the three.",
    ),
}
_FIELDS = {"flat_fee": "annual_nominal_rate", "too_long": "months"}


@dataclass(frozen=True)
class Amended:
    """A lease's schedule before a change and after it."""

    before: Version
    after: Version

    def facts(self, currency: str) -> dict[str, str]:
        """What the entry says that was agreed, beside the change itself."""
        return {
            "rent_minor": str(self.after.rent_minor),
            "maturity_on": self.after.maturity_on.isoformat(),
            "currency": currency,
        }


def amend(lease: Lease, *, on: date, facts: Mapping[str, str], known_at: datetime) -> Amended:
    """What a change makes of a lease. Raises `MoveInvalid`, or `CostAboveCap` for its new rate."""
    terms = terms_of(lease.record)
    changes = changes_of([lease.rid], known_at=known_at).get(lease.rid, [])
    before = newest_version(terms, changes)
    _refuse_nothing(facts, before)
    try:
        after = revise(before, terms, change_from(on, facts))
    except BadChange as wrong:
        raise _invalid(str(wrong)) from wrong
    if after.rate_scaled > before.rate_scaled:
        _refuse_costly(after.rate_scaled, on)
    return Amended(before, after)


def _refuse_nothing(facts: Mapping[str, str], before: Version) -> None:
    asked = facts.keys() & {"months", "annual_nominal_rate", "due_day", "holiday_months"}
    if not asked:
        raise _invalid("nothing_asked")
    if "holiday_months" in facts and "holiday_interest" not in facts:
        raise _invalid("interest_missing", "holiday_interest")
    same = {
        "annual_nominal_rate": str(before.rate_scaled),
        "due_day": str(before.due_day),
    }
    given = dict(facts)
    if rate := given.get("annual_nominal_rate"):
        given["annual_nominal_rate"] = str(int(Decimal(rate) * RATE_SCALE))
    for name, value in same.items():
        if given.get(name) == value:
            raise _invalid("same", name)


def _refuse_costly(rate_scaled: int, on: date) -> None:
    """The rate that is asked for from now on, against the caps on rent and fees in force."""
    monthly = Decimal(rate_scaled) / RATE_SCALE / PERIODS_A_YEAR
    effective = int(((1 + monthly) ** PERIODS_A_YEAR - 1) * RATE_SCALE)
    for cap in quote_rules().caps(on):
        figure = rate_scaled if cap.basis == "nominal" else effective
        if "rent_and_fees" in cap.covers and figure > cap.limit:
            raise CostAboveCap(params=cap_params(cap, figure, on.isoformat()))


def _invalid(code: str, field: str = "") -> MoveInvalid:
    detail, mend = _SAID[code]
    return MoveInvalid(errors=[FieldError(field or _FIELDS.get(code, "on"), code, detail, mend)])
