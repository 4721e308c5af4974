"""What a total of money comes to on a lease on which nothing is charged.

Under terms that charge nothing, money pays debts in order, interest before principal: how much of
it there is says everything. `columns` does the same by binary search, `replay` step by step.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date

from origination.domain.schedule import Receivable


def payoff(debts: Sequence[Receivable], day: date) -> int:
    """Minor units that settle a lease on a day, before what was paid: all due, later principal."""
    due = sum(r.amount_minor for r in debts if r.due_on <= day)
    return due + sum(r.principal_minor for r in debts if r.due_on > day)


def principal_repaid(debts: Sequence[Receivable], money: int) -> int:
    """Principal that so much money repays."""
    repaid, money = 0, max(0, money)
    for debt in debts:
        money -= min(money, debt.interest_minor)
        part = min(money, debt.principal_minor)
        repaid, money = repaid + part, money - part
    return repaid
