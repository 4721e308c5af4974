"""A pool's circular from what stands in the books: the decision's report, its run, its model.

Nothing is projected again: months, tranches, refusals and limits are those that the committee's
bundle holds (`Pool.report`), strata are cut from the members as the screening run saw them.
"""

from datetime import date, datetime
from decimal import Decimal
from typing import Any

import polars as pl
from django.conf import settings
from django.db import connection

from ledger import selectors as ledger
from ledger.core.encoding import b64
from pools.circular.content import (
    CashMonth,
    CircularContent,
    CleanUpCall,
    LedgerPoint,
    LimitLine,
    ModelReport,
    Party,
    RuleLine,
    Statistic,
    StepLine,
    TrancheLine,
)
from pools.circular.members import members_of, strata_of
from pools.models import Pool
from pools.packaging.propose import PoolTerms
from pools.structure.funding import fund
from pools.structure.plain import from_plain
from pools.structure.terms import Deal
from tenants.context import current_tenant
from tenants.models import Tenant


def content_of_pool(pool: Pool, *, at: datetime) -> CircularContent:
    """The figures of a pool's circular; the same books give the same content."""
    members, deal, report = members_of(pool), from_plain(Deal, pool.deal), pool.report
    terms = from_plain(PoolTerms, pool.facility.terms)
    trust = current_tenant()
    means = {name: _mean(members, name) for name in ("annual_rate", "remaining", "age",
                                                     "probability")}  # fmt: skip
    return CircularContent(
        pool_name=pool.name,
        reference=f"{pool.cut_off:%Y%m%d}-{pool.pk.hex[:8].upper()}",
        trustee=_name(trust),
        cut_off=pool.cut_off,
        issued_on=at.date(),
        form=deal.form.value,
        currency=pool.currency,
        parties=[*_originators(pool), Party("trustee", _name(trust))],
        assets=pool.assets,
        balance_minor=pool.balance_minor,
        net_value_minor=pool.net_value_minor,
        weighted_rate=means["annual_rate"],
        weighted_remaining_months=means["remaining"],
        weighted_age_months=means["age"],
        weighted_default_probability=means["probability"],
        largest_obligor_share=_largest(members),
        stratifications=strata_of(members),
        tranches=_tranches(deal, report),
        steps=[
            StepLine(step.kind.value, step.payees, step.sources, sorted(s.value for s in step.when))
            for step in deal.steps
        ],
        rules=[RuleLine(row["rule"], row["reason"], row["count"]) for row in report["failures"]],
        limits=[_limit(row) for row in report["limits"]],
        cash_flow=_months(pool, report),
        models=_models(pool),
        ledger=_ledger_point(pool),
        simulated=trust.is_demo,
        rule_set=terms.rules.id,
        price_yield=terms.price_yield,
        funding=fund(deal, pool.price_minor),
        call=_call(deal, report),
    )


def _call(deal: Deal, report: dict[str, Any]) -> CleanUpCall | None:
    """The clean-up call as agreed, and the month in which the projection uses it."""
    if deal.call_factor is None:
        return None
    called = report["called_in_month"]
    if called is None:
        return CleanUpCall(deal.call_factor)
    month = report["months"][called - 1]
    return CleanUpCall(deal.call_factor, date.fromisoformat(month["end"]), int(month["pool_minor"]))


def _name(tenant: Tenant) -> str:
    return f"{tenant.name_zh} {tenant.name}".strip()


def _originators(pool: Pool) -> list[Party]:
    sources = pool.members.values_list("source", flat=True).distinct()
    lessors = Tenant.objects.filter(pk__in=list(sources)).order_by("name")
    return [Party("originator", _name(one)) for one in lessors]


def _mean(members: pl.DataFrame, name: str) -> Decimal:
    balance = pl.col("balance_minor")
    value = members.select((pl.col(name) * balance).sum() / balance.sum()).item()
    return Decimal(str(round(value, 6)))


def _largest(members: pl.DataFrame) -> Decimal:
    groups = members.group_by("obligor").agg(pl.col("balance_minor").sum())
    share = Decimal(groups["balance_minor"].max()) / members["balance_minor"].sum()
    return share.quantize(Decimal("0.000001"))


