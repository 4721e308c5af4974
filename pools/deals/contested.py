"""Contests from a pool's side: what it may contest, and what follows when one is upheld."""

from datetime import datetime
from uuid import UUID

from pools.deals.pledging import RIGHT, give_up, locked, members_of
from pools.deals.services.releasing import BOUGHT, give_back
from pools.models import Asset, Pool, PoolAsset, PoolState, ReleaseReason
from tenants.models import RightClaim, RightState
from tenants.registry import availability_of, states_of


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


def taken_from(pool: Pool) -> list[Asset]:
    """Assets of an approved pool whose right cannot be reserved; none where nothing is to be."""
    if pool.state != PoolState.APPROVED:
        return []
    states = availability_of(claim_ids=members_of(pool), right=RIGHT)
    lost = [claim_id for claim_id, state in states.items() if state != RightState.CLAIMED]
    return list(Asset.objects.filter(pk__in=lost).order_by("contract_number"))
