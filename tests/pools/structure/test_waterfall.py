"""The waterfall: cash is conserved, it equals a naive Decimal reference, bad terms are named."""

from __future__ import annotations

from dataclasses import replace
from datetime import date
from decimal import ROUND_HALF_UP, Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from pools.structure.forms import Form
from pools.structure.plain import canonical, from_plain, to_plain
from pools.structure.templates import StandardTerms, standard_deal
from pools.structure.terms import Deal, Kind, Split, Status, Step, Support, check_deal
from pools.structure.waterfall import Inflow, Standing, distribute
from tenants.problems import Invalid
from tests.pools.refusals import refused
from tests.pools.structure.deals import month_of, notes_deal

POOL = 1_000_000_00
TERMS = StandardTerms(
    form=Form.LOAN, senior_share=Decimal("0.7"), senior_rate=Decimal("0.045"),
    mezzanine_share=Decimal("0.1"), mezzanine_rate=Decimal("0.06"), support_minor=5_000_00,
)  # fmt: skip
DEAL = standard_deal(TERMS, POOL)

amounts = st.integers(0, 2 * POOL)


@st.composite
def inflows(draw: st.DrawFn) -> Inflow:
    opening = draw(amounts)
    return Inflow(
        start=date(2024, 1, 31), end=date(2024, 2, 29),
        income_minor=draw(amounts), principal_minor=draw(amounts),
        pool_opening_minor=opening, pool_closing_minor=draw(st.integers(0, opening)),
    )  # fmt: skip


@settings(max_examples=150, deadline=None)
@given(st.lists(inflows(), min_size=1, max_size=5), st.sampled_from(list(Status)))
def test_no_cent_is_made_or_lost(months: list[Inflow], status: Status) -> None:
    standing = Standing.at_start(DEAL, status=status)
    started, received, paid = standing.reserve_minor, 0, 0
    for inflow in months:
        result = distribute(DEAL, standing, inflow)
        standing = result.standing
        received += inflow.income_minor + inflow.principal_minor + result.support_minor
        moved = (Kind.RESERVE, Kind.RELEASE)
        paid += sum(line.paid_minor for line in result.lines if line.kind not in moved)
        assert all(0 <= line.paid_minor <= line.due_minor for line in result.lines)
        assert all(sum(x.sources.values()) == x.paid_minor for x in result.lines)
        assert min(standing.balances.values()) >= 0
    assert started + received == paid + standing.reserve_minor + sum(standing.carried.values())
    assert standing.support_used_minor <= 5_000_00


def naive_standard(inflow: Inflow) -> dict[str, Decimal]:
    """The ordinary waterfall of the standard deal in its first month, written out in Decimal."""

    def cents(value: Decimal) -> Decimal:
        return value.quantize(Decimal("0.01"), rounding=ROUND_HALF_UP)

    income, principal = Decimal(inflow.income_minor) / 100, Decimal(inflow.principal_minor) / 100
    opening, closing = (
        Decimal(x) / 100 for x in (inflow.pool_opening_minor, inflow.pool_closing_minor)
    )
    notes = {"senior": Decimal(700_000), "mezzanine": Decimal(100_000)}
    notes["subordinated"] = Decimal(200_000)
    cash, reserve, support = income + principal, Decimal(10_000), Decimal(5_000)
    if closing == 0:
        cash, reserve = cash + reserve, Decimal(0)
    paid: dict[str, Decimal] = {}
    month = Decimal(29) / 360  # 30/360 from 31 January to 29 February
    dues = [
        ("trustee", cents(opening * Decimal("0.002") * month)),
        ("custody", Decimal(5_000)),
        ("servicing", cents(opening * Decimal("0.004") * month)),
        ("senior interest", cents(notes["senior"] * Decimal("0.045") * month)),
        ("mezzanine interest", cents(notes["mezzanine"] * Decimal("0.06") * month)),
    ]
    for name, due in dues:
        paid[name] = min(due, cash + reserve + support)
        from_cash = min(due, cash)
        from_reserve = min(due - from_cash, reserve)
        support -= min(due - from_cash - from_reserve, support)
        cash, reserve = cash - from_cash, reserve - from_reserve
    owed = max(Decimal(0), sum(notes.values()) - closing)
    for name, balance in notes.items():
        paid[f"{name} principal"] = min(owed, balance, cash)
        owed -= min(owed, balance)
        cash -= paid[f"{name} principal"]
    top_up = Decimal(0) if closing == 0 else min(cash, Decimal(10_000) - reserve)
    paid["residual"] = cash - top_up
    return paid


