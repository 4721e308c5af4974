"""What a tape says of a lease's state, beside its terms: fields that `lease.recorded` has not.

They are what the servicer reports as of a day: kept with the lease as reported, compared with the
next tape, never taken for the balance that the platform derives from bank lines.
"""

from __future__ import annotations

from typing import Final

from origination.domain.lease_fields import BY_NAME as TERMS
from origination.domain.lease_fields import FIELDS, FieldSpec, Group, Kind


def gettext_noop(text: str) -> str:
    """Marks an English source for translation, as the rest of the house does."""
    return text


_N, _M, _D, _C = gettext_noop, Group.MONEY, Group.DATES, Group.CONTRACT
#: A lease's state in the words of the servicer.
STATUSES: Final = {
    "active": _N("Active"),
    "overdue": _N("Overdue"),
    "extended": _N("Extended"),
    "settled": _N("Settled"),
    "terminated": _N("Terminated"),
    "repossessed": _N("Repossessed"),
    "written_off": _N("Written off"),
}
#: States after which nothing is to be paid.
OVER: Final = ("settled", "terminated", "written_off")

REPORTED: Final[tuple[FieldSpec, ...]] = (
    FieldSpec("reported_on", _N("As of"), Kind.DATE, _D),
    FieldSpec("status", _N("State of the lease"), Kind.CODE, _C, codes=STATUSES),
    FieldSpec("balance_minor", _N("Balance"), Kind.MINOR, _M),
    FieldSpec("arrears_minor", _N("Arrears"), Kind.MINOR, _M),
    FieldSpec("days_past_due", _N("Days past due"), Kind.WHOLE, _D, high=9_999),
    FieldSpec("remaining_months", _N("Remaining months"), Kind.WHOLE, _D, high=600),
    FieldSpec("paid_total_minor", _N("Paid in all"), Kind.MINOR, _M),
    FieldSpec("paid_through_on", _N("Paid through"), Kind.DATE, _D),
    FieldSpec("next_due_on", _N("Next due on"), Kind.DATE, _D),
    FieldSpec("ended_on", _N("Ended on"), Kind.DATE, _D),
    FieldSpec("vehicle_value_minor", _N("Vehicle's present value"), Kind.MINOR, _M),
    FieldSpec("charged_off_minor", _N("Charged off"), Kind.MINOR, _M),
    FieldSpec("recovered_minor", _N("Recovered"), Kind.MINOR, _M),
    FieldSpec("extended_months", _N("Extended by, months"), Kind.WHOLE, _D, high=600),
)
#: Every field that a column of a tape may be.
TARGETS: Final = {spec.name: spec for spec in (*FIELDS, *REPORTED)}
REPORTED_NAMES: Final = tuple(spec.name for spec in REPORTED)
TERM_NAMES: Final = tuple(TERMS)
