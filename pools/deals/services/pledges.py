"""Asking lessors for the receivables, purchasing, and giving up."""

from datetime import datetime, timedelta
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_noop

from ledger.drafts import Draft, item_table
from ledger.services import append_entries
from pools.deals import hooks
from pools.deals.pledging import OPEN, RIGHT, give_up, locked, members_of, overdue, title_state
from pools.deals.problems import AssetsTaken, NotAccepted, PackagingRefused, WrongState
from pools.deals.titles import check_titles
from pools.models import Pledge, PledgeState, Pool, PoolState
from tenants.context import current_tenant
from tenants.money import allocate_minor
from tenants.registry import RightUnavailable, perfect_rights, reserve_rights, retried

ANSWER_WITHIN = timedelta(days=7)


@retried(AssetsTaken)
@transaction.atomic
def request_pledges(*, pool: Pool, by: UUID, at: datetime) -> list[Pledge]:
    """Reserve every receivable of an approved pool and ask its lessors, all or nothing.

    One `pledge.requested` a lessor, whose items are its leases. Repeating it changes nothing.
    Raises `AssetsTaken` when somebody was faster: the pool cannot be had as it was packaged.
    """
    pool = locked(pool.pk)
    if pool.state == PoolState.REQUESTED:
        return list(pool.pledges.order_by("lessor_id"))
    _expect(pool, PoolState.APPROVED)
    if pool.facility.expires_on <= at.date():
        raise PackagingRefused(
            detail=gettext_noop("The facility expired on %(day)s."),
            mend=gettext_noop("Propose a new one."),
            params={"day": pool.facility.expires_on.isoformat()},
        )
    holder = current_tenant().pk
    try:
        reserve_rights(claim_ids=members_of(pool), right=RIGHT, holder=holder, at=at)
    except RightUnavailable as error:
        raise AssetsTaken(params={"count": len(error.claim_ids)}) from error
    pledges = [_pledge(pool, lessor, at) for lessor in _lessors(pool)]
    entries = append_entries(drafts=[_requested(pool, pledge, by, at) for pledge in pledges])
    for pledge, entry in zip(pledges, entries, strict=True):
        pledge.requested_index = entry.index
    Pledge.objects.bulk_create(pledges)
    pool.state = PoolState.REQUESTED
    pool.save(update_fields=["state"])
    return pledges


def _expect(pool: Pool, *states: PoolState) -> None:
    if pool.state not in states:
        raise WrongState(params={"state": pool.get_state_display()})


def _lessors(pool: Pool) -> list[UUID]:
    sources = pool.members.order_by("source").values_list("source", flat=True)
    return list(sources.distinct())


def _pledge(pool: Pool, lessor_id: UUID, at: datetime) -> Pledge:
    return Pledge(
        pool=pool, lessor_id=lessor_id, requested_at=at, expires_at=at + ANSWER_WITHIN
    )  # fmt: skip


def _requested(pool: Pool, pledge: Pledge, by: UUID, at: datetime) -> Draft:
    rids = [str(rid) for rid in members_of(pool, pledge.lessor_id)]
    fields = {
        "pool": str(pool.pk),
        "pool_name": pool.name,
        "facility": str(pool.facility_id),
        "form": pool.facility.form,
        "title_state": title_state(pool),
        "right": RIGHT,
        "leases": str(len(rids)),
        "price_minor": str(price_of(pool)[pledge.lessor_id]),
        "currency": pool.currency,
        "cut_off": pool.cut_off.isoformat(),
        "answer_by": pledge.expires_at.isoformat(),
        "requested_by": str(by),
    }
    items = item_table({"lease_rid": rids})
    return Draft.service(
        kind="pledge.requested", rid=pledge.rid, fields=fields, ts=at, items=items
    )  # fmt: skip


def price_of(pool: Pool) -> dict[UUID, int]:
    """The price split over the pool's lessors by their balances, to the cent."""
    balances: dict[UUID, int] = {}
    for source, balance in pool.members.values_list("source", "balance_minor"):
        balances[source] = balances.get(source, 0) + balance
    lessors = sorted(balances)
    shares = allocate_minor(pool.price_minor, [balances[lessor] for lessor in lessors])
    return dict(zip(lessors, shares, strict=True))


