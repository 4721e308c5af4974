"""Small portfolios of the generator, put through the real services."""

from datetime import UTC, datetime
from functools import lru_cache
from io import BytesIO

import polars as pl
from django_tenants.utils import tenant_context

from origination.generator.portfolio import Portfolio, generate
from origination.generator.spec import INDEPENDENT, PortfolioSpec
from origination.generator.tape import write_tape
from origination.models import Lease
from origination.services import import_tape, record_payments

AT = datetime(2026, 1, 5, 9, tzinfo=UTC)


@lru_cache(maxsize=4)
def small_portfolio(leases: int = 60, seed: int = 7) -> Portfolio:
    """One lessor's small book."""
    from dataclasses import replace

    return generate(PortfolioSpec(lessors=(replace(INDEPENDENT, leases=leases),), seed=seed))


def tape_bytes(portfolio: Portfolio) -> bytes:
    """The book as a CSV tape."""
    buffer = BytesIO()
    write_tape(portfolio, buffer)
    return buffer.getvalue()


def tape_of(records: list[dict[str, str]]) -> bytes:
    """These records as a CSV tape."""
    return pl.DataFrame(records).write_csv().encode()


def events_of(portfolio: Portfolio) -> pl.DataFrame:
    """Bank lines keyed by the rids of the imported leases."""
    rids = {number: str(rid) for number, rid in Lease.objects.values_list("contract_number", "rid")}
    numbers = portfolio.leases.select("lease_row", "contract_number")
    keyed = numbers.with_columns(
        lease_rid=pl.col("contract_number").replace_strict(rids, default=None)
    ).drop_nulls("lease_rid")
    return portfolio.payments.join(keyed, on="lease_row", maintain_order="left")


def load_book(tenant, *, by, leases: int = 60, at=AT) -> Portfolio:
    """Import a small tape and all its bank lines into a tenant."""
    portfolio = small_portfolio(leases)
    with tenant_context(tenant):
        report = import_tape(content=tape_bytes(portfolio), file_name="book.csv", by=by.pk, at=at)
        assert report.tape is not None, report.counts()
        record_payments(events=events_of(portfolio), at=at)
    return portfolio
