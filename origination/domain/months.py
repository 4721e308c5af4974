"""Month arithmetic on dates, for one date and for columns of dates.

A monthly due day keeps its day of the month and falls on the last day where a month is shorter
(31 January, 28 February, 31 March), counted from the first date and never from the one before.
"""

from __future__ import annotations

import calendar
from datetime import date

import numpy as np
import numpy.typing as npt

Days = npt.NDArray[np.int32]
_EPOCH = date(1970, 1, 1)


def add_months(start: date, months: int) -> date:
    """The same day `months` later, or the month's last day where it has no such day."""
    year, month0 = divmod(start.year * 12 + start.month - 1 + months, 12)
    last = calendar.monthrange(year, month0 + 1)[1]
    return date(year, month0 + 1, min(start.day, last))


def month_end(day: date, months: int = 0) -> date:
    """The last day of the month `months` after `day`'s month."""
    year, month0 = divmod(day.year * 12 + day.month - 1 + months, 12)
    return date(year, month0 + 1, calendar.monthrange(year, month0 + 1)[1])


def months_between(start: date, end: date) -> int:
    """Calendar months from one date's month to another's, days ignored."""
    return (end.year - start.year) * 12 + end.month - start.month


def days_of(day: date) -> int:
    """Days since 1970-01-01."""
    return (day - _EPOCH).days


def date_of(days: int) -> date:
    """The date so many days after 1970-01-01."""
    return date.fromordinal(_EPOCH.toordinal() + int(days))


def add_months_columns(start: Days, months: npt.NDArray[np.integer]) -> Days:
    """`add_months` elementwise: days since 1970-01-01 in and out (int32), same shape as inputs."""
    day = start.astype("datetime64[D]")
    month = day.astype("datetime64[M]")
    in_month = (day - month.astype("datetime64[D]")).astype(np.int32)
    target = month + months.astype("timedelta64[M]")
    first = target.astype("datetime64[D]").astype(np.int32)
    following = (target + np.timedelta64(1, "M")).astype("datetime64[D]").astype(np.int32)
    return np.asarray(first + np.minimum(in_month, following - first - 1), dtype=np.int32)
