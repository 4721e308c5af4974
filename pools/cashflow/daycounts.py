"""Day counts as a deal names them: origination's conventions, strict about names and order.

Pure. The conventions and their sources stand in `origination.domain.daycount`.
"""

from __future__ import annotations

from datetime import date
from fractions import Fraction
from typing import Final

from origination.domain import daycount
from origination.domain.daycount import DayCount
from tenants.problems import Invalid

#: The names that `year_fraction` knows.
DAY_COUNTS: Final = tuple(convention.value for convention in DayCount)


def year_fraction(start: date, end: date, day_count: str) -> Fraction:
    """Years from `start` to `end` (excluded) under a named day count, as an exact fraction.

    Raises `Invalid` for an unknown name or dates out of order.
    """
    if day_count not in DAY_COUNTS:
        raise Invalid(
            code="day_count_unknown",
            detail="%(name)s is not a day count that we know.",
            mend="Use one of: %(known)s.",
            params={"name": day_count, "known": ", ".join(DAY_COUNTS)},
        )
    if end < start:
        raise Invalid(
            code="dates_out_of_order",
            detail="The period ends on %(end)s, before it starts on %(start)s.",
            mend="Put the earlier date first.",
            params={"start": start.isoformat(), "end": end.isoformat()},
        )
    return daycount.year_fraction(start, end, DayCount(day_count))
