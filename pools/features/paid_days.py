"""The day on which each receivable was fully paid, for a whole portfolio in one pass.

The replay's own answer (`origination.domain.servicing`), under terms that charge nothing: knowing
the paid day of every rent answers days past due on any day at once.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt

from origination.domain.schedule_columns import ReceivableColumns
from origination.domain.servicing import layout
from origination.domain.servicing.batch import (
    Standing,
    TermsColumns,
    replay_many,
    standing,
)
from origination.domain.servicing.events import EventKind
from origination.domain.servicing.payment_columns import EVENT_CODES, PaymentColumns

Ints = npt.NDArray[np.int64]
#: A day that never came, later than every real one.
NEVER: Final = 2**31 - 1
_RECOVERY = EVENT_CODES[EventKind.RECOVERY]
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
    n = receivables.leases
    stands = standing(events, day=day, known=known)
    rows = np.flatnonzero(stands)
    counts = np.bincount(events.lease[rows], minlength=n)
    ordered = Standing(
        starts=np.concatenate([[0], np.cumsum(counts)]).astype(np.int64),
        day=events.effective[rows],
        amount=events.amount[rows],
        kind=events.kind[rows],
        row=rows,
    )
    found = replay_many(receivables, ordered, terms=TermsColumns.none(n), as_of=day)
    recovering = rows[events.kind[rows] == _RECOVERY]
    recovery_day = np.full(n, NEVER, np.int64)
    np.minimum.at(recovery_day, events.lease[recovering], events.effective[recovering])
    undone = (events.effective <= day) & (events.known <= known) & (events.kind == _REVERSAL)
    return PaidDays(
        paid=_or_never(found.rows[:, layout.R_COVERED]),
        settled=_or_never(found.leases[:, layout.L_SETTLED]),
        recovery_day=recovery_day,
        recovered=found.leases[:, layout.L_RECOVERED].copy(),
        money=found.leases[:, layout.L_PAID].copy(),
        bounced=np.bincount(events.lease[undone], minlength=n).astype(np.int64),
    )


def _or_never(days: Ints) -> Ints:
    return np.where(days == layout.NEVER, NEVER, days)
