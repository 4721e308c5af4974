"""Whether a promise to pay was kept: derived from the bank lines, never a fact of its own.

Rules, all of them deterministic (decision 0018):
- A promise is a fact: an amount, a due day, days of grace, and the instant at which it was made.
- Its window runs from the day it was made to the due day plus the grace. Money counts by the day on
  which the bank booked it, whenever that became known; on the promise's own first day only what
  became known after it was made (the rest stood in what was said to be owed).
- The window ends before that where the next promise of the lease is made: a lease has one promise
  at a time, and no money counts for two of them.
- Rents and settlements that stand count, refunds count against them; recoveries do not.
- Kept: the window's money is the amount. Once the window is over: partly kept, or broken. Until
  then: open. A promise that was withdrawn is none of these.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from itertools import zip_longest

from origination.domain.servicing.events import EventKind, PaymentEvent, standing_events

_PAYS = frozenset({EventKind.RENT, EventKind.SETTLEMENT})


class PromiseStatus(StrEnum):
    OPEN = "open"
    KEPT = "kept"
    PARTLY_KEPT = "partly_kept"
    BROKEN = "broken"
    WITHDRAWN = "withdrawn"


@dataclass(frozen=True, slots=True)
class PromiseToPay:
    """`amount_minor` (> 0) by the end of `due_on`; `made_at` is aware.

    `withdrawn_at`: when it was said that there is no such promise (an error, another agreement).
    """

    reference: str
    amount_minor: int
    due_on: date
    grace_days: int
    made_at: datetime
    withdrawn_at: datetime | None = None

    @property
    def made_on(self) -> date:
        return self.made_at.astimezone(UTC).date()

    @property
    def last_day(self) -> date:
        """The last day whose money counts."""
        return self.due_on + timedelta(days=self.grace_days)


@dataclass(frozen=True, slots=True)
class PromiseState:
    """A promise as of a day: `paid_minor` of the amount, `kept_on` the day of the last of it."""

    promise: PromiseToPay
    status: PromiseStatus
    paid_minor: int
    kept_on: date | None

    @property
    def missing_minor(self) -> int:
        return self.promise.amount_minor - self.paid_minor


def promise_states(
    promises: Iterable[PromiseToPay],
    events: Iterable[PaymentEvent],
    *,
    as_of: date,
    known_at: datetime,
) -> list[PromiseState]:
    """Every promise of one lease as of the end of a day, in the order in which they were made.

    What was made or withdrawn after `known_at` is not known yet. The order of the arguments changes
    nothing.
    """
    known = sorted(
        (one for one in promises if one.made_at <= known_at),
        key=lambda one: (one.made_at, one.reference),
    )
    standing = standing_events(events, as_of=as_of, known_at=known_at)
    running = [one for one in known if not _withdrawn(one, known_at)]
    after = dict(zip_longest(running, running[1:]))
    return [
        _state(one, after[one], standing, as_of)
        if one in after
        else PromiseState(one, PromiseStatus.WITHDRAWN, 0, None)
        for one in known
    ]


def open_promise(states: Sequence[PromiseState]) -> PromiseState | None:
    """The one that is open, if one is: never more than the last."""
    return next((one for one in states if one.status is PromiseStatus.OPEN), None)


def _withdrawn(promise: PromiseToPay, known_at: datetime) -> bool:
    return promise.withdrawn_at is not None and promise.withdrawn_at <= known_at


def _state(
    promise: PromiseToPay,
    following: PromiseToPay | None,
    standing: Sequence[PaymentEvent],
    as_of: date,
) -> PromiseState:
    paid, kept_on = 0, None
    for event in standing:
        if not _counts(event, promise) or (following and _counts_after(event, following)):
            continue
        if event.kind in _PAYS:
            paid += event.amount_minor
        elif event.kind is EventKind.REFUND:
            paid -= event.amount_minor
        if paid < promise.amount_minor:
            kept_on = None
        elif kept_on is None:
            kept_on = event.effective_on
    got = min(max(paid, 0), promise.amount_minor)
    if kept_on is not None:
        return PromiseState(promise, PromiseStatus.KEPT, got, kept_on)
    if as_of <= promise.last_day and following is None:
        return PromiseState(promise, PromiseStatus.OPEN, got, None)
    status = PromiseStatus.PARTLY_KEPT if got else PromiseStatus.BROKEN
    return PromiseState(promise, status, got, None)


def _counts(event: PaymentEvent, promise: PromiseToPay) -> bool:
    return event.effective_on <= promise.last_day and _counts_after(event, promise)


def _counts_after(event: PaymentEvent, promise: PromiseToPay) -> bool:
    """Whether it is money of the time after a promise was made."""
    if event.effective_on == promise.made_on:
        return event.known_at > promise.made_at
    return event.effective_on > promise.made_on
