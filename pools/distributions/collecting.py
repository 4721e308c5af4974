"""What the leases of a pool paid in a period, split into income and principal.

Pure. The split is the lease's own (`origination.domain.servicing`): interest before principal,
oldest rental first; the payment that settles a lease repays the principal that is left. Money
beyond all receivables is income; a recovery is principal. A payment that is known to be reversed
counts in no period, whenever the reversal took effect: it lowers the period that had counted it.

The price was struck with what was known at the cut-off. A line of before it that became known only
after (`late`) belongs to the pool in the period in which it became known: the seller kept the money
and was paid for the rent. A payment that the price had counted and that later bounces restores the
pool's balance in the period in which that became known; no money moves.
`columns` derives the same for a whole pool at once.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta

from origination.domain.schedule import Receivable, ReceivableKind
from origination.domain.servicing.events import EventKind, PaymentEvent
from origination.domain.servicing.position import LeaseState
from origination.domain.servicing.replay import allocate_payments
from origination.domain.servicing.totals import payoff, principal_repaid
from pools.distributions.reconciling import LeaseMove, Movements, movements_of

#: A lease this many days past due no longer counts in the pool's balance (CN: more than 90 days).
DEFAULT_DAYS = 90


@dataclass(frozen=True, slots=True)
class PooledLease:
    """A lease of the pool: its id, what falls due, and every payment event known of it.

    `late` says of a line (by reference) on which day it became known, where the price was struck
    without it: payments of before the cut-off, and reversals of payments that the price counted.
    """

    rid: str
    receivables: tuple[Receivable, ...]
    events: tuple[PaymentEvent, ...]
    late: Mapping[str, date] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class CollectedPayment:
    """One bank line as it counts in a period; income + principal = amount, in minor units
    (below zero: a refund)."""

    rid: str
    reference: str
    kind: str
    effective_on: date
    amount_minor: int
    income_minor: int
    principal_minor: int
    counts_on: date  # later than it took effect where the price was struck without it


@dataclass(frozen=True, slots=True)
class Collections:
    """The money of `[start, end)` and how it moved the pool's performing balance."""

    start: date
    end: date
    payments: tuple[CollectedPayment, ...]
    movements: Movements

    @property
    def income_minor(self) -> int:
        return sum(payment.income_minor for payment in self.payments)

    @property
    def principal_minor(self) -> int:
        return sum(payment.principal_minor for payment in self.payments)

    @property
    def pool_opening_minor(self) -> int:
        return self.movements.opening_minor

    @property
    def pool_closing_minor(self) -> int:
        return self.movements.closing_minor


@dataclass(frozen=True, slots=True)
class _Counted:
    """A line in the order of the days on which lines count; `sign` −1 takes a payment back."""

    event: PaymentEvent
    counts_on: date
    sign: int = 1

    @property
    def is_late(self) -> bool:
        """Whether it repays a rent later than it took effect; a recovery repays none."""
        event = self.event
        return event.kind is not EventKind.RECOVERY and event.effective_on < self.counts_on


def collect(
    leases: Sequence[PooledLease], *, start: date, end: date, known_at: datetime
) -> Collections:
    """Collections of a period from what was known at an instant (aware)."""
    payments: list[CollectedPayment] = []
    moves: list[LeaseMove] = []
    for lease in leases:
        lines = _counted(lease, known_at)
        capital = _capital(lease, lines)
        inside = [n for n, line in enumerate(lines) if start <= line.counts_on < end]
        own = [n for n in inside if lines[n].sign > 0]
        payments += [_payment(lease, lines[n], capital[n]) for n in own]
        recovered = sum(capital[n] for n in own if lines[n].event.kind is EventKind.RECOVERY)
        late = sum(capital[n] for n in own if lines[n].is_late)
        before, after = (_state(lease, lines, day, known_at) for day in (start, end))
        moves.append(
            LeaseMove(
                before=before.balance_minor,
                after=after.balance_minor,
                performed=before.days_past_due <= DEFAULT_DAYS,
                performs=after.days_past_due <= DEFAULT_DAYS,
                collected=sum(capital[n] for n in own) - late - recovered,
                late=late,
                recovered=recovered,
                restored=-sum(capital[n] for n in inside if lines[n].sign < 0),
            )
        )
    payments.sort(key=lambda payment: (payment.counts_on, payment.rid, payment.reference))
    return Collections(start, end, tuple(payments), movements_of(moves))


