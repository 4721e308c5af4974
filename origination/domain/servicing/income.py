"""Income of a lease by its implicit rate, and how much of it is earned by a day.

The implicit rate is the one at which the present value of the lease payments and the unguaranteed
residual is the amount financed (IFRS 16 Appendix A; CAS 21). Under level rents and level principal
it is the contract's nominal rate, so a rental's interest is the income of its period. A flat fee
charges interest on the original amount all along: its income is worked out by the rate that its
flows imply, in decimals of 40 digits and the same on every machine, and is the same in all.
Inside a period income is earned evenly, day by day.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from decimal import Decimal, localcontext
from functools import lru_cache

from origination.domain.schedule import LeaseTerms, Pattern, Timing, schedule
from origination.domain.servicing.payoff import Contract
from origination.domain.servicing.rentals import half_up

_STEPS = 80


@lru_cache(maxsize=4096)
def earned_parts(terms: LeaseTerms) -> tuple[int, ...]:
    """Income of the period that ends with each receivable, in their order (minor units)."""
    rows = schedule(terms)
    if terms.pattern is not Pattern.FLAT_FEE:
        return tuple(row.interest_minor for row in rows)
    ahead = terms.timing is Timing.ADVANCE
    flows = [0] * (terms.term_months + 1)
    for row in rows:
        last = row.number > terms.term_months
        flows[terms.term_months if last else row.number - ahead] += row.amount_minor
    rate = _rate(terms.financed_minor, flows)
    total = sum(row.interest_minor for row in rows)
    parts: list[int] = []
    balance = terms.financed_minor - flows[0]
    for flow in flows[1:]:
        earned = min(total - sum(parts), max(0, int(balance * rate + Decimal("0.5"))))
        parts.append(earned)
        balance += earned - flow
    parts[-1] += total - sum(parts)
    by_row = [0] * len(rows)
    for period, earned in enumerate(parts, 1):
        by_row[min(period - 1 + ahead, len(rows) - 1)] += earned
    return tuple(by_row)


def _rate(financed: int, flows: Sequence[int]) -> Decimal:
    """The rate a period of these flows, zero where they bring nothing."""
    with localcontext() as context:
        context.prec = 40
        low, high = Decimal(0), Decimal(1)
        if sum(flows) <= financed:
            return low
        for _ in range(_STEPS):
            middle = (low + high) / 2
            value, discount = Decimal(0), Decimal(1)
            for flow in flows:
                value += flow * discount
                discount /= 1 + middle
            if value > financed:
                low = middle
            else:
                high = middle
        return low


def earned_by(contract: Contract, day: date) -> int:
    """Income earned from the beginning of the lease to the end of a day."""
    contract = contract.at(day)
    earned, begins = 0, contract.started_on
    by_due: dict[date, int] = {}
    for row, part in zip(contract.receivables, contract.income, strict=True):
        by_due[row.due_on] = by_due.get(row.due_on, 0) + part
    for due, part in by_due.items():
        if due <= day:
            earned += part
        elif begins < day:
            earned += half_up(part * (day - begins).days, (due - begins).days)
        begins = max(begins, due)
    return earned