@retried()
@transaction.atomic
def purchase_pool(*, pool: Pool, by: UUID, at: datetime) -> Pool:
    """Perfect the rights once every lessor has accepted: the pool is ours.

    Refused while the last proof says that a right is another's, or did not hold. Repeating it
    changes nothing. Other rooms hear of it in the same transaction.
    """
    pool = locked(pool.pk)
    if pool.state == PoolState.PURCHASED:
        return pool
    _expect(pool, PoolState.REQUESTED)
    waiting = pool.pledges.exclude(state=PledgeState.ACCEPTED).count()
    if waiting:
        raise NotAccepted(
            detail=gettext_noop("%(count)s answers are open."),
            mend=gettext_noop("Wait for the answers, or cancel the pool."),
            params={"count": waiting},
        )
    check_titles(pool)
    state = title_state(pool)
    perfect_rights(
        claim_ids=members_of(pool), right=RIGHT, holder=current_tenant().pk, state=state, at=at
    )
    pool.state, pool.purchased_at = PoolState.PURCHASED, at
    pool.save(update_fields=["state", "purchased_at"])
    hooks.purchased(pool)
    _write_purchase(pool, state, by, at)
    return pool


def _write_purchase(pool: Pool, state: str, by: UUID, at: datetime) -> None:
    pledges, prices = list(pool.pledges.order_by("lessor_id")), price_of(pool)
    drafts = [_perfected(pool, pledge, prices[pledge.lessor_id], state, at) for pledge in pledges]
    entries = append_entries(drafts=[*drafts, _purchased(pool, state, by, at)])
    for pledge, entry in zip(pledges, entries, strict=False):
        pledge.state, pledge.perfected_index = PledgeState.PERFECTED, entry.index
    Pledge.objects.bulk_update(pledges, ["state", "perfected_index"])
    pool.purchased_index = entries[-1].index
    pool.save(update_fields=["purchased_index"])


def _perfected(pool: Pool, pledge: Pledge, price_minor: int, state: str, at: datetime) -> Draft:
    fields = {
        "pool": str(pool.pk),
        "lessor": str(pledge.lessor_id),
        "right": RIGHT,
        "title_state": state,
        "leases": str(pool.members.filter(source=pledge.lessor_id).count()),
        "price_minor": str(price_minor),
        "currency": pool.currency,
    }
    return Draft.service(kind="pledge.perfected", rid=pledge.rid, fields=fields, ts=at)


def _purchased(pool: Pool, state: str, by: UUID, at: datetime) -> Draft:
    fields = {
        "facility": str(pool.facility_id),
        "name": pool.name,
        "title_state": state,
        "assets": str(pool.assets),
        "balance_minor": str(pool.balance_minor),
        "price_minor": str(pool.price_minor),
        "currency": pool.currency,
        "cut_off": pool.cut_off.isoformat(),
        "seal": pool.seal,
        "purchased_by": str(by),
    }
    return Draft.service(kind="pool.purchased", rid=pool.pk, fields=fields, ts=at)


@retried()
@transaction.atomic
def cancel_pool(*, pool: Pool, by: UUID, at: datetime) -> Pool:
    """Give a pool up before it is purchased; what was reserved is free again. Repeatable."""
    pool = locked(pool.pk)
    if pool.state == PoolState.CANCELLED:
        return pool
    _expect(pool, *OPEN)
    give_up([pool], reason="cancelled", at=at, by=by)
    return pool


def expire_pledges(*, at: datetime) -> list[Pool]:
    """Give up every pool with a pledge that was not answered or not perfected in time."""
    pools = overdue(at).values_list("pool_id", flat=True)
    return [found for pk in sorted(set(pools)) if (found := _expire(pk, at)) is not None]


@retried()
@transaction.atomic
def _expire(pool_id: UUID, at: datetime) -> Pool | None:
    pool = locked(pool_id)
    if not overdue(at).filter(pool=pool).exists():
        return None  # answered or given up meanwhile
    give_up([pool], reason="expired", at=at)
    return pool
