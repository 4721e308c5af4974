"""A contest was upheld against a right that a pool holds: what becomes of the pool's lease."""

from datetime import datetime
from uuid import UUID

from pools.deals.pledging import RIGHT, give_up, locked
from pools.deals.services.releasing import BOUGHT, give_back
from pools.models import PoolAsset, PoolState, ReleaseReason
from tenants.models import RightClaim
from tenants.registry import states_of


def release_contested(claim_id: UUID, right: str, at: datetime) -> None:
    """The registry has let go already: a bought pool gives the lease back, one that has only asked
    for it is given up, as it cannot be had as it was packaged. Repeating it does nothing.
    """
    member = PoolAsset.objects.filter(asset_id=claim_id, live=True).first()
    if right != RIGHT or member is None:
        return
    pool = locked(member.pool_id)
    if states_of(claim_ids=[claim_id], right=right).get(claim_id) in RightClaim.TAKEN:
        return  # taken anew since the decision, which was about something else
    if pool.state in BOUGHT:
        give_back(pool, {claim_id: ReleaseReason.CONTESTED}, at=at)
    elif pool.state == PoolState.REQUESTED:
        give_up([pool], reason="contested", at=at)
