"""What was agreed to change a contract, from its entries, and the schedules that it came to."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from decimal import Decimal

from origination.domain.schedule import RATE_SCALE, LeaseTerms, Receivable, schedule
from origination.domain.servicing.amending import (
    Change,
    HolidayInterest,
    Version,
    first_version,
    revise,
)
from origination.domain.servicing.income import earned_parts

#: Fields of `lease.amended` that a change is read from.
FACTS = ("months", "annual_nominal_rate", "due_day", "holiday_months", "holiday_interest")


def change_from(on: date, facts: Mapping[str, str]) -> Change:
    """A change from the fields of its entry."""
    rate = facts.get("annual_nominal_rate")
    return Change(
        on=on,
        months=int(facts.get("months", "0")),
        rate_scaled=None if rate is None else int(Decimal(rate) * RATE_SCALE),
        due_day=int(facts.get("due_day", "0")),
        holiday_months=int(facts.get("holiday_months", "0")),
        holiday_interest=HolidayInterest(facts.get("holiday_interest", "deferred")),
    )


def versions_of(
    terms: LeaseTerms,
    rows: Sequence[Receivable],
    income: Sequence[int],
    changes: Sequence[Change],
) -> tuple[Version, ...]:
    """The schedule as it was agreed first, and as each change made it. Raises `BadChange`."""
    versions = [first_version(terms, rows, income)]
    for change in changes:
        versions.append(revise(versions[-1], terms, change))
    return tuple(versions)


def newest_version(terms: LeaseTerms, changes: Sequence[Change]) -> Version:
    """The schedule after all of these changes. Raises `BadChange`."""
    return versions_of(terms, schedule(terms), earned_parts(terms), changes)[-1]
