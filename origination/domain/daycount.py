"""Day counts: the fraction of a year between two dates, by the convention's name.

Sources: ISDA 2006 Definitions section 4.16: ACT/ACT (b), 30/360 (f, bond basis), 30E/360 (g),
30E/360 ISDA (h, German), ACT/360 and ACT/365F. Periods are half-open: the first day counts, the
last does not.
"""

from __future__ import annotations

from calendar import monthrange
from collections.abc import Callable
from datetime import date
from enum import StrEnum
from fractions import Fraction
from typing import Final


class DayCount(StrEnum):
    THIRTY_360 = "30/360"
    THIRTY_E_360 = "30E/360"
    THIRTY_E_360_ISDA = "30E/360 ISDA"
    ACT_360 = "ACT/360"
    ACT_365F = "ACT/365F"
    ACT_ACT = "ACT/ACT"


def year_fraction(start: date, end: date, convention: DayCount = DayCount.ACT_365F) -> Fraction:
    """Years from `start` to `end`, exact; negative when `end` comes first."""
    if end < start:
        return -year_fraction(end, start, convention)
    return _CONVENTIONS[convention](start, end)


def _thirty_360(start: date, end: date) -> Fraction:
    first = min(start.day, 30)
    last = 30 if end.day == 31 and first == 30 else end.day
    return _thirty(start, end, first, last)


def _thirty_e_360(start: date, end: date) -> Fraction:
    return _thirty(start, end, min(start.day, 30), min(end.day, 30))


def _thirty_e_360_isda(start: date, end: date) -> Fraction:
    """As 30E/360, and the last day of February counts as the 30th."""

    def day(on: date) -> int:
        return 30 if on.day == monthrange(on.year, on.month)[1] else min(on.day, 30)

    return _thirty(start, end, day(start), day(end))


def _thirty(start: date, end: date, first: int, last: int) -> Fraction:
    months = (end.year - start.year) * 12 + end.month - start.month
    return Fraction(months * 30 + last - first, 360)


def _act_act(start: date, end: date) -> Fraction:
    """Each calendar year's days over that year's length (ISDA)."""
    total, at = Fraction(0), start
    while at < end:
        stop = min(end, date(at.year + 1, 1, 1))
        total += Fraction((stop - at).days, _days_in(at.year))
        at = stop
    return total


def _days_in(year: int) -> int:
    return (date(year + 1, 1, 1) - date(year, 1, 1)).days


_CONVENTIONS: Final[dict[DayCount, Callable[[date, date], Fraction]]] = {
    DayCount.THIRTY_360: _thirty_360,
    DayCount.THIRTY_E_360: _thirty_e_360,
    DayCount.THIRTY_E_360_ISDA: _thirty_e_360_isda,
    DayCount.ACT_360: lambda start, end: Fraction((end - start).days, 360),
    DayCount.ACT_365F: lambda start, end: Fraction((end - start).days, 365),
    DayCount.ACT_ACT: _act_act,
}
