"""One lease from its contract and its events, as of a day and as known at an instant.

Nothing is stored: a back-dated, partial, late or reversed payment gives the same figures whenever
it arrives. Rules, all of them deterministic (decision 0015):
- An event counts when its effective day is on or before `as_of` and it was known by `known_at`.
- A reversal that counts cancels the whole payment it names (bank reference, unique in a lease).
- Money pays what is due in the order of the terms, the oldest rental first. What is beyond stays
  credit, pays later rentals on their due days (before that day's money), oldest money first, or is
  refunded. A refund beyond the credit opens again what was paid last; if nothing was (or the lease
  is settled) it is a debt that the next money pays first.
- A rental is past due from the day after its due day. Late interest runs on its open rent.
- A settlement closes the lease once money covers what settles it on the settlement's day; short of
  that it pays like a rent, and later money may complete it. A closed lease stays closed.
- A change of the contract counts from the end of its day: rentals that are not due are replaced.
- An unguaranteed residual is no debt. Recoveries (proceeds after default) cure nothing.
`columns` derives the same for a whole portfolio at once.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from origination.domain.schedule import Receivable, ReceivableKind
from origination.domain.servicing.events import EventKind, PaymentEvent, standing_events
from origination.domain.servicing.payoff import Contract, Payoff, quoted
from origination.domain.servicing.position import Allocation, Line
from origination.domain.servicing.reading import allocation_of
from origination.domain.servicing.rentals import NEVER, Rental, oldest_first
from origination.domain.servicing.terms import NO_CHARGES, Part, ServicingTerms

_FIELDS = {part: f"{part.value}_minor" for part in Part}


@dataclass(slots=True)
class Lot:
    """Money of one bank line that has paid nothing yet, and the day on which it came."""

    reference: str
    amount: int
    day: int


@dataclass(slots=True)
class _Settling:
    """A settlement that money does not cover yet: how all stood before it, and what came since."""

    at: int  # the place of its event
    day: int
    missing: int
    interest: int  # of the broken period
    charge: int
    rentals: list[Rental]
    lots: list[Lot]
    lines: int
    overdrawn: int
    due: int
    refunds: list[int] = field(default_factory=list)


class Replay:
    """A lease replayed to the end of `as_of`: read it with `allocation`, `payoff` or `journal`.

    `lots` is the credit, oldest first; it has not been laid over later rentals. Days are ordinals.
    Raises ValueError for a doubled bank reference.
    """

    def __init__(
        self, contract: Contract, events: Iterable[PaymentEvent], *, as_of: date, known_at: datetime
    ) -> None:
        self.contract, self.as_of, self.known_at = contract, as_of, known_at
        self.events = tuple(events)
        self.rentals = _rentals(contract.receivables)
        self.lines: list[Line] = []
        self.lots: list[Lot] = []
        self.paid = self.recovered = self.refunded = self.overdrawn = 0
        self.settled_day = self.closed_day = NEVER
        self.closing_interest = self.closing_charge = 0
        self._due = 0  # rentals that have fallen due
        self._revised = 0  # changes of the contract that count
        self._settling: _Settling | None = None
        self.standing = standing_events(self.events, as_of=as_of, known_at=known_at)
        self._at = 0  # the place of the event that is being taken
        for place, event in enumerate(self.standing):
            self._at = place
            self._take(event)
        self._run(as_of.toordinal())

    @property
    def settled_on(self) -> date | None:
        return date.fromordinal(self.settled_day) if self.settled_day else None

    @property
    def due(self) -> list[Rental]:
        """Rentals that have fallen due; of a settled lease those of before its settlement."""
        return self.rentals[: self._due]

    @property
    def later(self) -> list[Rental]:
        return self.rentals[self._due :]

    def allocation(self) -> Allocation:
        """State, rentals and lines."""
        return allocation_of(self)

    def payoff(self) -> Payoff:
        """What settles the lease at the end of `as_of`."""
        return self._quote(self.as_of)

    def _quote(self, day: date) -> Payoff:
        closed = bool(self.settled_day)
        return quoted(
            self.contract,
            [] if closed else self.due,
            [] if closed else self.later,
            day=day,
            credit_minor=sum(lot.amount for lot in self.lots),
            overdrawn_minor=self.overdrawn,
        )

    def _take(self, event: PaymentEvent) -> None:
        day, amount = event.effective_on.toordinal(), event.amount_minor
        if event.kind is EventKind.RECOVERY:
            self.recovered += amount
            return
        self._run(day)
        if event.kind is EventKind.REFUND:
            self._pay_back(event.reference, amount, day)
            return
        self.paid += amount
        if event.kind is EventKind.SETTLEMENT and not self.settled_day:
            self._settling = self._open(event.effective_on)
        self.lots.append(Lot(event.reference, amount, day))
        if self._settling is not None:
            self._settling.missing -= amount
            if self._settling.missing <= 0:
                self._close(self._settling, day)
        self._cover_overdrawn(day)
        if not self.settled_day:
            self._pay_due(day)

    def _run(self, day: int) -> None:
        """What happens by itself until a day: rentals fall due, late interest runs, reminders."""
        if self.settled_day:
            return
        for revision in self.contract.revisions[self._revised :]:
            if revision.on.toordinal() > day:
                break
            self._fall_due(revision.on.toordinal())
            self._revised += 1
            self.rentals[self._due :] = [
                rental
                for rental in _rentals(revision.receivables)
                if rental.receivable.due_on > revision.on
            ]
        self._fall_due(day)
        for rental in self.due:
            rental.remind(day, self.contract.terms)
            rental.run(day, self.contract.terms.late_interest)

    def _fall_due(self, day: int) -> None:
        while self._due < len(self.rentals) and self.rentals[self._due].due <= day:
            due = self.rentals[self._due].due
            self._due += 1
            self._pay_due(due)

    def _pay_due(self, day: int) -> None:
        """Money that has paid nothing yet pays what is due."""
        if self.lots:
            terms = self.contract.terms
            self._pay(oldest_first(self.due, terms), on=day, charged=day)

    def _pay(self, wanted: Iterable[tuple[Rental, Part]], *, on: int, charged: int) -> None:
        """Money pays these parts in turn; late interest as charged by a day."""
        terms = self.contract.terms
        done: dict[tuple[str, int], dict[str, int]] = {}
        for rental, part in wanted:
            owed = rental.open_part(part, charged, terms)
            while owed and self.lots:
                lot = self.lots[0]
                amount = min(owed, lot.amount)
                rental.pay(part, amount, day=charged, covering=lot.day, terms=terms)
                parts = done.setdefault((lot.reference, rental.receivable.number), {})
                parts[_FIELDS[part]] = parts.get(_FIELDS[part], 0) + amount
                if part is Part.PENALTY:
                    parts["charged_minor"] = rental.late_interest(charged, terms.late_interest)
                owed -= amount
                self._spend(amount)
        day = date.fromordinal(on)
        self.lines += [_line(key, day, parts) for key, parts in done.items()]

    def _spend(self, amount: int) -> None:
        lot = self.lots[0]
        lot.amount -= amount
        if not lot.amount:
            self.lots.pop(0)

    def _pay_back(self, reference: str, amount: int, day: int) -> None:
        """A refund is taken from the oldest credit, then from what was paid last."""
        self.refunded += amount
        self.overdrawn += amount
        if self._settling is not None:
            self._settling.missing += amount
            self._settling.refunds.append(amount)
        self._cover_overdrawn(day)
        if not self.settled_day:
            self._take_back(reference, day)

    def _take_back(self, reference: str, day: int) -> None:
        """What a refund pays back of rentals is open on them again, from that day on."""
        terms, on = self.contract.terms, date.fromordinal(day)
        for rental, part in reversed([*oldest_first(self.due, terms)]):
            amount = min(self.overdrawn, rental.paid_part(part))
            if amount:
                rental.pay(part, -amount, day=day, covering=NEVER, terms=terms)
                number = rental.receivable.number
                self.lines.append(_line((reference, number), on, {_FIELDS[part]: -amount}))
                self.overdrawn -= amount

    def _cover_overdrawn(self, day: int) -> None:
        self.overdrawn -= self._consume(self.overdrawn, "refunded_minor", day)

    def _consume(self, amount: int, name: str, day: int) -> int:
        """Spend up to so much of the credit on what is no rental; how much it was."""
        left = amount
        while left and self.lots:
            part = min(left, self.lots[0].amount)
            key = self.lots[0].reference, 0
            self.lines.append(_line(key, date.fromordinal(day), {name: part}))
            self._spend(part)
            left -= part
        return amount - left

    def _open(self, day: date) -> _Settling:
        quote = self._quote(day)
        return _Settling(
            at=self._at,
            day=day.toordinal(),
            missing=quote.total_minor,
            interest=quote.period_interest_minor,
            charge=quote.charge_minor,
            rentals=[rental.copy() for rental in self.rentals],
            lots=[Lot(lot.reference, lot.amount, lot.day) for lot in self.lots],
            lines=len(self.lines),
            overdrawn=self.overdrawn,
            due=self._due,
        )

    def _close(self, settling: _Settling, day: int) -> None:
        """The lease ends on the settlement's day: all money since then goes to what settles it."""
        self.lots = settling.lots + self._since(settling)
        self.rentals, self._due = settling.rentals, settling.due
        self.overdrawn = settling.overdrawn + sum(settling.refunds)
        del self.lines[settling.lines :]
        self.settled_day, self.closed_day, self._settling = settling.day, day, None
        self._cover_overdrawn(day)
        wanted = [*oldest_first(self.due, self.contract.terms)]
        wanted += [(rental, Part.PRINCIPAL) for rental in self.later]
        self._pay(wanted, on=day, charged=settling.day)
        self.closing_interest, self.closing_charge = settling.interest, settling.charge
        self._consume(settling.interest + settling.charge, "settlement_minor", day)

    def _since(self, settling: _Settling) -> list[Lot]:
        """The money that came since a settlement was opened, whatever it has paid meanwhile."""
        paying = (EventKind.RENT, EventKind.SETTLEMENT)
        return [
            Lot(event.reference, event.amount_minor, event.effective_on.toordinal())
            for event in self.standing[settling.at : self._at + 1]
            if event.kind in paying
        ]


def _rentals(rows: Iterable[Receivable]) -> list[Rental]:
    """What is owed of them: an option is nobody's debt."""
    return [Rental.of(row) for row in rows if row.kind is not ReceivableKind.OPTION]


def _line(of: tuple[str, int], on: date, parts: Mapping[str, Any]) -> Line:
    """A line of (reference, number of the rental) on a day."""
    return Line(of[0], of[1], on=on, **parts)


def allocate_payments(
    receivables: Sequence[Receivable],
    events: Iterable[PaymentEvent],
    *,
    as_of: date,
    known_at: datetime,
    terms: ServicingTerms = NO_CHARGES,
    started_on: date | None = None,
) -> Allocation:
    """A lease's state as of a day from its receivables and events (see the module's rules).

    `started_on` is asked for where `terms` say something of settlements.
    """
    first = started_on or (receivables[0].due_on if receivables else as_of)
    contract = Contract(receivables, first, terms)
    return Replay(contract, events, as_of=as_of, known_at=known_at).allocation()
