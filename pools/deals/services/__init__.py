"""A deal's steps, keyword-only, one transaction each with its ledger entry (docs/deals.md)."""

from pools.deals.services.diligence import answer_diligence, close_diligence, measure_diligence
from pools.deals.services.facilities import cast_vote, propose_facility

__all__ = [
    "answer_diligence",
    "cast_vote",
    "close_diligence",
    "measure_diligence",
    "propose_facility",
]
