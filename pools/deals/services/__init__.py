"""A deal's steps, keyword-only, one transaction each with its ledger entry (docs/deals.md)."""

from pools.deals.services.diligence import answer_diligence, close_diligence, measure_diligence
from pools.deals.services.disbursing import confirm_disbursement, instruct_disbursement
from pools.deals.services.facilities import cast_vote, propose_facility
from pools.deals.services.packaging import approve_pool, package_pool
from pools.deals.services.pledges import (
    cancel_pool,
    expire_pledges,
    purchase_pool,
    request_pledges,
)
from pools.deals.services.releasing import release_ended

__all__ = [
    "answer_diligence",
    "approve_pool",
    "cancel_pool",
    "cast_vote",
    "close_diligence",
    "confirm_disbursement",
    "expire_pledges",
    "instruct_disbursement",
    "measure_diligence",
    "package_pool",
    "propose_facility",
    "purchase_pool",
    "release_ended",
    "request_pledges",
]
