"""Giving rights back after the purchase: `pledge.released` with the leases as its items."""

from collections.abc import Mapping
from datetime import datetime
from uuid import UUID

from django.db import transaction

from ledger.drafts import Draft, item_table
from ledger.services import append_entries
from pools.deals import hooks
from pools.deals.endings import ended_leases
from pools.deals.pledging import RIGHT, locked
from pools.models import Pledge, PledgeState, Pool, PoolAsset, PoolState
from tenants.context import current_tenant
from tenants.registry import release_rights, retried

BOUGHT = frozenset({PoolState.PURCHASED, PoolState.DISBURSED})


@retried()
@transaction.atomic
def release_ended(*, pool: Pool, at: datetime) -> int:
    """Give back what `endings` says is over; returns how many leases. Repeating it does nothing."""
    pool = locked(pool.pk)
    if pool.state not in BOUGHT:
        return 0
    return give_back(pool, ended_leases(pool), at=at)


def give_back(pool: Pool, reasons: Mapping[UUID, str], *, at: datetime) -> int:
    """Release these leases of a locked, bought pool, each for its reason; once each."""
    found = pool.members.filter(asset_id__in=reasons, released_at=None)
    members = list(found.order_by("source", "asset_id"))
    if not members:
        return 0
    ids = [member.asset_id for member in members]
    release_rights(claim_ids=ids, right=RIGHT, holder=current_tenant().pk, at=at)
    for member in members:
        member.live, member.released_at = False, at
        member.release_reason = reasons[member.asset_id]
    PoolAsset.objects.bulk_update(members, ["live", "released_at", "release_reason"])
    hooks.given_back(pool, members)
    _write(pool, members, at)
    return len(members)


def _write(pool: Pool, members: list[PoolAsset], at: datetime) -> None:
    """One entry a lessor, under the id of its pledge."""
    pledges = list(pool.pledges.filter(lessor_id__in={m.source for m in members}).order_by("rid"))
    own = {pledge: [m for m in members if m.source == pledge.lessor_id] for pledge in pledges}
    entries = append_entries(drafts=[_draft(pool, *pair, at) for pair in own.items()])
    for (pledge, released), entry in zip(own.items(), entries, strict=True):
        for member in released:
            member.released_index = entry.index
        if not _remaining(pool, pledge):
            pledge.state = PledgeState.RELEASED
            pledge.save(update_fields=["state"])
    PoolAsset.objects.bulk_update(members, ["released_index"])


def _remaining(pool: Pool, pledge: Pledge) -> int:
    return pool.members.filter(source=pledge.lessor_id, released_at=None).count()


def _draft(pool: Pool, pledge: Pledge, members: list[PoolAsset], at: datetime) -> Draft:
    fields = {
        "pool": str(pool.pk),
        "lessor": str(pledge.lessor_id),
        "reason": "ended",
        "right": RIGHT,
        "leases": str(len(members)),
        "remaining": str(_remaining(pool, pledge)),
    }
    items = item_table(
        {
            "lease_rid": [str(member.asset_id) for member in members],
            "reason": [member.release_reason for member in members],
        }
    )
    return Draft.service(
        kind="pledge.released", rid=pledge.rid, fields=fields, ts=at, items=items
    )  # fmt: skip
