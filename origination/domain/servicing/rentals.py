"""One rental while its lease is replayed: what is open on it and what late interest it bears.

Days are whole numbers (`date.toordinal`), amounts minor units.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

from origination.domain.schedule import Receivable
from origination.domain.servicing.terms import (
    DAILY_SCALE,
    SHARE_SCALE,
    LateBase,
    LateInterest,
    Part,
    ServicingTerms,
)

#: A day before every other.
NEVER: Final = 0


def half_up(numerator: int, denominator: int) -> int:
    """A non-negative fraction rounded half up."""
    return (2 * numerator + denominator) // (2 * denominator)


@dataclass(slots=True)
class Rental:
    """`segments`: (from, to, base) of the days on which late interest ran on one base."""

    receivable: Receivable
    due: int
    interest_open: int
    principal_open: int
    late_paid: int = 0
    fee: int = 0
    fee_day: int = NEVER
    fee_paid: int = 0
    run_to: int = NEVER
    covered_on: int = NEVER  # the day of the money that paid the last of its rent
    segments: list[tuple[int, int, int]] = field(default_factory=list)

    @classmethod
    def of(cls, receivable: Receivable) -> Rental:
        """A rental on which nothing has happened."""
        due = receivable.due_on.toordinal()
        nothing = receivable.amount_minor == 0
        return cls(
            receivable, due, receivable.interest_minor, receivable.principal_minor,
            run_to=due, covered_on=due if nothing else NEVER,
        )  # fmt: skip

    @property
    def rent_open(self) -> int:
        return self.interest_open + self.principal_open

    def copy(self) -> Rental:
        """As it stands now, to go back to."""
        return Rental(
            self.receivable, self.due, self.interest_open, self.principal_open, self.late_paid,
            self.fee, self.fee_day, self.fee_paid, self.run_to, self.covered_on,
            list(self.segments),
        )  # fmt: skip

    def run(self, day: int, rule: LateInterest | None) -> None:
        """Let late interest run until a day; what is paid within the grace bears none."""
        if day <= self.run_to:
            return
        if rule is not None:
            base = self.rent_open if rule.base is LateBase.RENT else self.principal_open
            if base:
                self.segments.append((self.run_to, day, base))
        self.run_to = day

    def late_interest(self, day: int, rule: LateInterest | None) -> int:
        """Late interest charged by a day (inclusive), rounded half up once, within its cap."""
        if rule is None or day <= self.due + rule.grace_days:
            return 0
        days = sum(
            base * (min(to, day) - start) for start, to, base in self.segments if start < day
        )
        charged = half_up(days * rule.daily_rate, DAILY_SCALE)
        if not rule.cap:
            return charged
        return min(charged, half_up(self.receivable.amount_minor * rule.cap, SHARE_SCALE))

    def open_parts(self, day: int, terms: ServicingTerms) -> dict[Part, int]:
        """What of it is open on a day, part by part."""
        return {part: self.open_part(part, day, terms) for part in Part}

    def open_part(self, part: Part, day: int, terms: ServicingTerms) -> int:
        """What of one part is open on a day."""
        if part is Part.PENALTY:
            return self.late_interest(day, terms.late_interest) - self.late_paid
        if part is Part.FEE:
            return self.fee - self.fee_paid
        return self.interest_open if part is Part.INTEREST else self.principal_open

    def paid_part(self, part: Part) -> int:
        """What has been paid on one part."""
        if part is Part.PENALTY:
            return self.late_paid
        if part is Part.FEE:
            return self.fee_paid
        if part is Part.INTEREST:
            return self.receivable.interest_minor - self.interest_open
        return self.receivable.principal_minor - self.principal_open

    def pay(
        self, part: Part, amount: int, *, day: int, covering: int, terms: ServicingTerms
    ) -> None:
        """Money on a part, on a day (below zero: taken back); `covering` is when it came."""
        before = self.rent_open
        if part is Part.PENALTY:
            self.late_paid += amount
        elif part is Part.FEE:
            self.fee_paid += amount
        elif part is Part.INTEREST:
            self.interest_open -= amount
        else:
            self.principal_open -= amount
        if self.rent_open:
            self.covered_on = NEVER
        elif before:
            self.covered_on = covering
            rule = terms.late_interest
            if rule is not None and day <= self.due + rule.grace_days:
                self.segments.clear()

    def remind(self, day: int, terms: ServicingTerms) -> None:
        """Charge the reminder fee if the rental is open when its day begins."""
        rule = terms.reminder_fee
        if rule and self.fee_day == NEVER and self.rent_open and day >= self.due + rule.after_days:
            self.fee, self.fee_day = rule.amount_minor, self.due + rule.after_days


def oldest_first(rentals: Iterable[Rental], terms: ServicingTerms) -> Iterable[tuple[Rental, Part]]:
    """The order in which money pays what is due."""
    rows = list(rentals)
    if terms.by_rental:
        return ((rental, part) for rental in rows for part in terms.order)
    return ((rental, part) for part in terms.order for rental in rows)
