"""An indicative circular: every performing lease that is watched, under the house's standard terms.

Says before any deal what one would look like. Hazards are what the portfolio itself has shown, as
constant monthly rates; the order of payments is run for real over the projected cash.
"""

from datetime import date, datetime
from decimal import Decimal
from uuid import UUID

import numpy as np
import polars as pl
from django.conf import settings
from django.db import connection
from django.utils.translation import gettext_noop

from ledger import selectors as ledger
from ledger.core.encoding import b64
from pools.cashflow.projection import AssetColumns, Assumptions, Projection, project_pool
from pools.circular.content import (
    CashMonth,
    CircularContent,
    LedgerPoint,
    Party,
    RuleLine,
    StepLine,
    TrancheLine,
)
from pools.circular.issue import issue_circular
from pools.circular.strats import by_range
from pools.models import IssuedDocument
from pools.structure.forms import Form
from pools.structure.templates import StandardTerms, standard_deal
from pools.structure.terms import Deal
from pools.structure.tranching import DealProjection, add_months, minor_flows, project_deal
from tenants.context import current_tenant
from tenants.models import Tenant
from tenants.problems import Refused

RECOVERY_LAG_MONTHS = 6
YOUNGEST_MONTHS = 3
INDICATIVE_ID = UUID(int=1)
_TERMS = StandardTerms(
    form=Form.PROPERTY_RIGHTS_TRUST,
    senior_share=Decimal("0.80"),
    senior_rate=Decimal("0.032"),
    mezzanine_share=Decimal("0.10"),
    mezzanine_rate=Decimal("0.045"),
)
_ROWS = """
    SELECT lessor_id::text, position.currency, balance_minor, annual_rate::float8, days_past_due,
           defaulted_on IS NOT NULL, default_balance_minor, recovered_minor, term_months,
           (date_part('year', age(as_of, first_payment_on)) * 12
            + date_part('month', age(as_of, first_payment_on)))::int + 1, maturity_on > as_of
    FROM monitoring_assetperformance AS position
    JOIN pools_asset AS asset ON rid = lease_rid AND source = lessor_id
    ORDER BY lease_rid
"""
_COLUMNS = {
    "lessor_id": pl.String, "currency": pl.String, "balance_minor": pl.Int64,
    "annual_rate": pl.Float64, "days": pl.Int64, "defaulted": pl.Boolean,
    "default_balance": pl.Int64, "recovered": pl.Int64, "term": pl.Int64, "age": pl.Int64,
    "open_ended": pl.Boolean,
}  # fmt: skip


def issue_indicative_circular(
    *, language: str, by: UUID, at: datetime, as_of: date
) -> IssuedDocument:
    """Issue the indicative circular of what is watched today.

    Raises Refused when no performing lease is watched.
    """
    content = indicative_content(as_of=as_of, at=at)
    return issue_circular(pool_id=INDICATIVE_ID, content=content, language=language, by=by, at=at)


def indicative_content(*, as_of: date, at: datetime) -> CircularContent:
    """The figures of the indicative circular; the same portfolio gives the same content."""
    with connection.cursor() as cursor:
        cursor.execute(_ROWS)
        watched = pl.DataFrame(cursor.fetchall(), schema=_COLUMNS, orient="row")
    watched = watched.with_columns(remaining=pl.col("term") - pl.col("age"))
    rules, eligible = _screen(watched)
    if eligible.is_empty():
        raise Refused(detail="No performing lease is watched.", mend="Roll the portfolio first.")
    flow = _project(eligible, _observed(watched))
    total = int(eligible["balance_minor"].sum())
    deal = standard_deal(_TERMS, total)
    projected = project_deal(deal, flow, closing_on=as_of)
    trust = current_tenant()
    return CircularContent(
        pool_name=f"{trust.name} indicative {as_of:%Y-%m}",
        reference=f"IND-{as_of:%Y%m%d}",
        trustee=f"{trust.name_zh} {trust.name}".strip(),
        cut_off=as_of,
        issued_on=at.date(),
        form=_TERMS.form.value,
        currency=deal.currency,
        parties=_parties(trust, eligible),
        assets=eligible.height,
        balance_minor=total,
        net_value_minor=None,
        weighted_rate=_mean(eligible, "annual_rate"),
        weighted_remaining_months=_mean(eligible, "remaining"),
        weighted_age_months=_mean(eligible, "age"),
        weighted_default_probability=None,
        largest_obligor_share=None,
        stratifications=_strata(eligible),
        tranches=_tranches(deal, projected, total),
        steps=[
            StepLine(step.kind.value, step.payees, step.sources, sorted(s.value for s in step.when))
            for step in deal.steps
        ],
        rules=rules,
        limits=[],
        cash_flow=_months(flow, projected, as_of),
        models=[],
        ledger=_ledger_point(),
        simulated=trust.is_demo,
    )


