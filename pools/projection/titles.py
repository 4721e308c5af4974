"""The trust's own books for the title registry's map: what it holds, and what it looks at."""

from collections.abc import Iterator
from uuid import UUID

from ledger.titles.books import Holding
from pools.deals.pledging import RIGHT
from pools.models import Asset, PoolAsset, PoolState

_HOLDING = (PoolState.REQUESTED, PoolState.PURCHASED, PoolState.DISBURSED)


def holdings() -> Iterator[Holding]:
    """Receivables of live members of pools that asked for them, or bought them."""
    members = PoolAsset.objects.filter(live=True, pool__state__in=_HOLDING)
    for pk, asset_id, vin in members.values_list("pk", "asset_id", "asset__vin"):
        yield Holding(asset_id, RIGHT, f"vin:{vin}", str(pk))


def screened(claim_id: UUID) -> str | None:
    """The vehicle of an asset, as its lessor's signed record names it."""
    vin = Asset.objects.filter(pk=claim_id).values_list("vin", flat=True).first()
    return None if vin is None else f"vin:{vin}"
