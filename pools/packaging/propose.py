"""Propose a pool: eligibility, packing, projection, price and tranches, in that order.

Pure. The candidates are a table with one row an asset; besides the fields that the rules name:
`asset` (text id), `balance_minor`, `net_value_minor` (whole minor units), `annual_nominal_rate`,
`remaining_months`, `age_months`, `balloon_minor`, `probability_of_default`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal

import numpy as np
import polars as pl

from pools.cashflow.projection import AssetColumns, Assumptions, Projection, project_pool
from pools.cashflow.speeds import monthly_from_annual
from pools.cashflow.yields import present_value
from pools.eligibility.concentration import Concentration, concentration
from pools.eligibility.evaluate import Evaluation, evaluate
from pools.eligibility.rules import Operator, RuleSet, check_rules
from pools.packing.choose import Packing, pack
from pools.packing.program import Groups, Mean
from pools.structure.funding import SUBORDINATED, Funding, fund
from pools.structure.templates import StandardTerms, standard_deal
from pools.structure.terms import Deal
from pools.structure.tranching import DealProjection, project_deal
from tenants.money import round_half_up
from tenants.problems import Refused


@dataclass(frozen=True, slots=True)
class PoolTerms:
    """What a committee votes on: the rules, the target, the price's yield and the structure."""

    rules: RuleSet
    target_minor: int
    price_yield: Decimal
    structure: StandardTerms
    cut_off: date
    annual_default: Decimal
    annual_prepayment: Decimal
    severity: Decimal
    lag_months: int = 6


@dataclass(frozen=True, slots=True)
class Proposal:
    """The chosen pool (`assets`, rows of the candidates) and everything derived from it."""

    evaluation: Evaluation
    packing: Packing
    assets: pl.DataFrame
    limits: Concentration
    flow: Projection
    price_minor: int
    deal: Deal
    projection: DealProjection
    funding: Funding


def propose(candidates: pl.DataFrame, terms: PoolTerms) -> Proposal:
    """Choose and structure a pool. The same table and terms give the same proposal.

    Raises `Invalid` for rules that cannot be evaluated, `Refused` where no pool exists.
    """
    check_rules(terms.rules)
    evaluation = evaluate(candidates, terms.rules.criteria)
    eligible = candidates.filter(evaluation.eligible)
    if eligible.is_empty():
        raise Refused(
            code="nothing_eligible",
            detail="None of the %(count)s assets satisfies every rule.",
            mend="Look at which rules fail most.",
            params={"count": candidates.height},
        )
    packing = pack(
        balance_minor=eligible["balance_minor"].cast(pl.Int64).to_numpy(),
        value=eligible["net_value_minor"].cast(pl.Float64).to_numpy(),
        target_minor=terms.target_minor,
        groups=_groups(eligible, terms.rules),
        means=_means(eligible, terms.rules),
    )
    assets = eligible.filter(pl.Series(packing.chosen))
    flow = project_pool(_columns(assets), assumptions_of(terms))
    price = int(round_half_up(Decimal(repr(present_value(flow.cash, float(terms.price_yield))))))
    deal = standard_deal(terms.structure, packing.balance_minor)
    funding = fund(deal, price)
    issued = {SUBORDINATED: funding.issue_minor}
    return Proposal(
        evaluation,
        packing,
        assets,
        concentration(assets, terms.rules),
        flow,
        price,
        deal,
        project_deal(deal, flow, closing_on=terms.cut_off, issued=issued),
        funding,
    )


def tally(votes: Mapping[str, bool], *, quorum: int) -> bool | None:
    """A committee's outcome: None below the quorum, else whether more approve than refuse.

    `votes` holds one vote a person; a tie refuses.
    """
    if len(votes) < quorum:
        return None
    approving = sum(votes.values())
    return approving > len(votes) - approving


def assumptions_of(terms: PoolTerms) -> Assumptions:
    """Constant speeds from the terms' annual ones."""
    return Assumptions.constant(
        mdr=monthly_from_annual(float(terms.annual_default)),
        smm=monthly_from_annual(float(terms.annual_prepayment)),
        lag_months=terms.lag_months,
        severity=float(terms.severity),
    )


def _columns(assets: pl.DataFrame) -> AssetColumns:
    risk = assets["probability_of_default"].cast(pl.Float64).to_numpy()
    mean = float(np.average(risk, weights=assets["balance_minor"].to_numpy()))
    return AssetColumns.of(
        balance=assets["balance_minor"].to_numpy(),
        annual_rate=assets["annual_nominal_rate"].to_numpy(),
        remaining=assets["remaining_months"].to_numpy(),
        age=assets["age_months"].to_numpy(),
        balloon=assets["balloon_minor"].to_numpy(),
        # The pool defaults at the committee's rate; the models say who is likelier to.
        default_multiplier=risk / mean if mean > 0 else 1.0,
    )


def _groups(assets: pl.DataFrame, rules: RuleSet) -> list[Groups]:
    groups = []
    for limit in rules.groups:
        values = assets[limit.field].cast(pl.String).fill_null("")
        codes = values.rank("dense").cast(pl.Int64).to_numpy() - 1
        if limit.only:
            codes = np.where(values.is_in(list(limit.only)).to_numpy(), codes, -1)
        # The largest n together hold at most n times what each may hold.
        groups.append(Groups(codes, float(limit.share) / limit.top))
    return groups


def _means(assets: pl.DataFrame, rules: RuleSet) -> list[Mean]:
    return [
        Mean(
            assets[limit.field].cast(pl.Float64).to_numpy(),
            float(limit.bound),
            limit.operator is Operator.AT_MOST,
        )
        for limit in rules.averages
    ]
