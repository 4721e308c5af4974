"""`replay` for a portfolio: 50,000 leases and 1.2 million events in well under a second.

Where nothing is charged, a lease's state depends only on how much it has paid in the end: the
oldest unpaid receivable is found by binary search in the running total of what fell due. All
receivables share one running total (each lease its own stretch), so one `searchsorted` serves every
lease. All other leases go through the kernel. Integers throughout; equal to `replay` to the unit.
"""

from __future__ import annotations

from collections.abc import Mapping
from copy import copy
from dataclasses import dataclass, fields
from datetime import date, datetime
from typing import Final

import numpy as np

from origination.domain.months import days_of
from origination.domain.schedule import ReceivableKind
from origination.domain.schedule_columns import KIND_CODES, Bools, Ints, ReceivableColumns
from origination.domain.servicing import layout as k
from origination.domain.servicing.batch import (
    Standing,
    TermsColumns,
    microseconds,
    replay_many,
    replay_one,
    standing,
)
from origination.domain.servicing.events import EventKind
from origination.domain.servicing.payment_columns import EVENT_CODES, PaymentColumns
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.position import Allocation

NEVER: Final = -(2**31)  # a day that stands for "not settled"
_OPTION: Final = KIND_CODES[ReceivableKind.OPTION]


@dataclass(frozen=True, slots=True)
class StateColumns:
    """`position.LeaseState` for n leases; days since 1970-01-01, `settled` is NEVER if open."""

    as_of: date
    paid: Ints
    due: Ints
    arrears: Ints
    days_past_due: Ints
    oldest_unpaid: Ints
    unpaid_rents: Ints
    interest_paid: Ints
    principal_paid: Ints
    balance: Ints
    advance: Ints
    excess: Ints
    recovered: Ints
    settled: Ints
    refunded: Ints
    overdrawn: Ints
    late_interest: Ints
    late_paid: Ints
    fees: Ints
    fees_paid: Ints
    settlement: Ints


