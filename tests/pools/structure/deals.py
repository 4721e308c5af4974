"""Deals that the tests of the structure share."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pools.structure.forms import Form
from pools.structure.terms import Deal, Fee, Kind, Rule, Step, Tranche
from pools.structure.waterfall import Inflow, Standing


def cents(text: str) -> int:
    return int(Decimal(text.replace(",", "")) * 100)


def notes_deal(tranches: tuple[Tranche, ...], pool_minor: int) -> Deal:
    """Interest, then principal in sequence as the pool declines, as US auto leases do."""
    names = tuple(tranche.name for tranche in tranches)
    cash = ("income", "principal")
    return Deal(
        form=Form.ASSIGNMENT,
        currency="USD",
        original_pool_minor=pool_minor,
        tranches=tranches,
        fees=(),
        steps=(
            Step("interest", Kind.INTEREST, cash, names),
            Step("principal", Kind.PRINCIPAL, cash, names, Rule.POOL_DECLINE),
            Step("residual", Kind.RESIDUAL, cash, ("certificates",)),
        ),
    )


def month_of(before: int, after: int, income: int, start: date = date(2017, 8, 15)) -> Inflow:
    return Inflow(
        start=start,
        end=date(start.year, start.month + 1, start.day),
        income_minor=income,
        principal_minor=before - after,
        pool_opening_minor=before,
        pool_closing_minor=after,
    )


def standing_at(deal: Deal, balances: dict[str, int]) -> Standing:
    return Standing(status=Standing.at_start(deal).status, balances=balances)


__all__ = ["Fee", "cents", "month_of", "notes_deal", "standing_at"]
