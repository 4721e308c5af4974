"""The trust's own books for the title registry's map: what it holds, and what it looks at."""

from collections.abc import Iterator
from uuid import UUID

from ledger.titles.books import Claim, Holding, Subject
from pools.deals.pledging import RIGHT
from pools.models import Asset, Pool, PoolAsset, PoolState

_HOLDING = (PoolState.REQUESTED, PoolState.PURCHASED, PoolState.DISBURSED)


def holdings() -> Iterator[Holding]:
    """Receivables of live members of pools that asked for them, or bought them."""
    members = PoolAsset.objects.filter(live=True, pool__state__in=_HOLDING)
    for pk, asset_id, vin in members.values_list("pk", "asset_id", "asset__vin"):
        yield Holding(asset_id, RIGHT, f"vin:{vin}", str(pk))


def asset_screened(subject_id: UUID) -> Subject | None:
    """An asset: its vehicle as its lessor's signed record names it."""
    vin = Asset.objects.filter(pk=subject_id).values_list("vin", flat=True).first()
    return None if vin is None else Subject(vin, [Claim(subject_id, RIGHT, f"vin:{vin}")])


def pool_screened(subject_id: UUID) -> Subject | None:
    """A pool: all its members that are still in it."""
    pool = Pool.objects.filter(pk=subject_id).first()
    if pool is None:
        return None
    members = pool.members.filter(live=True).order_by("pk").values_list("asset_id", "asset__vin")
    return Subject(pool.name, [Claim(asset, RIGHT, f"vin:{vin}") for asset, vin in members])
