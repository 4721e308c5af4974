"""Distributions of real trusts, from their servicer reports (SEC EX-99.1; Green Lion's report)."""

from __future__ import annotations

from datetime import date
from decimal import Decimal

from pools.structure.forms import Form
from pools.structure.terms import Deal, Fee, Kind, Status, Step, Target, Tranche, check_deal
from pools.structure.waterfall import Inflow, Standing, distribute
from tests.pools.structure.deals import cents, month_of, notes_deal


def test_nissan_2015_b_september_2017() -> None:
    before, after = cents("385,927,139.10"), cents("340,263,658.65")
    deal = notes_deal(
        (
            Tranche("A-3", 3, cents("32,677,367.28"), Decimal("0.0154")),
            Tranche("A-4", 4, cents("162,800,000.00"), Decimal("0.0170")),
        ),
        before,
    )
    check_deal(deal)
    result = distribute(deal, Standing.at_start(deal), month_of(before, after, cents("272,569.28")))
    assert result.paid("A-3", Kind.INTEREST) == cents("41,935.95")
    assert result.paid("A-4", Kind.INTEREST) == cents("230,633.33")
    assert result.paid("A-3", Kind.PRINCIPAL) == cents("32,677,367.28")
    assert result.paid("A-4", Kind.PRINCIPAL) == cents("12,986,113.17")
    assert result.standing.balances == {"A-3": 0, "A-4": cents("149,813,886.83")}
    assert result.paid("certificates") == 0 and not result.shortfalls


def test_nissan_2020_a_march_2020() -> None:
    before, after = cents("1,459,411,426.74"), cents("1,435,855,168.77")
    deal = notes_deal(
        (
            Tranche("A-1", 1, cents("117,371,647.60"), Decimal("0.0172183"), "ACT/360"),
            Tranche("A-2a", 2, cents("500,000,000"), Decimal("0.0180")),
            Tranche("A-2b", 2, cents("50,000,000"), Decimal("0.0024"), "ACT/360", "LIBOR"),
            Tranche("A-3", 3, cents("436,000,000"), Decimal("0.0184")),
            Tranche("A-4", 4, cents("107,500,000"), Decimal("0.0188")),
        ),
        before,
    )
    inflow = Inflow(
        start=date(2020, 3, 16), end=date(2020, 4, 15),
        income_minor=cents("2,000,000"), principal_minor=before - after,
        pool_opening_minor=before, pool_closing_minor=after,
        fixings={"LIBOR": Decimal("0.0059463")},
    )  # fmt: skip
    # 30/360 from the 15th to the 15th; the actual days of this period are 30.
    interest = distribute(deal, Standing.at_start(deal), inflow)
    assert interest.paid("A-1", Kind.INTEREST) == cents("168,411.69")
    assert interest.paid("A-2b", Kind.INTEREST) == cents("34,776.25")
    assert interest.paid("A-1", Kind.PRINCIPAL) == cents("23,556,257.97")
    level = distribute(
        deal, Standing.at_start(deal),
        Inflow(date(2020, 3, 15), date(2020, 4, 15), cents("2,000,000"), before - after, before,
               after, fixings={"LIBOR": Decimal("0.0059463")}),
    )  # fmt: skip
    assert level.paid("A-2a", Kind.INTEREST) == cents("750,000.00")
    assert level.paid("A-3", Kind.INTEREST) == cents("668,533.33")
    assert level.paid("A-4", Kind.INTEREST) == cents("168,416.67")


def green_lion() -> Deal:
    pool = cents("1,050,000,000")
    revolving = frozenset({Status.REVOLVING})
    return Deal(
        form=Form.ASSIGNMENT,
        currency="EUR",
        original_pool_minor=pool,
        tranches=(Tranche("A", 1, cents("1,000,000,000"), Decimal("0.02454"), "ACT/360"),),
        fees=tuple(Fee(name, invoiced=True) for name in ("auditors", "swap", "expense account")),
        steps=(
            Step("auditors", Kind.FEE, ("income",), ("auditors",)),
            Step("swap", Kind.FEE, ("income", "reserve"), ("swap",)),
            Step("interest", Kind.INTEREST, ("income", "reserve"), ("A",)),
            Step("reserve", Kind.RESERVE, ("income",)),
            Step("expenses", Kind.FEE, ("income",), ("expense account",)),
            Step("deferred price", Kind.RESIDUAL, ("income",), ("seller",)),
            Step("purchase", Kind.PURCHASE, ("principal",), ("seller",), when=revolving),
            Step("repay", Kind.PRINCIPAL, ("principal",), ("A",),
                 when=frozenset(Status) - revolving),
        ),
        reserve=Target(fixed_minor=cents("10,500,000")),
    )  # fmt: skip


def test_green_lion_2024_1_buys_receivables_and_keeps_what_is_left() -> None:
    deal = green_lion()
    check_deal(deal)
    pool = deal.original_pool_minor
    result = distribute(
        deal,
        Standing.at_start(deal, status=Status.REVOLVING),
        Inflow(
            start=date(2026, 1, 23), end=date(2026, 4, 23),
            income_minor=cents("13,615,514.93"), principal_minor=cents("43,486,011.27"),
            pool_opening_minor=pool, pool_closing_minor=pool,
            invoices={
                "auditors": cents("60,500.00"), "swap": cents("6,043,550.85"),
                "expense account": cents("39,997.09"),
            },
            purchase_minor=cents("43,486,010.58"),
        ),
    )  # fmt: skip
    paid = {(line.step, line.payee): line.paid_minor for line in result.lines}
    assert paid == {
        ("auditors", "auditors"): cents("60,500.00"),
        ("swap", "swap"): cents("6,043,550.85"),
        ("interest", "A"): cents("6,135,000.00"),
        ("reserve", "reserve"): 0,
        ("expenses", "expense account"): cents("39,997.09"),
        ("deferred price", "seller"): cents("1,336,466.99"),
        ("purchase", "seller"): cents("43,486,010.58"),
    }
    assert result.standing.carried == {"income": 0, "principal": cents("0.69")}
    assert result.standing.reserve_minor == cents("10,500,000")