def _counted(lease: PooledLease, known_at: datetime) -> list[_Counted]:
    """The lines that stand, in the order of the days on which they count."""
    known = [event for event in lease.events if event.known_at <= known_at]
    payments = {e.reference: e for e in known if e.kind is not EventKind.REVERSAL}
    if len(payments) < sum(e.kind is not EventKind.REVERSAL for e in known):
        raise ValueError("two payments of a lease carry one bank reference")
    undoing = [e for e in known if e.kind is EventKind.REVERSAL and e.reverses in payments]
    void = {e.reverses for e in undoing if e.reference not in lease.late}
    lines = [
        _Counted(event, lease.late.get(reference, event.effective_on))
        for reference, event in payments.items()
        if reference not in void
    ]
    restored: dict[str, date] = {}
    for event in undoing:
        if event.reverses not in void and event.reference in lease.late:
            day = lease.late[event.reference]
            restored[event.reverses] = min(day, restored.get(event.reverses, day))
    lines += [_Counted(payments[reference], day, -1) for reference, day in restored.items()]
    return sorted(lines, key=_order)


def signed(event: PaymentEvent) -> int:
    """An event's money as the pool gets it: what is refunded to the lessee leaves it."""
    return -event.amount_minor if event.kind is EventKind.REFUND else event.amount_minor


def _order(line: _Counted) -> tuple[date, int, date, datetime, str]:
    event = line.event
    return line.counts_on, line.sign, event.effective_on, event.known_at, event.reference


def _state(
    lease: PooledLease, lines: Sequence[_Counted], day: date, known_at: datetime
) -> LeaseState:
    """The lease on the morning of a day: of the lines that count by then, what each did when."""
    counting = [line for line in lines if line.counts_on < day]
    undone = {line.event.reference for line in counting if line.sign < 0}
    events = [line.event for line in counting if line.event.reference not in undone]
    last = day - timedelta(days=1)
    return allocate_payments(lease.receivables, events, as_of=last, known_at=known_at).state


def _payment(lease: PooledLease, line: _Counted, capital: int) -> CollectedPayment:
    event = line.event
    return CollectedPayment(
        lease.rid,
        event.reference,
        event.kind.value,
        event.effective_on,
        signed(event),
        signed(event) - capital,
        capital,
        line.counts_on,
    )


def _capital(lease: PooledLease, lines: Sequence[_Counted]) -> list[int]:
    """Principal in each line: what the lease's money has repaid with it, less without it."""
    debts = [r for r in lease.receivables if r.kind is not ReceivableKind.OPTION]
    undone = {line.event.reference for line in lines if line.sign < 0}
    everything = sum(debt.principal_minor for debt in debts)
    capital: list[int] = []
    money, settling, closed = 0, date.min, False
    for line in lines:
        event = line.event
        if event.kind is EventKind.RECOVERY:
            capital.append(event.amount_minor if line.sign > 0 else 0)
            continue
        before, money = money, money + line.sign * signed(event)
        if event.kind is EventKind.SETTLEMENT and event.reference not in undone:
            settling = max(settling, event.effective_on)
        part = principal_repaid(debts, money) - principal_repaid(debts, before)
        if closed:
            part = 0
        elif settling > date.min and money >= payoff(debts, settling):
            closed = True
            part = min(signed(event), everything - principal_repaid(debts, before))
        capital.append(part)
    return capital
