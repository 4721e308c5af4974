"""The day on which each receivable was fully paid, for a whole portfolio in one pass.

Rules are those of `origination.domain.allocation`: money pays debts in order of due day, a reversal
cancels the payment it names, recoveries cure nothing, an unguaranteed residual is no debt. Knowing
the paid day of every rent answers days past due on any day at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numba
import numpy as np
import numpy.typing as npt

from origination.domain.allocation import EventKind
from origination.domain.allocation_columns import EVENT_CODES, PaymentColumns
from origination.domain.schedule import ReceivableKind
from origination.domain.schedule_columns import KIND_CODES, ReceivableColumns

Ints = npt.NDArray[np.int64]
#: A day that never came, later than every real one.
NEVER: Final = 2**31 - 1
_RECOVERY = EVENT_CODES[EventKind.RECOVERY]
_SETTLEMENT = EVENT_CODES[EventKind.SETTLEMENT]
_REVERSAL = EVENT_CODES[EventKind.REVERSAL]


@dataclass(frozen=True, slots=True)
class PaidDays:
    """Per receivable: `paid` (day or NEVER). Per lease: `settled`, first `recovery_day`
    (or NEVER), `recovered` and `money` in minor units, `bounced` payments."""

    paid: Ints
    settled: Ints
    recovery_day: Ints
    recovered: Ints
    money: Ints
    bounced: Ints


@dataclass(frozen=True, slots=True)
class SortedEvents:
    """Payment events ordered by lease and effective day; `cancels` points into this order."""

    lease: Ints
    kind: npt.NDArray[np.int8]
    amount: Ints
    effective: Ints
    known: Ints
    cancels: Ints

    @classmethod
    def of(cls, events: PaymentColumns) -> SortedEvents:
        """The same events in order; rows that cancel nothing keep −1."""
        order = np.lexsort((events.known, events.effective, events.lease))
        place = np.empty(len(order) + 1, np.int64)
        place[order] = np.arange(len(order))
        place[-1] = -1  # so that −1 stays −1
        return cls(
            lease=events.lease[order],
            kind=events.kind[order],
            amount=events.amount[order],
            effective=events.effective[order].astype(np.int64),
            known=events.known[order],
            cancels=place[events.cancels[order]],
        )


def paid_days(
    receivables: ReceivableColumns, events: SortedEvents, *, day: int, known: int
) -> PaidDays:
    """Every receivable as of `day` (days since 1970) from what was known by `known` (µs)."""
    counts = (events.effective <= day) & (events.known <= known)
    reversal = events.kind == _REVERSAL
    targets = events.cancels[counts & reversal]
    standing = counts & ~reversal
    standing[targets[targets >= 0]] = False
    paying = standing & (events.kind != _RECOVERY)
    n = receivables.leases
    starts = np.concatenate([[0], np.cumsum(np.bincount(events.lease[paying], minlength=n))])
    paid = np.full(len(receivables.due), NEVER, np.int64)
    settled = np.full(n, NEVER, np.int64)
    _allocate(
        receivables.offsets,
        receivables.due,
        receivables.amount,
        receivables.principal,
        receivables.kind == KIND_CODES[ReceivableKind.OPTION],
        starts,
        events.effective[paying],
        events.amount[paying],
        events.kind[paying] == _SETTLEMENT,
        paid,
        settled,
    )
    recovering = standing & (events.kind == _RECOVERY)
    recovery_day = np.full(n, NEVER, np.int64)
    np.minimum.at(recovery_day, events.lease[recovering], events.effective[recovering])
    lease, amount = events.lease, events.amount
    return PaidDays(
        paid=paid,
        settled=settled,
        recovery_day=recovery_day,
        recovered=np.bincount(lease[recovering], amount[recovering], n).astype(np.int64),
        money=np.bincount(lease[paying], amount[paying], n).astype(np.int64),
        bounced=np.bincount(lease[counts & reversal], minlength=n).astype(np.int64),
    )


@numba.njit(cache=True)
def _allocate(  # type: ignore[no-untyped-def]
    offsets, due, amount, principal, option, starts, event_day, event_amount, settles, paid, settled
):
    for i in range(len(offsets) - 1):
        event, end = starts[i], starts[i + 1]
        money, owed, day = 0, 0, 0
        for k in range(offsets[i], offsets[i + 1]):
            if option[k]:
                continue
            owed += amount[k]
            while money < owed and event < end:
                money += event_amount[event]
                day = event_day[event]
                event += 1
            if money >= owed:
                paid[k] = day
        settlement = -1
        for e in range(event, end):
            money += event_amount[e]
        for e in range(starts[i], end):
            if settles[e]:
                settlement = event_day[e]
        if settlement < 0:
            continue
        payoff = 0
        for k in range(offsets[i], offsets[i + 1]):
            if not option[k]:
                payoff += amount[k] if due[k] <= settlement else principal[k]
        if money >= payoff:
            settled[i] = settlement
