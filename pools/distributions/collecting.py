"""What the leases of a pool paid in a period, split into income and principal.

Pure. The split is the lease's own (`origination.domain.allocation`): interest before principal,
oldest rental first. Money beyond all receivables is income; a recovery is principal.
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
    standing_events,
)
from origination.domain.schedule import Receivable

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
        before = _allocated(lease, start - day, known_at)
        after = _allocated(lease, end - day, known_at)
        opening += _performing(before)
        closing += _performing(after)
        payments += _payments(lease, after, start, end, known_at)
    payments.sort(key=lambda payment: (payment.effective_on, payment.rid, payment.reference))
    return Collections(start, end, tuple(payments), opening, closing)


def _allocated(lease: PooledLease, as_of: date, known_at: datetime) -> Allocation:
    return allocate_payments(lease.receivables, lease.events, as_of=as_of, known_at=known_at)


def _performing(allocation: Allocation) -> int:
    state = allocation.state
    return 0 if state.days_past_due > DEFAULT_DAYS else state.balance_minor


def _payments(
    lease: PooledLease, allocation: Allocation, start: date, end: date, known_at: datetime
) -> list[CollectedPayment]:
    principal: dict[str, int] = {}
    for line in allocation.lines:
        principal[line.reference] = principal.get(line.reference, 0) + line.principal_minor
    found = []
    events = standing_events(lease.events, as_of=end - timedelta(days=1), known_at=known_at)
    for event in events:
        if event.effective_on < start:
            continue
        capital = principal.get(event.reference, 0)
        if event.kind is EventKind.RECOVERY:
            capital = event.amount_minor
        found.append(
            CollectedPayment(
                lease.rid,
                event.reference,
                event.kind.value,
                event.effective_on,
                event.amount_minor,
                event.amount_minor - capital,
                capital,
            )
        )
    return found
