"""What the trust projected of persons, blanked when a content is destroyed at its source.

What the vehicle, the contract and its payments are stays: pools are made of it.
"""

from ledger.exchange.registry import ErasedRecord
from pools.models import Asset, AssetSearch


def blank_asset(erased: ErasedRecord) -> None:
    """Of the asset that this entry says last: who the lessee is, earns and works as.

    `obligor` can be guessed back from an identity number: the lease becomes a group of its own.
    """
    Asset.objects.filter(source=erased.source, rid=erased.rid, ledger_index=erased.index).update(
        obligor=erased.rid.replace("-", ""),
        lessee_income_monthly_minor=None,
        credit_score=None,
        employment="",
    )


def blank_searches(erased: ErasedRecord) -> None:
    """Holders of other rights, of a batch of searches."""
    leases = Asset.objects.filter(source=erased.source).values("rid")
    AssetSearch.objects.filter(ledger_index=erased.index, lease_rid__in=leases).update(holder="")