@settings(max_examples=150, deadline=None)
@given(inflows())
def test_equals_the_naive_decimal_reference(inflow: Inflow) -> None:
    result = distribute(DEAL, Standing.at_start(DEAL), inflow)
    got = {name: result.paid(name) for name in ("trustee", "custody", "servicing")}
    for name in ("senior", "mezzanine"):
        got[f"{name} interest"] = result.paid(name, Kind.INTEREST)
    for name in ("senior", "mezzanine", "subordinated"):
        got[f"{name} principal"] = result.paid(name, Kind.PRINCIPAL)
    got["residual"] = result.paid("subordinated holders")
    assert got == {name: int(value * 100) for name, value in naive_standard(inflow).items()}


def test_interest_not_paid_is_carried_and_paid_later() -> None:
    deal = standard_deal(replace(TERMS, support_minor=0, reserve_share=Decimal(0)), POOL)
    dry = replace(month_of(POOL, POOL, 0), principal_minor=0)
    first = distribute(deal, Standing.at_start(deal), dry)
    senior = 70_000_000 * 45 // 1000 // 12
    assert first.standing.unpaid["senior"] == senior
    second = distribute(deal, first.standing, month_of(POOL, POOL, 100_000_00))
    assert second.paid("senior", Kind.INTEREST) == 2 * senior
    assert second.standing.unpaid == {}


def test_pro_rata_interest_splits_a_shortage_to_the_cent() -> None:
    step = Step(
        "interest", Kind.INTEREST, ("income",), ("senior", "mezzanine"), split=Split.PRO_RATA
    )
    deal = replace(DEAL, steps=(step,))
    result = distribute(deal, Standing.at_start(deal), month_of(POOL, POOL, 100_001))
    dues = [line.due_minor for line in result.lines]
    paid = [line.paid_minor for line in result.lines]
    assert sum(paid) == 100_001
    assert paid[0] == round(100_001 * dues[0] / sum(dues))


def test_fee_cap_makes_the_rest_wait() -> None:
    fee = replace(DEAL.fee("custody"), cap_minor=200_000)
    deal = replace(DEAL, fees=(DEAL.fee("trustee"), fee, DEAL.fee("servicing")))
    result = distribute(deal, Standing.at_start(deal), month_of(POOL, POOL, POOL))
    assert result.paid("custody") == 200_000
    assert result.standing.unpaid == {"custody": 300_000}


def codes(deal: Deal) -> set[str]:
    with pytest.raises(Invalid) as caught:
        check_deal(deal)
    return {error.code for error in caught.value.errors}


def test_the_whole_deal_is_checked_before_it_runs() -> None:
    by_trust = replace(DEAL, support=Support("trustee", 1))
    assert codes(by_trust) == {"support_by_trust"}
    assert codes(replace(DEAL, support=None)) == {"support_missing"}
    assert codes(replace(DEAL, reserve=None)) == {"reserve_missing"}
    no_senior = replace(DEAL, steps=tuple(s for s in DEAL.steps if s.id != "senior-interest"))
    assert codes(no_senior) == {"interest_never_paid"}
    late = [s for s in DEAL.steps if s.id == "turbo-senior"]
    upside_down = tuple(s for s in DEAL.steps if s.id != "turbo-senior") + tuple(late)
    assert codes(replace(DEAL, steps=upside_down)) == {"junior_before_senior"}
    strange = Step("x", Kind.FEE, ("petty cash",), ("nobody",))
    assert codes(replace(DEAL, steps=(*DEAL.steps, strange))) == {
        "source_unknown", "payee_unknown",
    }  # fmt: skip


def test_support_by_the_lessor_is_recourse() -> None:
    sale = replace(TERMS, form=Form.ASSIGNMENT)
    assert standard_deal(sale, POOL).has_recourse
    assert not standard_deal(replace(sale, support_minor=0), POOL).has_recourse


def test_negative_money_is_refused() -> None:
    with refused("inflow_negative"):
        distribute(DEAL, Standing.at_start(DEAL), month_of(POOL, POOL, -1))


def test_terms_survive_their_plain_form() -> None:
    assert from_plain(Deal, to_plain(DEAL)) == DEAL
    assert canonical(from_plain(Deal, to_plain(DEAL))) == canonical(DEAL)
    with refused("terms_malformed"):
        from_plain(Deal, {**to_plain(DEAL), "bonus": "1"})
    assert from_plain(Deal, to_plain(notes_deal(DEAL.tranches, POOL))).steps[0].id == "interest"
