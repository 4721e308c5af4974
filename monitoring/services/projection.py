"""Verified entries mark the leases that they touch; `pools` keeps what they say."""

import polars as pl

from ledger.exchange.registry import VerifiedBatch
from origination.copying import text_array
from tenants.database.bound import run_bound

_WATCH = """
    INSERT INTO monitoring_watchedlease (lease_rid, touched)
    SELECT rid, true FROM unnest(%s::text[]::uuid[]) AS new (rid)
    ON CONFLICT (lease_rid) DO UPDATE SET touched = true
"""
_TOUCH = """
    UPDATE monitoring_watchedlease SET touched = true
    WHERE NOT touched AND lease_rid = ANY(%s::text[]::uuid[])
"""


def watch_leases(batch: VerifiedBatch) -> None:
    """Follow leases from the first that is heard of them; new terms are due for a roll."""
    _run(_WATCH, batch.rids)


def mark_changed_leases(batch: VerifiedBatch) -> None:
    """Mark the leases whose contract or life moved."""
    _run(_TOUCH, batch.rids)


def mark_paid_leases(batch: VerifiedBatch) -> None:
    """Mark the leases of a batch's bank lines for the next roll-forward."""
    if rids := batch.items.get("lease_rid"):
        _run(_TOUCH, rids)


def _run(query: str, rids: list[str]) -> None:
    run_bound(query, [text_array(pl.Series(rids).unique())])
