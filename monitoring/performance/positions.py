"""Where each lease stands on a day: paid, overdue, days past due, principal outstanding.

Cash is set against the oldest receivable first, inside one receivable against interest first. Days
past due are those of the oldest unpaid rental. Derived anew from the payment events each time, so a
back-dated, partial or reversed payment gives the same answer as if it had been known at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Final

import numpy as np
import numpy.typing as npt

Ints = npt.NDArray[np.int64]
Days = npt.NDArray[np.int32]
Bools = npt.NDArray[np.bool_]

#: `oldest_unpaid` of a lease that owes nothing more.
NOTHING_DUE: Final = np.iinfo(np.int32).max


@dataclass(frozen=True)
class DebtColumns:
    """The receivables that n lessees owe, in compressed rows.

    Lease i owns rows ``offsets[i]:offsets[i + 1]``, in order of due date; ``due`` in days since
    1970-01-01, ``interest`` and ``principal`` in minor units. Options (unguaranteed residuals) are
    nobody's debt and must not be among them.
    """

    offsets: Ints
    due: Days
    interest: Ints
    principal: Ints

    @property
    def leases(self) -> int:
        return len(self.offsets) - 1

    @cached_property
    def lease_of_row(self) -> Ints:
        return np.repeat(np.arange(self.leases), np.diff(self.offsets))

    @cached_property
    def cumulative_amount(self) -> Ints:
        """Running total over all rows, one longer than the rows: a zero stands first."""
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.interest + self.principal)])

    @cached_property
    def cumulative_principal(self) -> Ints:
        return np.concatenate([np.zeros(1, np.int64), np.cumsum(self.principal)])


@dataclass(frozen=True, slots=True)
class PositionColumns:
    """One row a lease.

    Attributes:
        oldest_unpaid: due date of the oldest unpaid receivable, `NOTHING_DUE` if there is none.
        days_past_due: days since then, 0 when it lies ahead.
        arrears: overdue amount, minor units.
        balance: principal outstanding, minor units.
    """

    oldest_unpaid: Days
    days_past_due: Days
    arrears: Ints
    balance: Ints


def paid_by_lease(
    *,
    lease: Ints,
    amount: Ints,
    effective: Days,
    known: Days,
    leases: int,
    as_of: int,
) -> Ints:
    """Net cash of each lease that was effective and known by ``as_of`` (both inclusive).

    Reversals come as negative amounts. Columns have one row a payment event.
    """
    seen = (effective <= as_of) & (known <= as_of)
    sums = np.zeros(leases, np.int64)
    np.add.at(sums, lease[seen], amount[seen])
    return sums


def positions(
    debt: DebtColumns,
    paid: Ints,
    *,
    as_of: int,
    closed: Bools | None = None,
    tolerance_minor: int = 0,
) -> PositionColumns:
    """Positions at the end of day ``as_of``.

    Args:
        paid: net cash of each lease, minor units (n).
        closed: leases settled or written off before ``as_of``: nothing is due and balance is 0.
        tolerance_minor: a receivable short by no more than this counts as paid (deal data).
    """
    cash = np.maximum(paid, 0)  # reversals known before their payment leave nothing to allocate
    first = debt.offsets[:-1]
    before = debt.cumulative_amount[first]
    owed = debt.cumulative_amount[1:] - before[debt.lease_of_row]
    covered = owed <= cash[debt.lease_of_row] + tolerance_minor
    covered_rows = np.bincount(debt.lease_of_row[covered], minlength=debt.leases)
    at = first + covered_rows
    unpaid = at < debt.offsets[1:]
    if closed is not None:
        unpaid = unpaid & ~closed
    row = np.where(unpaid, at, 0)
    oldest = np.full(debt.leases, NOTHING_DUE, np.int32)
    oldest[unpaid] = debt.due[row[unpaid]]
    overdue_rows = np.bincount(debt.lease_of_row[debt.due < as_of], minlength=debt.leases)
    overdue = debt.cumulative_amount[first + overdue_rows] - before
    left_over = np.maximum(cash - (debt.cumulative_amount[at] - before), 0)
    partial = np.zeros(debt.leases, np.int64)
    partial[unpaid] = np.maximum(left_over[unpaid] - debt.interest[row[unpaid]], 0)
    balance = debt.cumulative_principal[debt.offsets[1:]] - debt.cumulative_principal[at] - partial
    late = unpaid & (oldest < as_of)
    return PositionColumns(
        oldest_unpaid=oldest,
        days_past_due=np.where(late, as_of - oldest.astype(np.int64), 0).astype(np.int32),
        arrears=np.where(late, np.maximum(overdue - cash, 0), 0),
        balance=np.where(unpaid, balance, 0),
    )