def _screen(watched: pl.DataFrame) -> tuple[list[RuleLine], pl.DataFrame]:
    """Who is refused for what; one lease may fail several rules."""
    on_offer = watched.filter(pl.col("balance_minor") > 0)
    criteria = [
        ("late", gettext_noop("A rent is past due"), pl.col("days") > 0),
        ("defaulted", gettext_noop("The lease has been in default"), pl.col("defaulted")),
        ("young", gettext_noop("Fewer than three rents have fallen due"),
         pl.col("age") < YOUNGEST_MONTHS),
        ("ending", gettext_noop("No rent is left to fall due"), pl.col("remaining") < 1),
    ]  # fmt: skip
    lines = [RuleLine(c, reason, on_offer.filter(fails).height) for c, reason, fails in criteria]
    return lines, on_offer.filter(~pl.any_horizontal([fails for _c, _r, fails in criteria]))


def _observed(watched: pl.DataFrame) -> Assumptions:
    """Constant monthly hazards and severity, as this portfolio has shown them so far."""
    months = max(int(watched["age"].clip(lower_bound=0).sum()), 1)
    defaulted = watched.filter("defaulted")
    settled = watched.filter(
        (pl.col("balance_minor") == 0) & pl.col("open_ended") & ~pl.col("defaulted")
    )
    gross = int(defaulted["default_balance"].sum())
    recovered = int(defaulted["recovered"].sum())
    return Assumptions.constant(
        mdr=defaulted.height / months,
        smm=settled.height / months,
        lag_months=RECOVERY_LAG_MONTHS,
        severity=min(1.0, max(0.0, 1 - recovered / gross)) if gross else 1.0,
    )


def _project(eligible: pl.DataFrame, assumptions: Assumptions) -> Projection:
    columns = AssetColumns.of(
        balance=eligible["balance_minor"].to_numpy(),
        annual_rate=eligible["annual_rate"].to_numpy(),
        remaining=eligible["remaining"].to_numpy(),
        age=eligible["age"].to_numpy(),
    )
    return project_pool(columns, assumptions)


def _mean(frame: pl.DataFrame, name: str) -> Decimal:
    balance = frame["balance_minor"].to_numpy().astype(np.float64)
    value = float(np.average(frame[name].to_numpy().astype(np.float64), weights=balance))
    return Decimal(str(round(value, 6)))


def _strata(eligible: pl.DataFrame) -> list:
    money, months = [2e6, 4e6, 6e6, 8e6, 10e6], [6, 12, 24, 36]
    return [
        by_range(eligible, "balance_minor", code="balance", edges=money,
                 labels=["< 20,000", "20,000–40,000", "40,000–60,000", "60,000–80,000",
                         "80,000–100,000", "≥ 100,000"]),
        by_range(eligible, "annual_rate", code="rate", edges=[0.06, 0.08, 0.10, 0.12],
                 labels=["< 6%", "6–8%", "8–10%", "10–12%", "≥ 12%"]),
        by_range(eligible, "remaining", code="remaining", edges=months,
                 labels=["< 6", "6–11", "12–23", "24–35", "≥ 36"]),
        by_range(eligible, "age", code="age", edges=months,
                 labels=["< 6", "6–11", "12–23", "24–35", "≥ 36"]),
    ]  # fmt: skip


def _parties(trust: Tenant, eligible: pl.DataFrame) -> list[Party]:
    lessors = Tenant.objects.filter(pk__in=eligible["lessor_id"].unique().to_list())
    names = [f"{one.name_zh} {one.name}".strip() for one in lessors.order_by("name")]
    own = Party("trustee", f"{trust.name_zh} {trust.name}".strip())
    return [*(Party("originator", name) for name in names), own]


def _tranches(deal: Deal, projected: DealProjection, total: int) -> list[TrancheLine]:
    flows = {flow.name: flow for flow in projected.tranches}
    lines = []
    for one in deal.tranches:
        below = sum(other.original_minor for other in deal.tranches if other.rank > one.rank)
        wal = flows[one.name].wal_years
        lines.append(
            TrancheLine(
                name=one.name,
                rank=one.rank,
                original_minor=one.original_minor,
                rate=one.rate,
                share=Decimal(one.original_minor) / total,
                support=Decimal(below) / total,
                index=one.index,
                wal_years=None if wal is None else Decimal(str(round(wal, 2))),
            )
        )
    return lines


def _months(flow: Projection, projected: DealProjection, as_of: date) -> list[CashMonth]:
    """The pool's months until the notes are called or repaid."""
    columns = [
        minor_flows(values)
        for values in (
            flow.amortisation, flow.prepayment, flow.new_default, flow.recovery, flow.interest
        )
    ]  # fmt: skip
    balance = [round(flow.opening), *(round(value) for value in flow.performing)]
    return [
        CashMonth(
            add_months(as_of, k + 1),
            balance[k],
            *(int(values[k]) for values in columns),
            balance[k + 1],
            tuple(tranche.balance_minor[k] for tranche in projected.tranches),
        )
        for k in range(len(projected.months))
    ]


def _ledger_point() -> LedgerPoint | None:
    checkpoint, head = ledger.latest_checkpoint(), ledger.head()
    if checkpoint is None or head is None:
        return None
    host = f"{connection.schema_name}.{settings.PLATFORM_DOMAIN}"
    return LedgerPoint(
        origin=head.origin,
        size=checkpoint.size,
        root=b64(bytes(checkpoint.root)),
        sealed_at=checkpoint.sealed_at,
        pool_index=None,
        verify_url=f"http://{host}:{settings.PORT}/documents/check/",
    )
