"""Verified entries mark the leases that they touch; `pools` keeps what they say."""

from django.db import connection

from ledger.exchange.registry import VerifiedBatch

_WATCH = """
    INSERT INTO monitoring_watchedlease (lease_rid, touched)
    SELECT DISTINCT rid, true FROM unnest(%s::uuid[]) AS new (rid)
    ON CONFLICT (lease_rid) DO UPDATE SET touched = true
"""
_TOUCH = """
    UPDATE monitoring_watchedlease SET touched = true
    WHERE NOT touched AND lease_rid = ANY(%s::uuid[])
"""


def watch_leases(batch: VerifiedBatch) -> None:
    """Follow leases from the first that is heard of them; new terms are due for a roll."""
    _run(_WATCH, batch.rids)


def mark_paid_leases(batch: VerifiedBatch) -> None:
    """Mark the leases of a batch's bank lines for the next roll-forward."""
    if rids := batch.items.get("lease_rid"):
        _run(_TOUCH, list(set(rids)))


def _run(query: str, rids: list[str]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(query, [rids])
