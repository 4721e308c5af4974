"""What the leases of a pool paid in a period, split into income and principal.

Pure. The split is the lease's own (`origination.domain.allocation`): interest before principal,
oldest rental first; the payment that settles a lease repays the principal that is left. Money
beyond all receivables is income; a recovery is principal. A payment that is known to be reversed
counts in no period, whenever the reversal took effect: it lowers the period that had counted it.
`columns` derives the same for a whole pool at once.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from origination.domain.allocation import (
    Allocation,
    EventKind,
    PaymentEvent,
    allocate_payments,
    payoff,
    standing_events,
)
from origination.domain.schedule import Receivable, ReceivableKind

#: A lease this many days past due no longer counts in the pool's balance (CN: more than 90 days).
DEFAULT_DAYS = 90


@dataclass(frozen=True, slots=True)
class PooledLease:
    """A lease of the pool: its id, what falls due, and every payment event known of it."""

    rid: str
    receivables: tuple[Receivable, ...]
    events: tuple[PaymentEvent, ...]


@dataclass(frozen=True, slots=True)
class CollectedPayment:
    """One bank line as it counts in a period; income + principal = amount, in minor units."""

    rid: str
    reference: str
    kind: str
    effective_on: date
    amount_minor: int
    income_minor: int
    principal_minor: int


@dataclass(frozen=True, slots=True)
class Collections:
    """The money of `[start, end)` and the pool's performing balance before and after it."""

    start: date
    end: date
    payments: tuple[CollectedPayment, ...]
    pool_opening_minor: int
    pool_closing_minor: int

    @property
    def income_minor(self) -> int:
        return sum(payment.income_minor for payment in self.payments)

    @property
    def principal_minor(self) -> int:
        return sum(payment.principal_minor for payment in self.payments)


def collect(
    leases: Sequence[PooledLease], *, start: date, end: date, known_at: datetime
) -> Collections:
    """Collections of a period from what was known at an instant (aware)."""
    payments: list[CollectedPayment] = []
    opening = closing = 0
    day = timedelta(days=1)
    for lease in leases:
        events = standing_events(lease.events, as_of=date.max, known_at=known_at)
        before = allocate_payments(lease.receivables, events, as_of=start - day, known_at=known_at)
        after = allocate_payments(lease.receivables, events, as_of=end - day, known_at=known_at)
        opening += _performing(before)
        closing += _performing(after)
        payments += _payments(lease, after, [e for e in events if e.effective_on < end], start)
    payments.sort(key=lambda payment: (payment.effective_on, payment.rid, payment.reference))
    return Collections(start, end, tuple(payments), opening, closing)


def _performing(allocation: Allocation) -> int:
    state = allocation.state
    return 0 if state.days_past_due > DEFAULT_DAYS else state.balance_minor


def _payments(
    lease: PooledLease, allocation: Allocation, events: Sequence[PaymentEvent], start: date
) -> list[CollectedPayment]:
    capital = _capital(lease, allocation, events)
    return [
        CollectedPayment(
            lease.rid,
            event.reference,
            event.kind.value,
            event.effective_on,
            event.amount_minor,
            event.amount_minor - capital[event.reference],
            capital[event.reference],
        )
        for event in events
        if event.effective_on >= start
    ]


def _capital(
    lease: PooledLease, allocation: Allocation, events: Sequence[PaymentEvent]
) -> dict[str, int]:
    """Principal in each payment, by reference; `events` in the order in which they apply."""
    by_lines: dict[str, int] = {}
    for line in allocation.lines:
        by_lines[line.reference] = by_lines.get(line.reference, 0) + line.principal_minor
    debts = [r for r in lease.receivables if r.kind is not ReceivableKind.OPTION]
    left = sum(debt.principal_minor for debt in debts)
    capital, money, settling, closed = {}, 0, None, False
    for event in events:
        if event.kind is EventKind.RECOVERY:
            capital[event.reference] = event.amount_minor
            continue
        money += event.amount_minor
        settling = event.effective_on if event.kind is EventKind.SETTLEMENT else settling
        part = 0 if closed else by_lines.get(event.reference, 0)
        if not closed and settling is not None and money >= payoff(debts, settling):
            closed, part = True, min(event.amount_minor, left)
        capital[event.reference] = part
        left -= part
    return capital
