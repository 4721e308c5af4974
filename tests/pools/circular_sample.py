"""A circular's content made of plain numbers, for tests and for looking at the pages."""

from datetime import UTC, date, datetime
from decimal import Decimal

import polars as pl

from origination.domain.months import add_months
from pools.circular.content import (
    CashMonth,
    CircularContent,
    LedgerPoint,
    LimitLine,
    ModelReport,
    Party,
    RuleLine,
    Statistic,
    StepLine,
    TrancheLine,
)
from pools.circular.strats import by_category, by_range

PROVINCES = {"44": "广东省", "32": "江苏省", "33": "浙江省", "31": "上海市", "51": "四川省"}
ALWAYS = ("revolving", "amortising", "accelerated", "defaulted")


def _frame() -> pl.DataFrame:
    rows = 400
    return pl.DataFrame(
        {
            "balance_minor": [3_000_000 + 17_389 * (i % 251) for i in range(rows)],
            "annual_rate": [0.06 + 0.0005 * (i % 120) for i in range(rows)],
            "province": [list(PROVINCES)[(i * i) % 5] for i in range(rows)],
            "energy": [("bev", "petrol", "phev")[i % 3] for i in range(rows)],
            "remaining": [6 + (i * 7) % 42 for i in range(rows)],
        }
    )


def _months(pool_minor: int, notes: list[int]) -> list[CashMonth]:
    months, opening, left = [], pool_minor, list(notes)
    for k in range(36):
        scheduled, prepaid, defaulted = opening // (37 - k), opening // 200, opening // 900
        closing = opening - scheduled - prepaid - defaulted
        payable = scheduled + prepaid
        for i, owed in enumerate(left):
            left[i] = owed - min(owed, payable)
            payable -= owed - left[i]
        months.append(
            CashMonth(
                month=add_months(date(2026, 4, 1), k),
                opening_minor=opening,
                scheduled_minor=scheduled,
                prepaid_minor=prepaid,
                defaulted_minor=defaulted,
                recovered_minor=defaulted // 3,
                interest_minor=opening * 7 // 1000,
                closing_minor=closing,
                notes_minor=tuple(left),
            )
        )
        opening = closing
    return months


def sample_content() -> CircularContent:
    """Four hundred leases, three classes of notes, both tests of one model."""
    frame = _frame()
    total = int(frame["balance_minor"].sum())
    notes = [total * 80 // 100, total * 12 // 100, total * 8 // 100]
    tranches = [
        TrancheLine("优先A", 1, notes[0], Decimal("0.031"), Decimal("0.8"), Decimal("0.2"),
                    wal_years=Decimal("1.21")),
        TrancheLine("优先B", 2, notes[1], Decimal("0.042"), Decimal("0.12"), Decimal("0.08"),
                    wal_years=Decimal("2.3")),
        TrancheLine("次级", 3, notes[2], Decimal(0), Decimal("0.08"), Decimal(0)),
    ]  # fmt: skip
    statistics = [
        Statistic("auc", 0.7312, 0.7012, 0.7604),
        Statistic("ks", 0.35, 0.31, 0.39),
        Statistic("calibration_slope", 1.04, 0.9, 1.18),
    ]
    deciles = [(0.002 * (k + 1), 0.0019 * (k + 1) + 0.0005) for k in range(10)]
    return CircularContent(
        pool_name="Huaxin Auto Lease 2026-1",
        reference="HX-2026-0001",
        trustee="华信信托 Huaxin Trust",
        cut_off=date(2026, 3, 1),
        issued_on=date(2026, 3, 16),
        form="property_rights_trust",
        currency="CNY",
        parties=[Party("originator", "安达租赁 Anda Leasing"), Party("trustee", "华信信托")],
        assets=frame.height,
        balance_minor=total,
        net_value_minor=total * 96 // 100,
        weighted_rate=Decimal("0.0892"),
        weighted_remaining_months=Decimal("24.3"),
        weighted_age_months=Decimal("9.8"),
        weighted_default_probability=Decimal("0.0174"),
        largest_obligor_share=Decimal("0.0041"),
        stratifications=[
            by_range(
                frame,
                "balance_minor",
                code="balance",
                edges=[4e6, 5e6, 6e6, 7e6],
                labels=["< 40,000", "40,000–50,000", "50,000–60,000", "60,000–70,000", "> 70,000"],
            ),
            by_range(
                frame,
                "remaining",
                code="remaining",
                edges=[12, 24, 36],
                labels=["1–11", "12–23", "24–35", "36+"],
            ),
            by_category(frame, "province", code="province", labels=PROVINCES),
            by_category(frame, "energy", code="energy"),
        ],
        tranches=tranches,
        steps=[
            StepLine("fee", ["trustee", "servicer"], ["income"], ALWAYS),
            StepLine("interest", ["优先A", "优先B"], ["income", "reserve"], ALWAYS),
            StepLine("principal", ["优先A"], ["principal"], ("amortising", "accelerated")),
            StepLine("residual", ["次级"], ["income", "principal"], ("amortising",)),
        ],
        rules=[
            RuleLine("seasoning", "The lease is younger than three months", 312),
            RuleLine("delinquent", "The lease is past due", 845),
        ],
        limits=[LimitLine("obligor", "One obligor", "2%", "0.41%", True)],
        cash_flow=_months(total, notes),
        models=[
            ModelReport("origination-pd 3", "alpha", "pass", 18_204, 312, statistics, deciles),
            ModelReport(
                "origination-pd 3", "beta", "too_few_events", 4_100, 11,
                [Statistic("ratio", 0.92, 0.46, 1.65)], simulated_time=True,
            ),
        ],
        ledger=LedgerPoint(
            origin="localhost/ledger/1f2e",
            size=51_204,
            root="q3Z0fJgmL0mUq0X1p8VYxk0l4p7C1d1m3n2b5c9h0yA=",
            sealed_at=datetime(2026, 3, 16, 8, 0, tzinfo=UTC),
            pool_index=50_998,
            verify_url="http://trust.localhost:8000/documents/verify/HX-2026-0001",
        ),
        simulated=True,
    )  # fmt: skip
