"""Which rents a lessee's money has paid, as of a day and as known at an instant.

Nothing is stored: the state of a lease is derived from its receivables and its payment events, so
that a back-dated, partial, late or reversed payment gives the same figures whenever it arrives.

Rules, all of them deterministic:
- An event counts when its effective day is on or before `as_of` and it was known by `known_at`.
- A reversal that counts cancels the whole payment it names (bank reference, unique in a lease).
- Money pays receivables in order of due day, interest before principal inside each; money beyond
  what is due pays the next ones early. An unguaranteed residual is no debt: rents never pay it.
- A settlement closes the lease once the money received covers everything due by the settlement's
  day plus the principal of what is not due yet; short of that it pays like a rent.
- Recoveries (proceeds after default) are counted apart and cure nothing: a default stays visible.
- Days past due are counted from the due day of the oldest receivable not fully paid; a receivable
  is past due from the day after its due day.
`allocation_columns` derives the same for a whole portfolio at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from enum import StrEnum

from origination.domain.schedule import Receivable, ReceivableKind


class EventKind(StrEnum):
    RENT = "rent"
    SETTLEMENT = "settlement"
    RECOVERY = "recovery"
    REVERSAL = "reversal"


@dataclass(frozen=True, slots=True)
class PaymentEvent:
    """One bank line: amount in minor units (> 0), aware instants, reference unique in its lease.

    `effective_at` is the booking day at 00:00:00 UTC; `reverses` names the payment that a reversal
    cancels.
    """

    reference: str
    kind: EventKind
    amount_minor: int
    effective_at: datetime
    known_at: datetime
    reverses: str = ""

    @property
    def effective_on(self) -> date:
        return self.effective_at.astimezone(UTC).date()


@dataclass(frozen=True, slots=True)
class Line:
    """What one payment did to one receivable; `receivable` 0 is money beyond all of them."""

    reference: str
    receivable: int
    interest_minor: int
    principal_minor: int
    excess_minor: int = 0


@dataclass(frozen=True, slots=True)
class LeaseState:
    """A lease as of a day. Amounts in minor units.

    `balance_minor` is the principal not yet repaid (an unguaranteed residual included until
    settlement), `due_minor` what fell due by the day, `arrears_minor` what of it is unpaid,
    `advance_minor` money that paid receivables before they were due, `excess_minor` money beyond
    them all. A settled lease has no balance, arrears or days past due.
    """

    as_of: date
    paid_minor: int
    due_minor: int
    arrears_minor: int
    days_past_due: int
    oldest_unpaid: int
    unpaid_rents: int
    interest_paid_minor: int
    principal_paid_minor: int
    balance_minor: int
    advance_minor: int
    excess_minor: int
    recovered_minor: int
    settled_on: date | None


@dataclass(frozen=True, slots=True)
class Allocation:
    """The state of a lease and the lines that explain it."""

    state: LeaseState
    lines: tuple[Line, ...]


def standing_events(
    events: Iterable[PaymentEvent], *, as_of: date, known_at: datetime
) -> list[PaymentEvent]:
    """Payments that count and are not cancelled, in the order in which they are applied.

    Order: effective day, then the instant they became known, then reference. Raises ValueError
    where one reference names two payments of the lease.
    """
    counted = [e for e in events if e.effective_on <= as_of and e.known_at <= known_at]
    payments = [e for e in counted if e.kind is not EventKind.REVERSAL]
    if len({e.reference for e in payments}) != len(payments):
        raise ValueError("two payments of a lease carry one bank reference")
    cancelled = {e.reverses for e in counted if e.kind is EventKind.REVERSAL}
    standing = [e for e in payments if e.reference not in cancelled]
    return sorted(standing, key=lambda e: (e.effective_on, e.known_at, e.reference))


def allocate_payments(
    receivables: Sequence[Receivable],
    events: Iterable[PaymentEvent],
    *,
    as_of: date,
    known_at: datetime,
) -> Allocation:
    """Derive a lease's state from its receivables and events (see the module's rules).

    `receivables` as `schedule` makes them. Raises ValueError for a doubled bank reference.
    """
    standing = standing_events(events, as_of=as_of, known_at=known_at)
    money = [e for e in standing if e.kind is not EventKind.RECOVERY]
    debts = [r for r in receivables if r.kind is not ReceivableKind.OPTION]
    lines = _apply(debts, money)
    paid = sum(e.amount_minor for e in money)
    recovered = sum(e.amount_minor for e in standing if e.kind is EventKind.RECOVERY)
    settled_on = _settled_on(receivables, debts, money, paid)
    state = _state(receivables, debts, lines, as_of, paid, recovered, settled_on)
    return Allocation(state, tuple(lines))


def _apply(debts: Sequence[Receivable], money: Sequence[PaymentEvent]) -> list[Line]:
    """Money against debts in order, interest first."""
    lines: list[Line] = []
    queue = iter(debts)
    current = next(queue, None)
    interest = current.interest_minor if current else 0
    principal = current.principal_minor if current else 0
    for event in money:
        left = event.amount_minor
        while left and current:
            to_interest = min(left, interest)
            to_principal = min(left - to_interest, principal)
            interest, principal = interest - to_interest, principal - to_principal
            left -= to_interest + to_principal
            if to_interest or to_principal:
                lines.append(Line(event.reference, current.number, to_interest, to_principal))
            if not interest and not principal:
                current = next(queue, None)
                interest = current.interest_minor if current else 0
                principal = current.principal_minor if current else 0
        if left:
            lines.append(Line(event.reference, 0, 0, 0, left))
    return lines


def _settled_on(
    receivables: Sequence[Receivable],
    debts: Sequence[Receivable],
    money: Sequence[PaymentEvent],
    paid: int,
) -> date | None:
    """The last settlement's day, if the money covers what settles the lease on that day."""
    days = [e.effective_on for e in money if e.kind is EventKind.SETTLEMENT]
    if not days:
        return None
    day = max(days)
    return day if paid >= payoff(debts, day) else None