def _tranches(deal: Deal, report: dict[str, Any]) -> list[TrancheLine]:
    total = sum(one.original_minor for one in deal.tranches)
    lives = {row["name"]: row["wal_years"] for row in report["tranches"]}
    return [
        TrancheLine(
            name=one.name,
            rank=one.rank,
            original_minor=one.original_minor,
            rate=one.rate,
            share=Decimal(one.original_minor) / total,
            support=Decimal(_below(deal, one.rank)) / total,
            index=one.index,
            wal_years=_years(lives.get(one.name)),
        )
        for one in deal.tranches
    ]


def _below(deal: Deal, rank: int) -> int:
    """What takes losses before a rank."""
    return sum(other.original_minor for other in deal.tranches if other.rank > rank)


def _years(life: float | None) -> Decimal | None:
    return None if life is None else Decimal(str(round(life, 2)))


def _limit(row: dict[str, Any]) -> LimitLine:
    return LimitLine(
        row["rule"], row["reason"], _figure(row["bound"]), _figure(row["value"]), row["holds"]
    )


def _figure(text: str) -> str:
    """A share as per cent; a count or a number of months as it is."""
    value = Decimal(text)
    if value <= 1:
        return f"{value * 100:.2f}%"
    return f"{value:.1f}".removesuffix(".0")


def _months(pool: Pool, report: dict[str, Any]) -> list[CashMonth]:
    """Until the notes are called or repaid."""
    flows = {row["name"]: row["balance_minor"] for row in report["tranches"]}
    last = max(len(balances) for balances in flows.values())
    opening, months = pool.balance_minor, []
    for k, row in enumerate(report["months"][:last]):
        months.append(
            CashMonth(
                month=date.fromisoformat(row["end"]),
                opening_minor=opening,
                scheduled_minor=row["scheduled_minor"],
                prepaid_minor=row["prepaid_minor"],
                defaulted_minor=row["defaulted_minor"],
                recovered_minor=row["recovered_minor"],
                interest_minor=row["interest_minor"],
                closing_minor=row["pool_minor"],
                notes_minor=tuple(balances[k] for balances in flows.values()),
            )
        )
        opening = row["pool_minor"]
    return months


def _models(pool: Pool) -> list[ModelReport]:
    """Both tests of the model behind the run, with figures and their intervals."""
    model = pool.run.model
    name = f"{model.family} {model.trained_as_of.isoformat()}"
    reports = []
    if model.alpha:
        reports.append(_alpha(name, model.alpha))
    if model.beta:
        reports.append(_beta(name, model.beta))
    return reports


def _alpha(name: str, report: dict[str, Any]) -> ModelReport:
    figures = report["probability"]
    statistics = [
        Statistic(code, part["value"], part["low"], part["high"])
        for code, part in figures["figures"].items()
    ]
    return ModelReport(
        model=name,
        test="alpha",
        verdict=report["verdict"],
        rows=figures["rows"],
        events=figures["events"],
        statistics=[*statistics, Statistic("psi_score", figures["psi_score"])],
        deciles=[(row["predicted"], row["realised"]) for row in figures["deciles"]],
    )


def _beta(name: str, report: dict[str, Any]) -> ModelReport:
    statistics = [
        Statistic(f"ratio_{row['event']}", row["ratio"], row["ratio_low"], row["ratio_high"])
        for row in report["counts"]
    ]
    if report["auc"] is not None:
        statistics.append(Statistic("auc", report["auc"]))
    return ModelReport(
        model=name,
        test="beta",
        verdict=report["verdict"],
        rows=report["rows"],
        events=sum(row["observed"] for row in report["counts"]),
        statistics=[*statistics, Statistic("psi_score", report["psi_score"])],
        simulated_time=report["simulated_time"],
    )


def _ledger_point(pool: Pool) -> LedgerPoint | None:
    checkpoint, head = ledger.latest_checkpoint(), ledger.head()
    if checkpoint is None or head is None:
        return None
    host = f"{connection.schema_name}.{settings.PLATFORM_DOMAIN}"
    return LedgerPoint(
        origin=head.origin,
        size=checkpoint.size,
        root=b64(bytes(checkpoint.root)),
        sealed_at=checkpoint.sealed_at,
        pool_index=pool.packaged_index,
        verify_url=f"http://{host}:{settings.PORT}/documents/check/",
    )
