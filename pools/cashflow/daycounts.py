"""Day counts by name, exact.

Pure. Sources: 2006 ISDA Definitions section 4.16 for `30/360` (bond basis), `30E/360`,
`30E/360 ISDA` (German), `ACT/360`, `ACT/365F` and `ACT/ACT`.
"""

from __future__ import annotations

import calendar
from collections.abc import Callable
from datetime import date
from fractions import Fraction
from typing import Final

from tenants.problems import Invalid


def _days_30_360(start: date, end: date) -> int:
    """ISDA 4.16(f): the 31st counts as the 30th, at the end only after a 30th."""
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return _days_360(start, end, first, last)


def _days_30e_360(start: date, end: date) -> int:
    """ISDA 4.16(g): the 31st always counts as the 30th."""
    return _days_360(start, end, min(start.day, 30), min(end.day, 30))


def _days_30e_360_isda(start: date, end: date) -> int:
    """ISDA 4.16(h): as 30E/360, and the last day of February counts as the 30th."""

    def day(on: date) -> int:
        return 30 if on.day == calendar.monthrange(on.year, on.month)[1] else min(on.day, 30)

    return _days_360(start, end, day(start), day(end))


def _days_360(start: date, end: date, first: int, last: int) -> int:
    return 360 * (end.year - start.year) + 30 * (end.month - start.month) + last - first


def _actual_actual(start: date, end: date) -> Fraction:
    """ISDA 4.16(b): days in leap years over 366, the others over 365."""
    years = Fraction(0)
    at = start
    while at < end:
        turn = min(date(at.year + 1, 1, 1), end)
        years += Fraction((turn - at).days, 366 if calendar.isleap(at.year) else 365)
        at = turn
    return years


_FRACTIONS: Final[dict[str, Callable[[date, date], Fraction]]] = {
    "30/360": lambda start, end: Fraction(_days_30_360(start, end), 360),
    "30E/360": lambda start, end: Fraction(_days_30e_360(start, end), 360),
    "30E/360 ISDA": lambda start, end: Fraction(_days_30e_360_isda(start, end), 360),
    "ACT/360": lambda start, end: Fraction((end - start).days, 360),
    "ACT/365F": lambda start, end: Fraction((end - start).days, 365),
    "ACT/ACT": _actual_actual,
}
#: The names that `year_fraction` knows.
DAY_COUNTS: Final = tuple(_FRACTIONS)


def year_fraction(start: date, end: date, day_count: str) -> Fraction:
    """Years from `start` to `end` (excluded) under a named day count, as an exact fraction.

    Raises `Invalid` for an unknown name or dates out of order.
    """
    if day_count not in _FRACTIONS:
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
    return _FRACTIONS[day_count](start, end)
