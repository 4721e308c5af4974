"""The shared leases and their money as a `Book`: all of them, or those due for a roll."""

from datetime import date
from uuid import UUID

import polars as pl

from monitoring.book import Book
from pools.projection.frames import read_frame, read_payments

_LEASES = """
    SELECT asset.rid AS lease_rid, asset.source AS lessor_id, lease.pool_id, contract_number,
           asset.currency, financed_amount_minor, rent_minor, asset.annual_nominal_rate,
           term_months, first_payment_on, maturity_on, rent_pattern, rent_timing, residual_minor,
           residual_kind, changes
    FROM pools_asset AS asset JOIN monitoring_watchedlease AS lease ON lease.lease_rid = asset.rid
"""
# A lease's standing changes when something arrived, or when its oldest unpaid rental falls due.
_DUE = """
    LEFT JOIN monitoring_assetperformance AS position
        ON position.lease_rid = asset.rid AND position.lessor_id = asset.source
    WHERE lease.touched OR position.oldest_unpaid_on <= %s
"""


def load_book(*, due_on: date | None = None) -> Book:
    """Every shared lease, or those whose standing can have changed by the end of `due_on`."""
    if due_on is None:
        leases = read_frame(f"{_LEASES} ORDER BY asset.rid")
        return Book(leases, read_payments(leases["lease_rid"]))
    leases = read_frame(f"{_LEASES} {_DUE} ORDER BY asset.rid", [due_on])
    return Book(leases, read_payments(leases["lease_rid"], only_these=True))


def lessors_terms(source: UUID) -> pl.DataFrame:
    """The terms of one lessor's shared leases."""
    return read_frame(f"{_LEASES} WHERE asset.source = %s ORDER BY asset.rid", [source])