class LeaseBook:
    """Receivables and events of a portfolio, ready to be asked for many days.

    Leases are named by position in both. Build once (0.2 s for 50,000 leases, 1.2 M events), then
    `state(as_of=..., known_at=...)` for each day wanted.
    """

    @property
    def receivables(self) -> ReceivableColumns:
        """What is due, by position."""
        return self._receivables

    def __init__(
        self,
        receivables: ReceivableColumns,
        payments: PaymentColumns,
        terms: TermsColumns | None = None,
    ) -> None:
        self._payments, self._receivables = payments, receivables
        self._n = receivables.leases
        self._amended: Mapping[int, Contract] = {}
        self._terms = terms or TermsColumns.none(self._n)
        lengths = np.diff(receivables.offsets)
        debt = receivables.kind != _OPTION
        lease = np.repeat(np.arange(self._n), lengths)
        self._debts_before = np.concatenate([[0], np.cumsum(debt)])[receivables.offsets]
        self._due_day = receivables.due[debt]
        self._lease = lease[debt]
        interest, principal = receivables.interest[debt], receivables.principal[debt]
        # Running totals over all leases' debts; entry k is the total of the first k of them.
        self._amounts = np.concatenate([[0], np.cumsum(interest + principal)])
        self._interests = np.concatenate([[0], np.cumsum(interest)])
        self._principals = np.concatenate([[0], np.cumsum(principal)])
        self._financed = np.bincount(lease, receivables.principal, self._n).astype(np.int64)
        # A lease's due days rise, so lease x width + day rises over the whole portfolio.
        self._day0 = int(self._due_day.min(initial=0)) - 1
        self._width = int(self._due_day.max(initial=0)) - self._day0 + 2
        self._position = self._lease * self._width + (self._due_day - self._day0)

    def __len__(self) -> int:
        return self._n

    def under(self, terms: TermsColumns) -> LeaseBook:
        """The same book under other terms."""
        book = copy(self)
        book._terms = terms
        return book

    def amended(self, contracts: Mapping[int, Contract]) -> LeaseBook:
        """The same book, with the contracts of leases (by position) that were changed since."""
        book = copy(self)
        book._amended = contracts
        return book

    def state(self, *, as_of: date, known_at: datetime) -> StateColumns:
        """Every lease as of a day, from what was known by an instant (aware)."""
        day = days_of(as_of)
        rows = np.flatnonzero(standing(self._payments, day=day, known=microseconds(known_at)))
        state = self._by_totals(as_of, day, rows)
        stepwise = np.flatnonzero(self._stepwise(rows))
        if len(stepwise):
            self._by_replay(state, day, rows, stepwise)
        if self._amended:
            self._by_reference(state, day, rows)
        return state

    def _stepwise(self, rows: Ints) -> Bools:
        """Leases whose money's total does not say everything."""
        lease, kind = self._payments.lease[rows], self._payments.kind[rows]
        settling = np.bincount(lease[kind == _SETTLEMENT], minlength=self._n)
        refunds = np.bincount(lease[kind == _REFUND], minlength=self._n)
        found: Bools = ~self._terms.plain | (settling > 1) | ((settling > 0) & (refunds > 0))
        return found

    def _by_totals(self, as_of: date, day: int, rows: Ints) -> StateColumns:
        paid, refunded, recovered, settlement = self._money(rows)
        money = np.maximum(paid - refunded, 0)
        first, last = self._debts_before[:-1], self._debts_before[1:]
        everyone, none = np.arange(self._n), np.zeros(self._n, np.int64)
        paid_to, part_of, interest, principal = self._paid(everyone, money)
        due_to = self._due_by(everyone, np.full(self._n, day))
        due = self._amounts[due_to] - self._amounts[first]
        settled, asked = self._settled(settlement, money)
        closed = settled != NEVER
        open_ = ~closed & (paid_to < last)
        oldest = self._due_day[part_of] if len(self._due_day) else np.zeros(self._n, np.int32)
        applied = interest + principal
        whole = self._principals[last] - self._principals[first]
        return StateColumns(
            as_of=as_of,
            paid=paid,
            due=due,
            arrears=np.where(open_, np.maximum(due - applied, 0), 0),
            days_past_due=np.where(open_ & (oldest < day), day - oldest, 0),
            oldest_unpaid=np.where(open_, paid_to - first + 1, 0),
            unpaid_rents=np.where(open_, np.maximum(due_to - paid_to, 0), 0),
            interest_paid=np.where(closed, asked - whole, interest),
            principal_paid=np.where(closed, whole, principal),
            balance=np.where(closed, 0, self._financed - principal),
            advance=np.where(closed, 0, np.maximum(applied - due, 0)),
            excess=money - np.where(closed, asked, applied),
            recovered=recovered,
            settled=settled,
            refunded=refunded,
            overdrawn=np.maximum(refunded - paid, 0),
            **{name: none.copy() for name in _CHARGED},
        )

    def _by_replay(self, state: StateColumns, day: int, rows: Ints, leases: Ints) -> None:
        """Overwrite what the totals said of these leases."""
        events = Standing.sorted(self._payments, rows, self._n)
        found = replayed_state(
            self._receivables, events, terms=self._terms, as_of=state.as_of, which=leases
        )
        for column in fields(StateColumns):
            if column.name != "as_of":
                getattr(state, column.name)[leases] = getattr(found, column.name)[leases]

    def _by_reference(self, state: StateColumns, day: int, rows: Ints) -> None:
        """Overwrite what was said of the leases whose contract was changed: one by one."""
        events = Standing.sorted(self._payments, rows, self._n)
        for lease, contract in self._amended.items():
            put_state(state, lease, replay_one(contract, events, lease, as_of=day).allocation())

    def principal_of(self, lease: Ints, money: Ints) -> Ints:
        """What of so much money of a lease (by position, may repeat) has paid principal."""
        return self._paid(lease, money)[3]

    def payoff_of(self, lease: Ints, day: Ints) -> Ints:
        """`allocation.payoff` of leases (by position, may repeat), each on its own day."""
        first, last = self._debts_before[lease], self._debts_before[lease + 1]
        due_to = self._due_by(lease, day)
        due = self._amounts[due_to] - self._amounts[first]
        payoff: Ints = due + self._principals[last] - self._principals[due_to]
        return payoff

    def principal_in_all(self) -> Ints:
        """Each lease's principal that money can pay: all of its debts, options left out."""
        ends: Ints = self._principals[self._debts_before]
        return np.diff(ends)

    def _paid(self, lease: Ints, money: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """Debts paid in full and the one paid in part (positions), interest and principal paid."""
        money = np.maximum(money, 0)
        first, last = self._debts_before[lease], self._debts_before[lease + 1]
        paid_to = np.searchsorted(self._amounts, self._amounts[first] + money, side="right") - 1
        paid_to = np.minimum(paid_to, last)
        whole = self._amounts[paid_to] - self._amounts[first]
        part = np.where(paid_to < last, money - whole, 0)
        part_of = np.minimum(paid_to, max(len(self._due_day) - 1, 0))
        part_interest = np.minimum(part, np.diff(self._interests, append=0)[part_of])
        interest = self._interests[paid_to] - self._interests[first] + part_interest
        principal = self._principals[paid_to] - self._principals[first] + part - part_interest
        return paid_to, part_of, interest, principal

    def _money(self, rows: Ints) -> tuple[Ints, Ints, Ints, Ints]:
        """A lease's money received, refunds, recoveries, last settlement's day (or NEVER)."""
        lease, kind = self._payments.lease[rows], self._payments.kind[rows]
        amount = self._payments.amount[rows]
        recovery = kind == EVENT_CODES[EventKind.RECOVERY]
        money = (kind == EVENT_CODES[EventKind.RENT]) | (kind == _SETTLEMENT)
        # float64 sums of whole numbers are exact below 2**53 minor units a lease.
        sums = [
            np.bincount(lease[mask], amount[mask], self._n).astype(np.int64)
            for mask in (money, kind == _REFUND, recovery)
        ]
        settling = kind == _SETTLEMENT
        settlement = np.full(self._n, NEVER, np.int64)
        np.maximum.at(settlement, lease[settling], self._payments.effective[rows][settling])
        return sums[0], sums[1], sums[2], settlement

    def _due_by(self, lease: Ints, days: Ints) -> Ints:
        """For each of these leases the position after its last debt due on or before its day."""
        within = np.clip(days - self._day0, 0, self._width - 1)
        return np.searchsorted(self._position, lease * self._width + within, side="right")

    def _settled(self, settlement: Ints, money: Ints) -> tuple[Ints, Ints]:
        """The settlement's day where the money covers the payoff on it, else NEVER; the payoff."""
        days = np.where(settlement == NEVER, self._day0, settlement)
        payoff = self.payoff_of(np.arange(self._n), days)
        covered = (settlement != NEVER) & (money >= payoff)
        return np.where(covered, settlement, NEVER), payoff


_SETTLEMENT: Final = EVENT_CODES[EventKind.SETTLEMENT]
_REFUND: Final = EVENT_CODES[EventKind.REFUND]
_CHARGED: Final = ("late_interest", "late_paid", "fees", "fees_paid", "settlement")


def put_state(state: StateColumns, lease: int, found: Allocation) -> None:
    """The figures of one lease in its place of the columns."""
    one = found.state
    for column in fields(StateColumns):
        if column.name == "settled":
            state.settled[lease] = days_of(one.settled_on) if one.settled_on else NEVER
        elif column.name != "as_of":
            name = column.name if column.name in _PLAIN else f"{column.name}_minor"
            getattr(state, column.name)[lease] = getattr(one, name)


_PLAIN: Final = ("days_past_due", "oldest_unpaid", "unpaid_rents")


def replayed_state(
    receivables: ReceivableColumns,
    events: Standing,
    *,
    terms: TermsColumns,
    as_of: date,
    which: Ints | None = None,
) -> StateColumns:
    """The state of the leases `which` by replaying them; of others the figures mean nothing."""
    day = days_of(as_of)
    found = replay_many(receivables, events, terms=terms, as_of=day, which=which)
    rows, leases = found.rows, found.leases
    own = np.repeat(np.arange(receivables.leases), np.diff(receivables.offsets))
    debt = receivables.kind != _OPTION

    def total(values: Ints, of: Bools = debt) -> Ints:
        return np.bincount(own[of], values[of], receivables.leases).astype(np.int64)

    settled = leases[:, k.L_SETTLED]
    closed = (settled != k.NEVER)[own]
    ahead = rows[:, k.R_AHEAD_INTEREST] + rows[:, k.R_AHEAD_PRINCIPAL]
    rent_open = rows[:, k.R_INTEREST] + rows[:, k.R_PRINCIPAL] - ahead
    still_open = debt & ~closed & (rent_open > 0)
    fell_due = debt & (receivables.due <= day)
    interest = receivables.interest - rows[:, k.R_INTEREST] + rows[:, k.R_AHEAD_INTEREST]
    principal = receivables.principal - rows[:, k.R_PRINCIPAL] + rows[:, k.R_AHEAD_PRINCIPAL]
    number = np.arange(len(own)) - receivables.offsets[own] + 1
    oldest = np.full(receivables.leases, _NONE, np.int64)
    np.minimum.at(oldest, own[still_open], number[still_open])
    past = np.zeros(receivables.leases, np.int64)
    late = still_open & fell_due
    np.maximum.at(past, own[late], day - receivables.due[late].astype(np.int64))
    repaid = total(principal)
    return StateColumns(
        as_of=as_of,
        paid=leases[:, k.L_PAID].copy(),
        due=total(receivables.amount, fell_due),
        arrears=total(rent_open, late),
        days_past_due=past,
        oldest_unpaid=np.where(oldest == _NONE, 0, oldest),
        unpaid_rents=np.bincount(own[late], minlength=receivables.leases).astype(np.int64),
        interest_paid=total(interest),
        principal_paid=repaid,
        balance=np.where(
            settled == k.NEVER, total(receivables.principal, np.ones_like(debt)) - repaid, 0
        ),
        advance=total(ahead),
        excess=leases[:, k.L_CREDIT] - total(ahead),
        recovered=leases[:, k.L_RECOVERED].copy(),
        settled=settled.copy(),
        refunded=leases[:, k.L_REFUNDED].copy(),
        overdrawn=leases[:, k.L_OVERDRAWN].copy(),
        late_interest=total(rows[:, k.R_LATE]),
        late_paid=total(rows[:, k.R_LATE_PAID]),
        fees=total(rows[:, k.R_FEE]),
        fees_paid=total(rows[:, k.R_FEE_PAID]),
        settlement=leases[:, k.L_EXTRA].copy(),
    )


_NONE: Final = 2**40
