"""From yesterday's standing to today's: what each lease owes, and what has turned.

A lease's standing changes only when money arrived, was reversed or a rental fell overdue; the
caller hands over those leases (all of them for a full roll, which must give the same answer).
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date, datetime

import numpy as np
import numpy.typing as npt

from monitoring.performance.buckets import CN, BucketScheme
from monitoring.performance.figures import DefaultColumns, mark_defaults
from origination.domain.months import days_of
from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing.columns import NEVER, LeaseBook
from origination.domain.servicing.payment_columns import PaymentColumns

Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]

#: `oldest_unpaid` of a lease that owes nothing more.
NOTHING_OWED = -1


@dataclass(frozen=True, slots=True)
class Standing:
    """One row a lease: amounts in minor units, days since 1970-01-01.

    `oldest_unpaid` is the due day of the oldest receivable not fully paid, also when it lies ahead.
    """

    days_past_due: Days
    bucket: npt.NDArray[np.int8]
    oldest_unpaid: Days
    arrears: Ints
    balance: Ints
    recovered: Ints
    defaults: DefaultColumns


@dataclass(frozen=True, slots=True)
class Turns:
    """Positions of the leases that turned since the standing before."""

    missed: Ints  # current before, late now
    worse: Ints  # late before, in a later bucket now
    defaulted: Ints  # in default for the first time; they are not among the two above
    cured: Ints  # late before, current now


def stand(
    receivables: ReceivableColumns,
    payments: PaymentColumns,
    *,
    as_of: date,
    known_at: datetime,
    defaults_before: DefaultColumns,
    lost: npt.NDArray[np.bool_] | None = None,
    scheme: BucketScheme = CN,
) -> Standing:
    """Standing of n leases at the end of `as_of`, from payments known by `known_at` (aware).

    `lost`: repossessed or written off, which is a default whatever was paid.
    """
    state = LeaseBook(receivables, payments).state(as_of=as_of, known_at=known_at)
    days = state.days_past_due.astype(np.int32)
    # A default's gross balance is what was outstanding; recoveries stand apart and cure nothing.
    balance = np.maximum(state.balance, 0)
    defaults = mark_defaults(
        defaults_before, days_past_due=days, balance=balance, as_of=days_of(as_of), other=lost
    )
    return Standing(
        days_past_due=days,
        bucket=scheme.of(days),
        oldest_unpaid=_oldest_unpaid_day(receivables, state.oldest_unpaid),
        arrears=state.arrears,
        balance=np.where(state.settled == NEVER, balance, 0),
        recovered=state.recovered,
        defaults=defaults,
    )


def _oldest_unpaid_day(receivables: ReceivableColumns, number: Ints) -> Days:
    """`number` counts a lease's debts from 1 (0: none open); options stand after the debts."""
    owes = number > 0
    row = np.where(owes, receivables.offsets[:-1] + number - 1, 0)
    day = np.full(receivables.leases, NOTHING_OWED, np.int32)
    day[owes] = receivables.due[row[owes]]
    return day


def turns(
    *, bucket_before: npt.NDArray[np.int8], defaulted_before: npt.NDArray[np.bool_], now: Standing
) -> Turns:
    """Which leases turned, by their position."""
    defaulted = now.defaults.is_default & ~defaulted_before
    late = now.bucket > 0
    was_late = bucket_before > 0
    return Turns(
        missed=np.flatnonzero(late & ~was_late & ~defaulted),
        worse=np.flatnonzero((now.bucket > bucket_before) & was_late & ~defaulted),
        defaulted=np.flatnonzero(defaulted),
        cured=np.flatnonzero(was_late & ~late),
    )
