"""A proposal as the plain data that pages and papers read from `Pool.report`."""

from typing import Any

from pools.models import ScreeningRun
from pools.packaging.propose import PoolTerms, Proposal
from pools.structure.tranching import TrancheFlow, add_months, minor_flows

Plain = dict[str, Any]


def report_of(proposal: Proposal, terms: PoolTerms, run: ScreeningRun, candidates: int) -> Plain:
    """Failures by rule, limits as measured, averages, tranches with their flows, months.

    Amounts are whole minor units, shares and exact figures text, rates of projections floats.
    """
    return {
        "screening": {
            "run": str(run.pk),
            "as_of": run.as_of.isoformat(),
            "results_root": run.results_root,
            "model": str(run.model_id),
        },
        "candidates": candidates,
        "eligible": int(proposal.evaluation.eligible.sum()),
        "failures": _failures(proposal),
        "limits": _limits(proposal),
        "averages": _averages(proposal),
        "packing_gap": proposal.packing.gap,
        "target_minor": terms.target_minor,
        "tranches": [_tranche(flow, proposal) for flow in proposal.projection.tranches],
        "residual_minor": proposal.projection.residual_minor,
        "called_in_month": proposal.projection.called_in_month,
        "months": _months(proposal, terms),
    }


def _failures(proposal: Proposal) -> list[Plain]:
    counts = proposal.evaluation.counts()
    return [
        {"rule": item.id, "field": item.field, "reason": item.reason, "count": counts[item.id]}
        for item in proposal.evaluation.criteria
    ]


def _limits(proposal: Proposal) -> list[Plain]:
    return [
        {
            "rule": result.id,
            "field": result.limit.field,
            "reason": result.reason,
            "value": str(result.value),
            "bound": str(result.bound),
            "group": result.group,
            "holds": result.holds,
            "excess_minor": result.excess_minor,
        }
        for result in proposal.limits.results
    ]


def _averages(proposal: Proposal) -> dict[str, float]:
    """Weighted by balance."""
    weights = proposal.assets["balance_minor"]
    names = (
        "annual_nominal_rate", "remaining_months", "age_months", "probability_of_default",
        "financed_to_price",
    )  # fmt: skip
    return {
        name: float((proposal.assets[name] * weights).sum() / weights.sum())
        for name in names
        if name in proposal.assets.columns
    }


def _tranche(flow: TrancheFlow, proposal: Proposal) -> Plain:
    tranche = proposal.deal.tranche(flow.name)
    return {
        "name": flow.name,
        "rank": tranche.rank,
        "original_minor": tranche.original_minor,
        "rate": str(tranche.rate),
        "wal_years": flow.wal_years,
        "annual_yield": flow.annual_yield,
        "interest_minor": list(flow.interest_minor),
        "principal_minor": list(flow.principal_minor),
        "balance_minor": list(flow.balance_minor),
    }


def _months(proposal: Proposal, terms: PoolTerms) -> list[Plain]:
    flow = proposal.flow
    columns = {
        "interest_minor": flow.interest,
        "scheduled_minor": flow.amortisation,
        "prepaid_minor": flow.prepayment,
        "recovered_minor": flow.recovery,
        "defaulted_minor": flow.new_default,
        "lost_minor": flow.loss,
    }
    whole = {name: minor_flows(values).tolist() for name, values in columns.items()}
    return [
        {
            "month": k + 1,
            "end": add_months(terms.cut_off, k + 1).isoformat(),
            **{name: values[k] for name, values in whole.items()},
            "pool_minor": round(float(flow.performing[k])),
        }
        for k in range(flow.months)
    ]
