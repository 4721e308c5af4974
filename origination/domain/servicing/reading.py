"""What a replay comes to: the credit laid over coming rentals, each rental, the lease's state."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import TYPE_CHECKING

from origination.domain.servicing.position import Allocation, LeaseState, Line, RentalPosition
from origination.domain.servicing.rentals import Rental

if TYPE_CHECKING:
    from origination.domain.servicing.replay import Replay


def allocation_of(replay: Replay) -> Allocation:
    """State, rentals and lines; lines of the credit come last."""
    ahead, covered, excess = _ahead(replay)
    lines = (*replay.lines, *ahead)
    rentals = tuple(_position(replay, rental, covered) for rental in replay.rentals)
    return Allocation(_state(replay, lines, rentals, excess), lines, rentals)


def _ahead(replay: Replay) -> tuple[list[Line], dict[int, tuple[int, int]], int]:
    """Lines of the credit; by rental what it covers and the day of its last money; the rest."""
    lines: list[Line] = []
    covered: dict[int, tuple[int, int]] = {}
    later = [] if replay.settled_day else [r for r in replay.later if r.rent_open]
    at, excess = 0, 0
    for lot in replay.lots:
        amount = lot.amount
        while amount and at < len(later):
            rental = later[at]
            number, (paid, _) = (
                rental.receivable.number,
                covered.get(rental.receivable.number, (0, 0)),
            )
            part = min(amount, rental.rent_open - paid)
            interest = max(0, min(part, rental.interest_open - paid))
            lines.append(
                Line(lot.reference, number, interest, part - interest, on=replay.as_of, ahead=True)
            )
            covered[number], amount = (paid + part, lot.day), amount - part
            at += paid + part == rental.rent_open
        if amount:
            excess += amount
            lines.append(Line(lot.reference, 0, excess_minor=amount, on=replay.as_of))
    return lines, covered, excess


def _position(
    replay: Replay, rental: Rental, covered: dict[int, tuple[int, int]]
) -> RentalPosition:
    row, day = rental.receivable, replay.as_of.toordinal()
    late = rental.late_interest(replay.settled_day or day, replay.contract.terms.late_interest)
    ahead, ahead_on = covered.get(row.number, (0, 0))
    open_ = 0 if replay.settled_day else rental.rent_open - ahead
    covered_on = rental.covered_on or (0 if open_ else ahead_on)
    return RentalPosition(
        receivable=row,
        paid_minor=row.amount_minor - rental.rent_open + ahead,
        open_minor=open_,
        late_interest_minor=late,
        late_open_minor=late - rental.late_paid,
        fee_minor=rental.fee,
        fee_open_minor=rental.fee - rental.fee_paid,
        days_past_due=max(0, day - rental.due) if open_ else 0,
        covered_on=date.fromordinal(covered_on) if covered_on else None,
    )


def _state(
    replay: Replay, lines: Sequence[Line], rentals: Sequence[RentalPosition], excess: int
) -> LeaseState:
    day = replay.as_of
    fell_due = [r for r in rentals if r.receivable.due_on <= day]
    past = [r for r in fell_due if r.open_minor]
    oldest = next((r.receivable.number for r in rentals if r.open_minor), 0)
    repaid = sum(line.principal_minor for line in lines)
    financed = sum(r.principal_minor for r in replay.contract.receivables)
    return LeaseState(
        as_of=day,
        paid_minor=replay.paid,
        due_minor=sum(r.receivable.amount_minor for r in fell_due),
        arrears_minor=sum(r.open_minor for r in past),
        days_past_due=max((r.days_past_due for r in past), default=0),
        oldest_unpaid=oldest,
        unpaid_rents=len(past),
        interest_paid_minor=sum(line.interest_minor for line in lines),
        principal_paid_minor=repaid,
        balance_minor=0 if replay.settled_day else financed - repaid,
        advance_minor=sum(line.amount_minor for line in lines if line.ahead),
        excess_minor=excess,
        recovered_minor=replay.recovered,
        settled_on=replay.settled_on,
        refunded_minor=replay.refunded,
        overdrawn_minor=replay.overdrawn,
        late_interest_minor=sum(r.late_interest_minor for r in rentals),
        late_paid_minor=sum(line.penalty_minor for line in lines),
        fees_minor=sum(r.fee_minor for r in rentals),
        fees_paid_minor=sum(line.fee_minor for line in lines),
        settlement_minor=sum(line.settlement_minor for line in lines),
    )
