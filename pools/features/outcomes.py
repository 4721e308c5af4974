"""What happened after a day: labels for training and for the α and β tests."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from origination.domain.months import days_of
from origination.domain.schedule import ReceivableKind
from origination.domain.schedule_columns import KIND_CODES
from pools.features.history import History
from pools.features.paid_days import NEVER
from pools.features.snapshot import Snapshot, states

Ints = npt.NDArray[np.int64]
Floats = npt.NDArray[np.float64]
_OPTION: Final = KIND_CODES[ReceivableKind.OPTION]
_DAYS_A_MONTH: Final = 30.4375


@dataclass(frozen=True, slots=True)
class Outcomes:
    """0/1 by lease position over the window (start, end]; prepaid counts as no default.

    `default_day` and `left_day` (settled or paid to the last rent) are days or `NEVER`.
    """

    defaulted: Ints
    turned_30: Ints
    prepaid: Ints
    default_day: Ints
    left_day: Ints


def outcomes(history: History, start: Snapshot, end: date) -> Outcomes:
    """What `start`'s assets did by `end`, from entries known by the end of that day.

    `turned_30` is the first day 30+ past due after the start, whatever came before it.
    """
    first, last = days_of(start.day), days_of(end)
    paid = history.at(end)
    state = states(history, paid, last)
    default_day = np.minimum(state["default_day"].astype(np.int64), paid.recovery_day)
    finished = np.where(state["debts_left"] == 0, history.static.matures, NEVER)
    rows = history.receivables
    turned = _turns(rows.offsets, rows.due, rows.kind == _OPTION, paid.paid, paid.settled, first)
    return Outcomes(
        defaulted=((default_day > first) & (default_day <= last)).astype(np.int64),
        turned_30=(turned <= last).astype(np.int64),
        prepaid=((paid.settled > first) & (paid.settled <= last)).astype(np.int64),
        default_day=default_day,
        left_day=np.minimum(paid.settled, finished),
    )


@numba.njit(cache=True)
def _turns(offsets, due, option, paid, settled, first):  # type: ignore[no-untyped-def]
    turned = np.full(len(offsets) - 1, NEVER, np.int64)
    for i in range(len(turned)):
        for k in range(offsets[i], offsets[i + 1]):
            day = due[k] + 31
            if not option[k] and day > first and min(paid[k], settled[i]) >= day:
                turned[i] = day
                break
    return turned


def months_at_risk(
    history: History, until: date, max_age: int = 73
) -> tuple[Floats, Floats, Floats]:
    """Months at risk, defaults and prepayments by age in months, all (max_age,).

    Ages from 1 as of `until`; an asset leaves at default, settlement or its last payment.
    """
    today = days_of(until)
    paid = history.at(until)
    state = states(history, paid, today)
    default_day = np.minimum(state["default_day"].astype(np.int64), paid.recovery_day)
    finished = np.where(state["debts_left"] == 0, history.static.matures, NEVER)
    leaves = np.minimum(np.minimum(default_day, paid.settled), np.minimum(finished, today))
    born = history.static.originated <= today
    age = np.ceil(np.maximum(leaves - history.static.originated, 1) / _DAYS_A_MONTH)
    age = np.minimum(age, max_age - 1).astype(np.int64)[born]
    ends = np.bincount(age, minlength=max_age).astype(np.float64)
    at_risk = ends[::-1].cumsum()[::-1]
    at_risk[0] = 0.0
    default = (default_day <= np.minimum(paid.settled, today))[born]
    prepay = (paid.settled < np.minimum(default_day, today + 1))[born]
    return (
        at_risk,
        np.bincount(age[default], minlength=max_age).astype(np.float64),
        np.bincount(age[prepay], minlength=max_age).astype(np.float64),
    )
