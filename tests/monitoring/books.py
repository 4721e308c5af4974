"""Small books of leases for tests: rent due on the 15th, paid or not."""

from datetime import UTC, date, datetime, time
from decimal import Decimal
from uuid import UUID, uuid4

import polars as pl

from monitoring.book import Book
from origination.domain.months import add_months
from origination.domain.schedule import level_rent
from origination.domain.servicing.payment_columns import EVENT_SCHEMA

FIRST = date(2026, 1, 15)
TERM = 24
FINANCED = 10_000_000
RATE = Decimal("0.0896")
RENT = level_rent(financed_minor=FINANCED, annual_nominal_rate=RATE, term_months=TERM)


def a_lease(*, lessor_id: UUID, pool_id: UUID | None = None, number: int = 1) -> dict:
    """One row of a book's leases."""
    return {
        "lease_rid": str(uuid4()),
        "lessor_id": str(lessor_id),
        "pool_id": None if pool_id is None else str(pool_id),
        "contract_number": f"AD-{number}",
        "currency": "CNY",
        "financed_amount_minor": str(FINANCED),
        "rent_minor": str(RENT),
        "annual_nominal_rate": str(RATE),
        "term_months": str(TERM),
        "first_payment_on": FIRST.isoformat(),
        "maturity_on": add_months(FIRST, TERM - 1).isoformat(),
        "rent_pattern": "level",
        "rent_timing": "arrears",
        "residual_minor": "0",
        "residual_kind": "nominal_purchase",
    }


def book_of(leases: list[dict], paid_rents: list[int]) -> Book:
    """Lease i has paid its first `paid_rents[i]` rents, each on its due day."""
    events = [
        {
            "lease": i,
            "kind": "rent",
            "amount_minor": RENT,
            "effective_on": due,
            "known_at": datetime.combine(due, time(), UTC),
            "reference": f"{i}-{k}",
            "reverses": "",
        }
        for i, paid in enumerate(paid_rents)
        for k in range(paid)
        for due in [add_months(FIRST, k)]
    ]
    schema = {"pool_id": pl.String}
    return Book(pl.DataFrame(leases, schema_overrides=schema), pl.DataFrame(events, EVENT_SCHEMA))