def payoff(debts: Sequence[Receivable], day: date) -> int:
    """Minor units that settle a lease on a day, before what was paid: all due, later principal."""
    due = sum(r.amount_minor for r in debts if r.due_on <= day)
    return due + sum(r.principal_minor for r in debts if r.due_on > day)


def _state(
    receivables: Sequence[Receivable],
    debts: Sequence[Receivable],
    lines: Sequence[Line],
    as_of: date,
    paid: int,
    recovered: int,
    settled_on: date | None,
) -> LeaseState:
    got = dict.fromkeys((r.number for r in debts), 0)
    for line in lines:
        if line.receivable:
            got[line.receivable] += line.interest_minor + line.principal_minor
    open_debts = [] if settled_on else [r for r in debts if got[r.number] < r.amount_minor]
    past = [r for r in open_debts if r.due_on <= as_of]
    late = [r for r in past if r.due_on < as_of]
    due = sum(r.amount_minor for r in debts if r.due_on <= as_of)
    interest_paid = sum(line.interest_minor for line in lines)
    principal_paid = sum(line.principal_minor for line in lines)
    principal = sum(r.principal_minor for r in receivables)
    return LeaseState(
        as_of=as_of,
        paid_minor=paid,
        due_minor=due,
        arrears_minor=sum(r.amount_minor - got[r.number] for r in past),
        days_past_due=(as_of - late[0].due_on).days if late else 0,
        oldest_unpaid=open_debts[0].number if open_debts else 0,
        unpaid_rents=len(past),
        interest_paid_minor=interest_paid,
        principal_paid_minor=principal_paid,
        balance_minor=0 if settled_on else principal - principal_paid,
        advance_minor=0 if settled_on else max(0, interest_paid + principal_paid - due),
        excess_minor=sum(line.excess_minor for line in lines),
        recovered_minor=recovered,
        settled_on=settled_on,
    )
