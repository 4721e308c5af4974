"""Groups of a portfolio: age of a lease in months, days past due. Pure."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Final

from origination.domain.collections.ladder import BUCKET_DAYS
from origination.domain.months import add_months

#: code → first and last whole month since origination; None: without end.
AGES: Final[Mapping[str, tuple[int, int | None]]] = {
    "0-6": (0, 6),
    "7-12": (7, 12),
    "13-24": (13, 24),
    "25-36": (25, 36),
    "37+": (37, None),
}
CURRENT: Final = "current"
PAST_DUE: Final = "past-due"
#: code → first and last day past due; the buckets of collecting, and none.
LATENESS: Final[Mapping[str, tuple[int, int]]] = {
    CURRENT: (0, 0),
    **{bucket.value: days for bucket, days in BUCKET_DAYS.items()},
}


def originated_between(age: str, today: date) -> tuple[date | None, date]:
    """The day after which (None: whenever) and the last day on which leases of an age began."""
    first, last = AGES[age]
    after = None if last is None else add_months(today, -(last + 1))
    return after, add_months(today, -first) if first else date.max


def age_of(originated_on: date, today: date) -> str:
    """The age of a lease."""
    for age in AGES:
        after, until = originated_between(age, today)
        if (after is None or originated_on > after) and originated_on <= until:
            return age
    raise AssertionError("ages leave no gap")


def lateness_of(days_past_due: int) -> str:
    """The bucket of days past due."""
    return next(code for code, (first, last) in LATENESS.items() if first <= days_past_due <= last)
