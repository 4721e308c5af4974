"""What a replay answers: the state of a lease, of each rental, and the lines that explain it."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from origination.domain.schedule import Receivable


@dataclass(frozen=True, slots=True)
class Line:
    """What one bank line did: on one rental, or with `receivable` 0 on none of them.

    `on` is the day on which it did it (credit pays a rental on its due day); `ahead` marks what the
    credit covers of rentals that are not due. `settlement_minor` is the interest of the broken
    period and the charge of an early settlement, `refunded_minor` what was paid back,
    `excess_minor` credit beyond all rentals. The lines of a payment add up to its amount;
    those of a refund are below zero: what it opened again.
    `charged_minor` is not part of it: the late interest charged on the rental by that day, where
    some of it is paid.
    """

    reference: str
    receivable: int
    interest_minor: int = 0
    principal_minor: int = 0
    excess_minor: int = 0
    penalty_minor: int = 0
    fee_minor: int = 0
    settlement_minor: int = 0
    refunded_minor: int = 0
    charged_minor: int = 0
    on: date = date.min
    ahead: bool = False

    @property
    def amount_minor(self) -> int:
        """All of it."""
        return (
            self.interest_minor + self.principal_minor + self.excess_minor + self.penalty_minor
            + self.fee_minor + self.settlement_minor + self.refunded_minor
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class RentalPosition:
    """One rental as of a day. `paid_minor` is rent only, with what the credit covers ahead.

    `covered_on` is the day of the money that paid the last of it. Days past due are of its rent.
    """

    receivable: Receivable
    paid_minor: int
    open_minor: int
    late_interest_minor: int
    late_open_minor: int
    fee_minor: int
    fee_open_minor: int
    days_past_due: int
    covered_on: date | None

    @property
    def owed_minor(self) -> int:
        """Rent, late interest and fee that are open."""
        return self.open_minor + self.late_open_minor + self.fee_open_minor


@dataclass(frozen=True, slots=True)
class LeaseState:
    """A lease as of a day. Amounts in minor units.

    `balance_minor` is the principal not yet repaid (an unguaranteed residual included until
    settlement), `due_minor` what fell due by the day, `arrears_minor` what of it is unpaid (late
    interest and fees stand apart). Credit is money beyond what is due: `advance_minor` of it covers
    rentals to come, `excess_minor` is beyond them all; interest, principal and balance count what
    is covered. `overdrawn_minor` was refunded without ever being there. A settled lease has no
    balance, arrears or days past due.
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
    refunded_minor: int = 0
    overdrawn_minor: int = 0
    late_interest_minor: int = 0
    late_paid_minor: int = 0
    fees_minor: int = 0
    fees_paid_minor: int = 0
    settlement_minor: int = 0

    @property
    def late_open_minor(self) -> int:
        """Late interest charged and not paid."""
        return self.late_interest_minor - self.late_paid_minor

    @property
    def fees_open_minor(self) -> int:
        """Fees charged and not paid."""
        return self.fees_minor - self.fees_paid_minor

    @property
    def credit_minor(self) -> int:
        """Money that has paid nothing yet: it can be refunded."""
        return self.advance_minor + self.excess_minor

    @property
    def owed_minor(self) -> int:
        """All that is to be paid today, less the credit."""
        return (
            self.arrears_minor + self.late_open_minor + self.fees_open_minor
            + self.overdrawn_minor
        )  # fmt: skip


@dataclass(frozen=True, slots=True)
class Allocation:
    """The state of a lease, of its rentals, and the lines that explain it."""

    state: LeaseState
    lines: tuple[Line, ...]
    rentals: tuple[RentalPosition, ...] = ()
